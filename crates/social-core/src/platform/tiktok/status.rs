//! TikTok's `status/fetch`: what became of a task.

use std::time::Duration;

use super::replies::{self, Status};
use super::step::{SessionUrl, Step, Task, begin, options_of};
use super::upload::ChunkPlan;
use super::{MOST_INITS, MOST_RESYNCS, errors, webhook};
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::{CallContext, Disposition, PlatformError, Progress};

/// A day: moderation may take hours, and TikTok promises no end.
const UPLOAD_HORIZON: u64 = 24 * 60 * 60;
/// Two hours: TikTok gives its own download one hour, and pulls that never end are known.
const PULL_HORIZON: u64 = 2 * 60 * 60;
/// When to look again for the id of a public post in moderation, or whether a draft has been posted, in seconds
/// after each other; the webhook tells of either as well.
const LOOKS: [u64; 5] = [60, 5 * 60, 15 * 60, 60 * 60, 6 * 60 * 60];

const STILL_PROCESSING: &str = "TikTok has not finished with the video after a long time. Look at the account's profile and say whether the video is there.";

/// Waits for the status for the next while: 5, 10, 20, 30 s, then every minute to half an hour, then every ten.
pub(super) fn wait(task: Task, waited: u64) -> Progress<Step> {
    let pause = match waited {
        0..5 => 5,
        5..15 => 10,
        15..35 => 20,
        35..65 => 30,
        65..1800 => 60,
        _ => 600,
    };
    let horizon = if task.pull { PULL_HORIZON } else { UPLOAD_HORIZON };
    let step = Step::Poll { task, waited: waited.saturating_add(pause) };
    if waited >= horizon {
        return Progress::Doubt(step, "still_processing", STILL_PROCESSING);
    }
    Progress::Wait(step, Duration::from_secs(pause))
}

/// Reads the status for whichever step asked.
pub(super) fn read(step: Step, reply: &Reply, cx: &CallContext<'_>) -> Result<Progress<Step>, PlatformError> {
    let status = match replies::read::<Status>(reply) {
        Ok(status) => status,
        // TikTok no longer knows the id. Nothing proves that nothing was published.
        Err(error)
            if error.disposition == Disposition::Ambiguous && error.status < 500 && is_verdict(&error) =>
        {
            return Ok(Progress::Doubt(step, "invalid_publish_id", error.message));
        }
        Err(error) => return Err(error),
    };
    let (task, waited) = match &step {
        Step::Check { task, .. } => (task.clone(), 0),
        Step::Poll { task, waited } => (task.clone(), *waited),
        Step::Find { task, looks } => return Ok(found(task.clone(), *looks, &status, cx)),
        Step::Creator { .. } | Step::Init { .. } | Step::Upload { .. } => {
            return Err(PlatformError::unreadable(reply));
        }
    };
    match status.name.as_str() {
        "PUBLISH_COMPLETE" => Ok(found(task, 0, &status, cx)),
        "SEND_TO_USER_INBOX" => Ok(in_inbox(task, 0)),
        "FAILED" => Ok(failed(&task, &status, reply, cx)),
        "PROCESSING_UPLOAD" => match step {
            Step::Check { to, offset, resyncs, .. } => {
                Ok(resume(task, to, offset, resyncs, &status, reply, cx))
            }
            _ => Ok(wait(task, waited)),
        },
        // PROCESSING_DOWNLOAD, and whatever TikTok may add: it is working on it.
        _ => Ok(wait(task, waited)),
    }
}

fn is_verdict(error: &PlatformError) -> bool {
    matches!(error.code.as_str(), "invalid_publish_id" | "token_not_authorized_for_specified_publish_id")
}

/// Goes on where TikTok's count says, at the beginning of a chunk.
fn resume(
    task: Task,
    to: Option<SessionUrl>,
    offset: u64,
    resyncs: u8,
    status: &Status,
    reply: &Reply,
    cx: &CallContext<'_>,
) -> Progress<Step> {
    let size = cx.publication.video.file.size;
    let has = status.uploaded_bytes.unwrap_or(offset);
    if has >= size {
        return wait(task, 0);
    }
    match (to, ChunkPlan::new(size).chunk_at(has)) {
        (Some(to), Some(chunk)) if resyncs < MOST_RESYNCS => {
            let step = Step::Upload { task, to, offset: chunk.start, resyncs };
            match resyncs {
                0 | 1 => Progress::Next(step),
                // 5 s doubling up to 5 min.
                _ => Progress::Wait(step, Duration::from_secs(5 << (resyncs - 2).min(6))),
            }
        }
        (Some(_), Some(_)) => {
            Progress::Restart(begin(&cx.publication, task.inits), give_up(&task, "upload_interrupted", reply))
        }
        // The address is dead and the task is not complete: it can publish nothing any more.
        _ => {
            Progress::Restart(begin(&cx.publication, task.inits), give_up(&task, "upload_url_expired", reply))
        }
    }
}

/// The error of a task that provably published nothing: begin again, unless that was done often enough.
pub(super) fn give_up(task: &Task, code: &str, reply: &Reply) -> PlatformError {
    let disposition =
        if task.inits < MOST_INITS { Disposition::Retry { after: None } } else { Disposition::Permanent };
    PlatformError {
        code: code.to_owned(),
        status: reply.status,
        disposition,
        message: "TikTok did not take the whole video within the hour it allows. Check that its address is fast enough and post it again.",
        log_id: None,
    }
}

fn failed(task: &Task, status: &Status, reply: &Reply, cx: &CallContext<'_>) -> Progress<Step> {
    let reason =
        status.fail_reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or("unknown_fail_reason");
    let mut error = PlatformError::sort(errors::FAIL_REASONS, Some(reason), None, reply);
    // "Retry" among the fail reasons means one more init; TikTok has given the last one up.
    if matches!(error.disposition, Disposition::Retry { .. }) && task.inits >= 2 {
        error.disposition = Disposition::Permanent;
    }
    Progress::Restart(begin(&cx.publication, task.inits), error)
}

/// A draft waits for its owner.
fn in_inbox(task: Task, looks: u8) -> Progress<Step> {
    let receipt = Receipt { publish_id: Some(task.publish_id.clone()), ..Receipt::default() };
    Progress::DeliveredToInbox(receipt, look_again(task, looks))
}

fn look_again(task: Task, looks: u8) -> Option<(Step, Duration)> {
    let pause = LOOKS.get(usize::from(looks))?;
    Some((Step::Find { task, looks: looks.saturating_add(1) }, Duration::from_secs(*pause)))
}

/// It is published. A public post gets an id once it has passed moderation; others never do.
fn found(task: Task, looks: u8, status: &Status, cx: &CallContext<'_>) -> Progress<Step> {
    let post_id = status.publicaly_available_post_id.first().cloned();
    if status.name != "PUBLISH_COMPLETE" && post_id.is_none() {
        return in_inbox(task, looks);
    }
    let named = task.handle.as_deref().zip(post_id.as_deref());
    let url = named.map(|(handle, post_id)| webhook::link(handle, post_id, cx.settings));
    let gets_an_id = post_id.is_none() && options_of(&cx.publication).is_public();
    let receipt = Receipt { publish_id: Some(task.publish_id.clone()), post_id, url };
    Progress::Published(receipt, if gets_an_id { look_again(task, looks) } else { None })
}
