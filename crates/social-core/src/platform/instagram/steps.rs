//! Instagram's state machine: its steps, and what follows from the responses to the first ones.

use std::time::Duration;

use super::calls::{self, sends_bytes};
use super::checkpoint::{Step, Task, Upload, begin};
use super::errors::{self, PUBLISHING};
use super::facts::Instagram;
use super::options::{Context, Options};
use super::replies::{Created, Media, Published, quota_of};
use super::status::{anew, poll};
use super::{list, status, verify};
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::model::Receipt;
use crate::platform::meta::{self, Refusal, UPLOAD, UPLOAD_HOST, UploadAnswer, quota, read, read_upload};
use crate::platform::{Disposition, PlatformError, Progress, Publication, SessionUrl, Shows, Steps};

impl Steps for Instagram {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Quota { .. } => "quota",
            Step::Create { .. } => "create",
            Step::Upload { .. } => "upload",
            Step::Poll { .. } => "poll",
            Step::Allowance { .. } => "allowance",
            Step::Publish { .. } => "publish",
            Step::Verify { .. } => "verify",
            Step::Search { .. } => "search",
            Step::Find { .. } => "find",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        let (task, committed) = match step {
            Step::Quota { .. } | Step::Create { .. } => return Shows::default(),
            Step::Upload { task, .. } | Step::Poll { task, .. } => (task, false),
            // If one call to publish was lost, the error of another proves nothing.
            Step::Allowance { task, sent } | Step::Publish { task, sent, .. } => (task, *sent > 0),
            Step::Verify { task, .. } | Step::Search { task, .. } | Step::Find { task, .. } => (task, true),
        };
        let bytes_sent = if let Step::Upload { offset, .. } = step { Some(*offset) } else { None };
        Shows { committed, recallable: false, bytes_sent, publish_id: Some(task.container.clone()) }
    }

    fn first(&self, _: &Publication<'_, Options>, _: &PlatformSettings) -> Step {
        begin(0)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        calls::call(step, cx)
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Quota { tries } => quota_read(tries, reply),
            Step::Create { tries } => created(tries, reply, cx),
            Step::Upload { task, to, offset, stalls } => uploaded(task, &to, offset, stalls, reply),
            Step::Poll { task, upload, waited, hidden } => {
                status::read(status::Watched { task, upload, waited, hidden }, reply)
            }
            Step::Allowance { task, sent } => allowance(task, sent, reply, cx),
            Step::Publish { task, .. } => published(&task, reply),
            Step::Verify { task, sent, since, waited, refused } => {
                verify::read(verify::Doubted { task, sent, since, waited, refused }, reply)
            }
            Step::Search { task, since, why } => list::read(task, since, why, reply, cx),
            Step::Find { task, media } => found(&task, media, reply),
        }
    }

    fn reconcile(&self, step: &Step, refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload { task, to, offset, stalls } => Some(ask(task, to, *offset, *stalls)),
            Step::Publish { task, sent, since } => Some(Step::Verify {
                task: task.clone(),
                sent: sent.saturating_add(1),
                since: *since,
                waited: 0,
                refused: refusal.map(Refusal::of),
            }),
            Step::Quota { .. }
            | Step::Create { .. }
            | Step::Poll { .. }
            | Step::Allowance { .. }
            | Step::Verify { .. }
            | Step::Search { .. }
            | Step::Find { .. } => Some(step.clone()),
        }
    }

    /// Bytes publish nothing. For `media_publish` no error is documented as decided before it publishes.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        matches!(step, Step::Upload { .. }) && meta::is_verdict(refusal)
    }
}

/// 2 s: the URL of a Reel exists as soon as the Reel is public.
const LOOK: Duration = Duration::from_secs(2);

/// Reports whether the account may publish now, by Instagram's number, never by ours.
fn has_room(reply: &Reply) -> Result<bool, PlatformError> {
    Ok(quota_of(reply)?.is_none_or(|(used, total)| used < total))
}

