//! A resumable session: the expected bytes, and how many have arrived.

use super::envelope::Refusal;
use super::metadata::Metadata;
use super::world::World;
use crate::fault::FaultKind;
use crate::random;
use crate::receiver::Taken;
use crate::request::{ContentRange, content_length, media_type};
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
    media_type: Option<String>,
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
    turn: u64,
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
            turn: 0,
        }
    }

    /// Reports whether a request names another total than announced. Only a client without an announcement
    /// may omit it.
    fn contradicts(&self, total: Option<u64>) -> bool {
        self.total.is_some() && total != self.total
    }

    /// Lets a request send the bytes up to `end`, and no other request from now on.
    fn ticket(&mut self, id: &str, end: u64, total: Option<u64>) -> Ticket {
        self.turn = self.turn.saturating_add(1);
        Ticket {
            id: id.into(),
            file: self.file.clone(),
            start: self.committed,
            end: Some(end),
            total,
            taken: self.taken.clone(),
            turn: self.turn,
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
    turn: u64,
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

impl World {
    pub(super) fn admit(&mut self, put: &Put<'_>, now: i64) -> Result<Admitted, NotTaken> {
        let gone = self.limits.dead_session_status;
        let caller = self.caller(put.token, now)?;
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
                if total.is_some() && session.contradicts(total) || length != 0 {
                    return Err(unparsed().into());
                }
                let committed = session.committed;
                return Ok(match &session.video {
                    Some(video) => Admitted::Done { video: video.clone() },
                    // A client that did not know the size says with this that the upload is complete.
                    None if session.total.is_none() && committed > 0 && total == Some(committed) => {
                        Admitted::Chunk(session.ticket(put.id, committed, total))
                    }
                    None => Admitted::Progress { committed },
                });
            }
            Some(ContentRange::Bytes { first, last, total }) => (first, last, total),
            None if put.headers.contains_key(header::CONTENT_RANGE) => return Err(unparsed().into()),
            // The whole file at once, without a range.
            None => (0, length.saturating_sub(1), Some(length)),
        };
        let end = last.saturating_add(1);
        let beyond = total.is_some_and(|total| end > total);
        if last < first || session.contradicts(total) || beyond || end - first != length {
            return Err(unparsed().into());
        }
        // A client need not repeat what it has announced; Google's own clients do not.
        let announced =
            session.media_type.as_deref().filter(|_| put.headers.contains_key(header::CONTENT_TYPE));
        if announced.is_some_and(|announced| media_type(put.headers) != announced) {
            return Err(Refusal::bad("Content-Type is not the one announced.").into());
        }
        if Some(end) != total && !length.is_multiple_of(GRANULE) {
            return Err(Refusal::bad("A chunk has to be a multiple of 262144 bytes.").into());
        }
        if session.video.is_some() || first != session.committed {
            return Err(Refusal::bad("The chunk does not begin where the last one ended.").into());
        }
        session.total = session.total.or(total);
        Ok(Admitted::Chunk(session.ticket(put.id, end, total)))
    }

    /// Lets the request that opened a session send its bytes too.
    pub(super) fn admit_all(&mut self, id: &str, length: Option<u64>) -> Option<Ticket> {
        let session = self.sessions.get_mut(id)?;
        Some(Ticket { end: length, ..session.ticket(id, 0, length) })
    }

    /// Returns the session if this PUT is the latest.
    pub(super) fn current(&mut self, ticket: &Ticket) -> Option<&mut Session> {
        let session = self.sessions.get_mut(&ticket.id)?;
        (session.turn == ticket.turn && session.video.is_none()).then_some(session)
    }

    /// Keeps the received bytes of a chunk, in whole units. Returns whether the PUT may continue. The very
    /// last bytes count only with the end of the request.
    pub(super) fn commit(&mut self, ticket: &Ticket, count: u64, taken: &Taken) -> bool {
        let Some(session) = self.current(ticket) else { return false };
        let reached = ticket.start.saturating_add(count);
        if count.is_multiple_of(GRANULE) && reached > session.committed && Some(reached) != ticket.total {
            session.committed = reached;
            session.taken = taken.clone();
        }
        true
    }

    /// Moves a session to another URL; returns its new id.
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
