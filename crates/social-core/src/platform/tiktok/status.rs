//! TikTok's `status/fetch`: the outcome of a task.

use std::time::Duration;

use super::checkpoint::{Step, Task, begin};
use super::chunks::ChunkPlan;
use super::options::{Context, PostMode};
use super::replies::{self, Status};
use super::{errors, webhook};
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::{Disposition, PlatformError, Progress, SessionUrl};

/// How many inits a result may use: the first, and two more if the one before provably published nothing.
const MOST_INITS: u8 = 3;
/// A day: moderation may take hours, and TikTok names no limit.
const UPLOAD_HORIZON: u64 = 24 * 60 * 60;
/// Two hours: TikTok limits its own download to one hour, and some downloads are known never to end.
const PULL_HORIZON: u64 = 2 * 60 * 60;
/// The pauses, in seconds, before checks for the id of a public post in moderation, or whether a draft was
/// posted. The webhook reports both as well.
const LOOKS: [u64; 5] = [60, 5 * 60, 15 * 60, 60 * 60, 6 * 60 * 60];

/// Twenty: how often in a row a chunk may fail. With the pauses in between, this is longer than the hour for
/// which TikTok keeps its URL open.
const MOST_RESYNCS: u8 = 20;
/// An hour, with a check every ten minutes: by then TikTok has counted what it received.
const DEAD_ADDRESS_HORIZON: u64 = 60 * 60;
const DEAD_ADDRESS_PAUSE: Duration = Duration::from_mins(10);

const STILL_PROCESSING: &str =
    "TikTok is still processing the video after a long time. Check the account, then tell us.";

/// Waits for the next status check: 5, 10, 20, 30 s, then every minute for half an hour, then every ten
/// minutes.
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

/// Decodes the status for the step that queried it.
pub(super) fn read(step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let status = replies::read::<Status>(reply)?;
    let (task, waited) = match &step {
        Step::Check { task, .. } => (task.clone(), 0),
        Step::Poll { task, waited } => (task.clone(), *waited),
        Step::Find { task, looks } => return Ok(found(task.clone(), *looks, &status, cx)),
        Step::Creator { .. } | Step::Init { .. } | Step::Upload { .. } | Step::Recall { .. } => {
            return Err(PlatformError::unreadable(reply));
        }
    };
    match status.name.as_str() {
        "PUBLISH_COMPLETE" => Ok(found(task, 0, &status, cx)),
        "SEND_TO_USER_INBOX" => Ok(in_inbox(task, 0)),
        // Whatever the reason, nothing was published, and its owner wants it stopped.
        "FAILED" if task.recalled => Ok(Progress::Recalled),
        "FAILED" => Ok(failed(&task, &status, reply, cx)),
        "PROCESSING_UPLOAD" => match step {
            Step::Check { to, offset, resyncs, whole_sent, waited, .. } => {
                let doubt = Doubted { task, to, offset, resyncs, whole_sent, waited };
                Ok(resume(doubt, status.uploaded_bytes, reply, cx))
            }
            _ => Ok(wait(task, waited)),
        },
        // PROCESSING_DOWNLOAD, and any status that TikTok adds: it is working. Whether it has the whole video
        // is another question, if that was the query.
        _ => match step {
            Step::Check { to, offset, resyncs, whole_sent, waited, .. } => {
                let doubt = Doubted { task, to, offset, resyncs, whole_sent, waited };
                Ok(ask_again(doubt, status.uploaded_bytes, reply, cx))
            }
            _ => Ok(wait(task, waited)),
        },
    }
}

/// Whether or not TikTok stops, the status reports the outcome.
pub(super) fn read_recall(task: Task, waited: u64, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    match replies::read_ack(reply) {
        Err(error) if error.status >= 500 || !is_no(&error) => Err(error),
        Ok(()) | Err(_) => Ok(Progress::Next(Step::Poll { task: Task { recalled: true, ..task }, waited })),
    }
}

fn is_no(error: &PlatformError) -> bool {
    matches!(error.disposition, Disposition::Permanent | Disposition::UserFixable | Disposition::Ambiguous)
}

/// An upload with a failed chunk.
struct Doubted {
    task: Task,
    to: Option<SessionUrl>,
    offset: u64,
    resyncs: u8,
    whole_sent: bool,
    waited: u64,
}

/// Queries again. Under an unknown status, a count of all bytes is still valid, but a lower count may mean
/// anything. In the end, only a task that was never sent completely is given up.
fn ask_again(doubted: Doubted, has: Option<u64>, reply: &Reply, cx: &Context<'_>) -> Progress<Step> {
    let is_whole = has.map_or(doubted.whole_sent, |has| has.saturating_add(1) >= doubted.task.size);
    let is_over = doubted.resyncs >= MOST_RESYNCS;
    if is_whole || (is_over && !doubted.whole_sent) {
        return resume(doubted, has, reply, cx);
    }
    let Doubted { task, to, offset, resyncs, whole_sent, waited } = doubted;
    let step = Step::Check { task, to, offset, resyncs: resyncs.saturating_add(1), whole_sent, waited };
    if is_over {
        return Progress::Doubt(step, "upload_interrupted", STILL_PROCESSING);
    }
    Progress::Wait(step, pause(resyncs))
}