/// Holds the result because the quota is used up; it resumes at `step`.
fn full(step: Step, reply: &Reply) -> Progress<Step> {
    let disposition = quota(Duration::from_hours(1));
    let (code, message) = (errors::QUOTA.to_owned(), errors::FULL);
    Progress::Restart(step, PlatformError { code, status: reply.status, disposition, message, log_id: None })
}

const MODE_REFUSED: &str = "Instagram didn't accept the upload from this app. Contact support: INSTAGRAM_UPLOAD_MODE should be set to url.";

fn created(tries: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let created = match read::<Created>(PUBLISHING, reply) {
        Ok(created) => created,
        // Nothing was created. Another container may succeed: a few attempts.
        Err(error) if matches!(error.disposition, Disposition::Retry { .. }) && errors::is_of(&error) => {
            return Ok(anew(tries, error));
        }
        // The caption and the options also go with the other upload mode, which does not reject them.
        Err(error) if sends_bytes(cx) && error.code == "100" => {
            return Err(PlatformError { message: MODE_REFUSED, ..error });
        }
        Err(error) => return Err(error),
    };
    let task = Task { container: created.id, tries, size: cx.publication.video.file.size };
    if !sends_bytes(cx) {
        return Ok(poll(task, None, 0, 0, reply));
    }
    let stand_in = cx.settings.url(UPLOAD, "/");
    let to = created.uri.and_then(|uri| SessionUrl::trusted(&uri, UPLOAD_HOST, &stand_in));
    // A container without an allowed URL stays without a video, so it cannot be published.
    let to = to.ok_or_else(|| PlatformError::unreadable(reply))?;
    Ok(Progress::Next(Step::Upload { task, to, offset: 0, stalls: 0 }))
}

/// Returns the step that queries Meta's byte count after bytes failed again.
fn ask(task: &Task, to: &SessionUrl, offset: u64, stalls: u8) -> Step {
    let upload = Upload { to: to.clone(), offset, stalls: stalls.saturating_add(1), uncounted: false };
    Step::Poll { task: task.clone(), upload: Some(upload), waited: 0, hidden: 0 }
}

fn uploaded(
    task: Task,
    to: &SessionUrl,
    offset: u64,
    stalls: u8,
    reply: &Reply,
) -> Result<Progress<Step>, PlatformError> {
    match read_upload(reply)? {
        UploadAnswer::Whole => Ok(poll(task, None, 0, 0, reply)),
        UploadAnswer::Ask => Ok(Progress::Next(ask(&task, to, offset, stalls))),
        UploadAnswer::Unusable => Ok(anew(task.tries, meta::code_of(PUBLISHING, "2207053", reply))),
    }
}

/// Decodes the quota directly before publishing.
fn allowance(task: Task, sent: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    if has_room(reply)? {
        return Ok(Progress::Next(Step::Publish { task, sent, since: cx.now.timestamp() }));
    }
    // The container may expire before the quota frees up, so its status is queried first. That does not apply
    // if a call to publish it was lost: its outcome must not be forgotten.
    Ok(full(
        if sent > 0 {
            Step::Allowance { task, sent }
        } else {
            Step::Poll { task, upload: None, waited: 0, hidden: 0 }
        },
        reply,
    ))
}

fn published(task: &Task, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let published = read::<Published>(PUBLISHING, reply)?;
    // The id is stored first: the other data must not cost the publication.
    let receipt =
        Receipt { publish_id: Some(task.container.clone()), post_id: Some(published.id.clone()), url: None };
    let find = Step::Find { task: task.clone(), media: published.id };
    Ok(Progress::Published(receipt, Some((find, LOOK))))
}

/// Stores the Reel's URL; a missing one is no failure.
fn found(task: &Task, media: String, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let url = read::<Media>(PUBLISHING, reply)?.permalink;
    let receipt = Receipt { publish_id: Some(task.container.clone()), post_id: Some(media), url };
    Ok(Progress::Published(receipt, None))
}

/// Returns the first step after the quota was read.
fn quota_read(tries: u8, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    Ok(if has_room(reply)? { Progress::Next(Step::Create { tries }) } else { full(begin(tries), reply) })
}
