//! Reads Facebook's responses to a start, to bytes and to a finish.

use serde::Deserialize;

use super::Context;
use super::errors::{self, PUBLISHING};
use super::poll;
use super::status::anew;
use super::step::{Clip, Sending, Step};
use crate::http::Reply;
use crate::platform::meta::{
    self, GraphError, UPLOAD, UPLOAD_HOST, UploadAnswer, failure, read, read_upload,
};
use crate::platform::{PlatformError, Progress, SessionUrl, members};

/// The response to either start.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Started {
    #[serde(deserialize_with = "members::id")]
    video_id: Option<String>,
    upload_url: Option<String>,
    #[serde(deserialize_with = "members::id")]
    upload_session_id: Option<String>,
    #[serde(deserialize_with = "members::count")]
    start_offset: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    end_offset: Option<u64>,
}

impl Started {
    fn next(&self) -> Piece {
        Piece { start_offset: self.start_offset, end_offset: self.end_offset }
    }
}

/// The piece that is expected next; numbers, written as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Piece {
    #[serde(deserialize_with = "members::count")]
    start_offset: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    end_offset: Option<u64>,
}

impl Piece {
    fn range(&self) -> Option<(u64, u64)> {
        self.start_offset.zip(self.end_offset).filter(|(start, end)| start <= end)
    }
}

pub(super) fn started(tries: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let unreadable = || PlatformError::unreadable(reply);
    let started = read::<Started>(PUBLISHING, reply)?;
    let size = cx.publication.video.file.size;
    let next = started.next();
    let sending = match (started.upload_url, started.upload_session_id) {
        (Some(url), _) => {
            // A video without an allowed URL stays without bytes, which is never visible.
            let stand_in = cx.settings.url(UPLOAD, "/");
            let to = SessionUrl::trusted(&url, UPLOAD_HOST, &stand_in).ok_or_else(unreadable)?;
            Sending::Reel { to, offset: 0 }
        }
        (None, Some(session)) => {
            let (start, end) = next.range().ok_or_else(unreadable)?;
            Sending::Pieces { session, start, end: end.min(size) }
        }
        (None, None) => return Err(unreadable()),
    };
    let video = started.video_id.ok_or_else(unreadable)?;
    Ok(Progress::Next(Step::Upload { clip: Clip { video, sending, tries, size }, stalls: 0 }))
}

/// Returns the step that queries Facebook's byte count after bytes failed again.
pub(super) fn ask(clip: &Clip, stalls: u8) -> Step {
    Step::Check { clip: clip.clone(), stalls: stalls.saturating_add(1), waited: 0 }
}

pub(super) fn uploaded(clip: Clip, stalls: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    if let Sending::Pieces { .. } = clip.sending {
        return piece(clip, stalls, reply);
    }
    Ok(match read_upload(reply)? {
        UploadAnswer::Whole => {
            // "Success" means that the bytes were accepted; the status shows whether they are complete.
            let size = clip.size;
            let clip = Clip { sending: clip.sending.from(size, size), ..clip };
            Progress::Next(Step::Check { clip, stalls, waited: 0 })
        }
        UploadAnswer::Ask => Progress::Next(ask(&clip, stalls)),
        UploadAnswer::Unusable => anew(&clip, meta::code_of(PUBLISHING, "6000", reply)),
    })
}

/// Reads the next expected piece after a piece was sent.
fn piece(clip: Clip, stalls: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let next = if let Some(error) = GraphError::of(reply) {
        let refused = failure(PUBLISHING, &error, reply);
        if !matches!(refused.code.as_str(), "6001" | errors::WRONG_OFFSET | errors::TIMED_OUT) {
            return Err(refused);
        }
        // Facebook expects another offset, and may name it.
        let next = error.data::<Piece>().range();
        let Some(next) = next else { return Ok(Progress::Next(ask(&clip, stalls))) };
        next
    } else {
        let next = read::<Piece>(PUBLISHING, reply)?;
        next.range().ok_or_else(|| PlatformError::unreadable(reply))?
    };
    let (start, end) = next;
    if start >= clip.size || start == end {
        return Ok(Progress::Next(Step::Finish { clip, sent: 0 }));
    }
    if start <= clip.sending.offset() && stalls > 0 {
        // The same piece again: the status may know better.
        return Ok(Progress::Next(ask(&clip, stalls)));
    }
    let stalls = if start > clip.sending.offset() { 0 } else { stalls.saturating_add(1) };
    let Sending::Pieces { session, .. } = clip.sending else { return Err(PlatformError::unreadable(reply)) };
    let sending = Sending::Pieces { session, start, end: end.min(clip.size) };
    Ok(Progress::Next(Step::Upload { clip: Clip { sending, ..clip }, stalls }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Finished {
    #[serde(deserialize_with = "members::flag")]
    success: Option<bool>,
}

pub(super) fn finished(clip: Clip, sent: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let now_sent = sent.saturating_add(1);
    Ok(match read::<Finished>(PUBLISHING, reply)? {
        Finished { success: Some(true) } => poll::taken(clip, now_sent, reply),
        // The response does not tell.
        Finished { .. } => Progress::Next(poll::doubted(clip, now_sent, None)),
    })
}