/// Returns the pause: 5 s, doubling up to 5 min.
fn pause(resyncs: u8) -> Duration {
    Duration::from_secs(5 << resyncs.min(6))
}

/// Resumes where TikTok's count says, at the start of a chunk. TikTok does not document whether it counts
/// bytes or names the last one, so one byte less than the size means all of it.
fn resume(doubted: Doubted, has: Option<u64>, reply: &Reply, cx: &Context<'_>) -> Progress<Step> {
    let Doubted { task, to, offset, resyncs, whole_sent, waited } = doubted;
    let size = task.size;
    if has.is_some_and(|has| has.saturating_add(1) >= size) || (has.is_none() && whole_sent) {
        return wait(task, 0);
    }
    let start = ChunkPlan::new(size).chunk_at(has.unwrap_or(offset)).map_or(offset, |chunk| chunk.start);
    match to {
        Some(to) if !whole_sent && resyncs >= MOST_RESYNCS => {
            // Without its last byte the task publishes nothing, and no process will send that byte.
            drop(to);
            Progress::Restart(begin(&cx.publication, task.inits), give_up(&task, "upload_interrupted", reply))
        }
        Some(to) if resyncs >= MOST_RESYNCS => {
            let step = Step::Check { task, to: Some(to), offset, resyncs, whole_sent, waited };
            Progress::Doubt(step, "upload_interrupted", STILL_PROCESSING)
        }
        Some(to) => {
            let step = Step::Upload { task, to, offset: start, resyncs, whole_sent };
            match resyncs {
                0 | 1 => Progress::Next(step),
                _ => Progress::Wait(step, pause(resyncs - 2)),
            }
        }
        // The URL has expired. TikTok counts a video that has arrived long before an hour has passed.
        None if whole_sent && waited < DEAD_ADDRESS_HORIZON => {
            let waited = waited.saturating_add(DEAD_ADDRESS_PAUSE.as_secs());
            Progress::Wait(
                Step::Check { task, to: None, offset, resyncs, whole_sent, waited },
                DEAD_ADDRESS_PAUSE,
            )
        }
        // The task is incomplete for ever: it publishes nothing.
        None => {
            Progress::Restart(begin(&cx.publication, task.inits), give_up(&task, "upload_url_expired", reply))
        }
    }
}

/// Returns the error of a task that provably published nothing: start another one, unless that happened often
/// enough.
pub(super) fn give_up(task: &Task, code: &str, reply: &Reply) -> PlatformError {
    let disposition =
        if task.inits < MOST_INITS { Disposition::Retry { after: None } } else { Disposition::Permanent };
    PlatformError {
        code: code.to_owned(),
        status: reply.status,
        disposition,
        message: "The upload to TikTok didn't finish within the hour it allows. Check that the video's server is fast enough and try again.",
        log_id: None,
    }
}

fn failed(task: &Task, status: &Status, reply: &Reply, cx: &Context<'_>) -> Progress<Step> {
    let reason =
        status.fail_reason.as_deref().filter(|reason| !reason.is_empty()).unwrap_or("unknown_fail_reason");
    let mut error = PlatformError::sort(errors::FAIL_REASONS, Some(reason), None, reply);
    // `Retry` and `RefreshToken` in the table of fail reasons mean one more init; TikTok has ended the last one.
    if task.inits >= 2 {
        error.disposition = match error.disposition {
            Disposition::Retry { .. } => Disposition::Permanent,
            Disposition::RefreshToken => Disposition::Reconnect,
            other => other,
        };
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

/// Handles a published video, or a draft that may be published. A public post gets an id once it has passed
/// moderation; other posts never do. A status that lags behind does not turn our post into a draft.
fn found(task: Task, looks: u8, status: &Status, cx: &Context<'_>) -> Progress<Step> {
    let post_id = status.post_id().cloned();
    let options = cx.publication.options;
    if options.post_mode() == PostMode::MediaUpload && status.name != "PUBLISH_COMPLETE" && post_id.is_none()
    {
        return in_inbox(task, looks);
    }
    let named = task.handle.as_deref().zip(post_id.as_deref());
    let url = named.map(|(handle, post_id)| webhook::link(handle, post_id, cx.settings));
    let gets_an_id = post_id.is_none() && options.is_public();
    let receipt = Receipt { publish_id: Some(task.publish_id.clone()), post_id, url };
    Progress::Published(receipt, if gets_an_id { look_again(task, looks) } else { None })
}
