//! Which PUTs may send bytes to which session.

use super::envelope::Refusal;
use super::scopes::UPLOADING;
use super::session::{Admitted, GRANULE, NotTaken, Put, Session, Ticket};
use super::world::World;
use crate::random;
use crate::receiver::Taken;
use crate::request::{ContentRange, content_length, media_type};
use http::header;

impl World {
    pub(super) fn admit(&mut self, put: &Put<'_>, now: i64) -> Result<Admitted, NotTaken> {
        let gone = self.limits.dead_session_status;
        let caller = self.caller(put.token, now)?;
        caller.needs(&UPLOADING)?;
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
        (session.request == ticket.request && session.video.is_none()).then_some(session)
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
