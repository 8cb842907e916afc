//! A resumable session: what is expected, and how much of it is here.

use super::envelope::Refusal;
use super::metadata::Metadata;
use super::world::World;
use crate::fault::FaultKind;
use crate::random;
use crate::receiver::Taken;
use crate::request::{self, ContentRange, content_length, media_type};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

/// What chunks are multiples of, all but the last, and what of a cut one is kept.
pub(super) const GRANULE: u64 = 262_144;

/// One session.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(super) channel: String,
    pub(super) metadata: Metadata,
    pub(super) parts: Vec<String>,
    pub(super) total: u64,
    media_type: String,
    pub(super) file_name: Option<String>,
    /// The name of its file, where files are kept.
    pub(super) file: String,
    pub(super) committed: u64,
    pub(super) taken: Taken,
    pub(super) expires_at: i64,
    /// The video it has become.
    pub(super) video: Option<String>,
    /// What is to happen to that video.
    pub(super) faults: Vec<FaultKind>,
    /// Which PUT may write: the latest one.
    #[serde(skip)]
    turn: u64,
}

impl Session {
    pub(super) fn new(
        channel: String,
        metadata: Metadata,
        parts: Vec<String>,
        total: u64,
        media_type: String,
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
            turn: 0,
        }
    }
}

/// A PUT as it came.
pub(super) struct Put<'a> {
    pub(super) id: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) range: Option<ContentRange>,
}

/// What a PUT may do.
pub(super) enum Admitted {
    /// It is told how much is here, from 0: 308.
    Progress { committed: u64 },
    /// It is told what has become of the upload.
    Done { video: String },
    /// It may send bytes.
    Chunk(Ticket),
}

/// Bytes that may come in.
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) total: u64,
    pub(super) taken: Taken,
    turn: u64,
}

/// Why a PUT gets nowhere.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// Nobody knows the session, or not any more.
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
            // The upload hosts answer without the API's envelope here.
            Self::Gone(status) => {
                plain(StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND), "Not Found")
            }
            Self::LengthRequired => plain(StatusCode::LENGTH_REQUIRED, "<h1>411 Length Required</h1>"),
            Self::Refused(refusal) => refusal.into_response(),
        }
    }
}

impl World {
    pub(super) fn admit(&mut self, put: &Put<'_>, now: i64) -> Result<Admitted, NotTaken> {
        let gone = self.limits.dead_session_status;
        let caller = self.caller(request::bearer(put.headers), now)?;
        caller.needs(&super::UPLOADING)?;
        let session = self.sessions.get_mut(put.id).filter(|session| session.expires_at > now);
        let Some(session) = session else { return Err(NotTaken::Gone(gone)) };
        if caller.channel.as_ref() != Some(&session.channel) {
            return Err(Refusal::new(403, "forbidden", "Forbidden").in_domain("global").into());
        }
        if put.headers.contains_key(header::TRANSFER_ENCODING) {
            return Err(NotTaken::LengthRequired);
        }
        let Some(length) = content_length(put.headers) else { return Err(NotTaken::LengthRequired) };
        let (first, last, total) = match put.range {
            Some(ContentRange::Nothing { total }) => {
                if total != session.total || length != 0 {
                    return Err(unparsed().into());
                }
                return Ok(match &session.video {
                    Some(video) => Admitted::Done { video: video.clone() },
                    None => Admitted::Progress { committed: session.committed },
                });
            }
            Some(ContentRange::Bytes { first, last, total }) => (first, last, total),
            None if put.headers.contains_key(header::CONTENT_RANGE) => return Err(unparsed().into()),
            // One shot: the whole file, without saying so.
            None => (0, length.saturating_sub(1), length),
        };
        let end = last.saturating_add(1);
        if last < first || total != session.total || end > total || end - first != length {
            return Err(unparsed().into());
        }
        if media_type(put.headers) != session.media_type {
            return Err(Refusal::bad("Content-Type is not the one announced.").into());
        }
        if end < total && !length.is_multiple_of(GRANULE) {
            return Err(Refusal::bad("A chunk has to be a multiple of 262144 bytes.").into());
        }
        if session.video.is_some() || first != session.committed {
            return Err(Refusal::bad("The chunk does not begin where the last one ended.").into());
        }
        session.turn = session.turn.saturating_add(1);
        Ok(Admitted::Chunk(Ticket {
            id: put.id.into(),
            file: session.file.clone(),
            start: first,
            end,
            total,
            taken: session.taken.clone(),
            turn: session.turn,
        }))
    }

    /// The session, as long as this PUT is the latest.
    pub(super) fn current(&mut self, ticket: &Ticket) -> Option<&mut Session> {
        let session = self.sessions.get_mut(&ticket.id)?;
        (session.turn == ticket.turn && session.video.is_none()).then_some(session)
    }

    /// Keeps what is here of a chunk, in whole granules; whether the PUT may go on. The very last bytes count
    /// only together with the end of the request.
    pub(super) fn commit(&mut self, ticket: &Ticket, count: u64, taken: &Taken) -> bool {
        let Some(session) = self.current(ticket) else { return false };
        let reached = ticket.start.saturating_add(count);
        if count.is_multiple_of(GRANULE) && reached > session.committed && reached < ticket.total {
            session.committed = reached;
            session.taken = taken.clone();
        }
        true
    }

    /// Lets a session go on at another address; answers its new id.
    pub(super) fn relocate(&mut self, id: &str) -> Option<String> {
        let session = self.sessions.remove(id)?;
        let fresh = format!("ADPycd{}", random::text(90));
        self.sessions.insert(fresh.clone(), session);
        Some(fresh)
    }
}

fn unparsed() -> Refusal {
    Refusal::bad("Failed to parse Content-Range header.")
}
