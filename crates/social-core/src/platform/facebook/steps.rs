//! Facebook's state machine: its steps, and what follows from the responses to a start, to bytes and to a finish.

use super::attempts::anew;
use super::calls;
use super::checkpoint::{Clip, Sending, Step};
use super::errors::{self, PUBLISHING};
use super::facts::Facebook;
use super::options::{Context, Publication};
use super::replies::{Finished, Piece, Started};
use super::{check, poll};
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::platform::meta::{
    self, GraphError, UPLOAD, UPLOAD_HOST, UploadAnswer, failure, read, read_upload,
};
use crate::platform::{PlatformError, Progress, SessionUrl, Shows, Steps};

impl Steps for Facebook {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Start { .. } => "start",
            Step::Upload { .. } => "upload",
            Step::Check { .. } => "check",
            Step::Finish { .. } => "finish",
            Step::Poll { .. } => "poll",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        let (clip, committed) = match step {
            Step::Start { .. } => return Shows::default(),
            Step::Upload { clip, .. } | Step::Check { clip, .. } => (clip, false),
            // If one finish was lost, the error of another proves nothing.
            Step::Finish { clip, sent } => (clip, *sent > 0),
            Step::Poll { clip, .. } => (clip, true),
        };
        let bytes_sent = (!committed).then(|| clip.sending.offset());
        Shows { committed, recallable: false, bytes_sent, publish_id: Some(clip.video.clone()) }
    }

    fn first(&self, _: &Publication<'_>, _: &PlatformSettings) -> Step {
        Step::Start { tries: 0 }
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        calls::call(step, cx)
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Start { tries } => started(tries, reply, cx),
            Step::Upload { clip, stalls } => uploaded(clip, stalls, reply),
            Step::Check { clip, stalls, waited } => check::read(clip, stalls, waited, reply),
            Step::Finish { clip, sent } => finished(clip, sent, reply),
            Step::Poll { clip, watch } => poll::read(clip, watch, reply, cx),
        }
    }

    fn reconcile(&self, step: &Step, refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload { clip, stalls } => Some(ask(clip, *stalls)),
            Step::Finish { clip, sent } => Some(poll::doubted(clip.clone(), sent.saturating_add(1), refusal)),
            Step::Start { .. } | Step::Check { .. } | Step::Poll { .. } => Some(step.clone()),
        }
    }

    /// Bytes publish nothing. For a finish no error is documented as decided before it publishes.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        matches!(step, Step::Upload { .. }) && meta::is_verdict(refusal)
    }
}

fn started(tries: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
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
fn ask(clip: &Clip, stalls: u8) -> Step {
    Step::Check { clip: clip.clone(), stalls: stalls.saturating_add(1), waited: 0 }
}

fn uploaded(clip: Clip, stalls: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
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

fn finished(clip: Clip, sent: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let now_sent = sent.saturating_add(1);
    Ok(match read::<Finished>(PUBLISHING, reply)? {
        Finished { success: Some(true) } => poll::taken(clip, now_sent, reply),
        // The response does not tell.
        Finished { .. } => Progress::Next(poll::doubted(clip, now_sent, None)),
    })
}
