//! A resumable session: the expected bytes, and how many have arrived.

use super::envelope::Refusal;
use super::metadata::Metadata;
use crate::fault::FaultKind;
use crate::random;
use crate::receiver::Taken;
use crate::request::ContentRange;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

/// The unit of chunks, except the last; of an interrupted chunk, whole units are kept.
pub(super) const GRANULE: u64 = 262_144;

/// One session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(super) channel: String,
    pub(super) metadata: Metadata,
    pub(super) parts: Vec<String>,
    /// The total number of bytes, once known.
    pub(super) total: Option<u64>,
    /// Their content type, if announced.
    pub(super) media_type: Option<String>,
    pub(super) file_name: Option<String>,
    /// The name of its file, if files are stored.
    pub(super) file: String,
    pub(super) committed: u64,
    pub(super) taken: Taken,
    pub(super) expires_at: i64,
    /// The video created from it.
    pub(super) video: Option<String>,
    /// The faults of that video.
    pub(super) faults: Vec<FaultKind>,
    /// Which PUT may write: the latest one.
    #[serde(skip)]
    pub(super) request: u64,
}

impl Session {
    pub(super) fn new(
        channel: String,
        metadata: Metadata,
        parts: Vec<String>,
        total: Option<u64>,
        media_type: Option<String>,
        expires_at: i64,
    ) -> Self {
        Self {
            channel,
            metadata,
            parts,
            total,
            media_type,
            file_name: None,
            file: format!("yt-{}", random::text(24)),
            committed: 0,
            taken: Taken::default(),
            expires_at,
            video: None,
            faults: Vec::new(),
            request: 0,
        }
    }

    /// Reports whether a request names another total than announced. Only a client without an announcement
    /// may omit it.
    pub(super) fn contradicts(&self, total: Option<u64>) -> bool {
        self.total.is_some() && total != self.total
    }

    /// Lets a request send the bytes up to `end`, and no other request from now on.
    pub(super) fn ticket(&mut self, id: &str, end: u64, total: Option<u64>) -> Ticket {
        self.request = self.request.saturating_add(1);
        Ticket {
            id: id.into(),
            file: self.file.clone(),
            start: self.committed,
            end: Some(end),
            total,
            taken: self.taken.clone(),
            request: self.request,
        }
    }
}

/// A PUT as received.
pub(super) struct Put<'a> {
    pub(super) id: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) range: Option<ContentRange>,
}

/// The outcome of a PUT's headers.
pub(super) enum Admitted {
    /// The response is the byte count, from 0: 308.
    Progress { committed: u64 },
    /// The response is the outcome of the upload.
    Done { video: String },
    /// The request may send bytes.
    Chunk(Ticket),
}

/// Bytes that are accepted.
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) start: u64,
    /// The end of the request, if it says so.
    pub(super) end: Option<u64>,
    /// The size of the video, if known.
    pub(super) total: Option<u64>,
    pub(super) taken: Taken,
    pub(super) request: u64,
}

/// Explains why a PUT is rejected.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// The session is unknown or has expired.
    Gone(u16),
    LengthRequired,
    Refused(Refusal),
}

impl From<Refusal> for NotTaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        let plain = |status, text: &'static str| {
            (status, [(header::CONTENT_TYPE, "text/html; charset=UTF-8")], text).into_response()
        };
        match self {
            // The upload hosts respond without the API's envelope here.
            Self::Gone(status) => {
                plain(StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND), "Not Found")
            }
            Self::LengthRequired => plain(StatusCode::LENGTH_REQUIRED, "<h1>411 Length Required</h1>"),
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}
