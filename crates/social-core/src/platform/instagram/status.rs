//! A container's status, before any call to publish it.

use std::time::Duration;

use super::checkpoint::{Step, Task, Upload, begin};
use super::errors::{self, PUBLISHING};
use super::replies::Status;
use crate::http::Reply;
use crate::platform::meta::{self, HIDDEN_HORIZON, pressed};
use crate::platform::{Disposition, PlatformError, Progress};

/// How many containers a result may use: the first, and two more if the one before provably published
/// nothing.
const MOST_CONTAINERS: u8 = 3;
/// A day: a container expires after that.
const HORIZON: u64 = 24 * 60 * 60;
/// Eight: how often in a row an upload of bytes may fail.
const MOST_STALLS: u8 = 8;
/// A quarter of an hour: a container without a byte count that is not finished by then lacks some bytes.
const UNCOUNTED: u64 = 15 * 60;

/// A container whose status is checked.
pub(super) struct Watched {
    pub(super) task: Task,
    pub(super) upload: Option<Upload>,
    pub(super) waited: u64,
    pub(super) hidden: u64,
}

/// Checks after a pause: 5, 15 and 30 s, then every minute, after half an hour every ten minutes. The pauses
/// are longer if the account's budget of calls is nearly used up.
pub(super) fn poll(
    task: Task,
    upload: Option<Upload>,
    waited: u64,
    hidden: u64,
    reply: &Reply,
) -> Progress<Step> {
    let pause = match waited {
        0..5 => 5,
        5..20 => 15,
        20..50 => 30,
        50..1_800 => 60,
        _ => 600,
    };
    let pause = pressed(Duration::from_secs(pause), reply);
    let waited = waited.saturating_add(pause.as_secs());
    Progress::Wait(Step::Poll { task, upload, waited, hidden }, pause)
}

/// Starts again with another container, unless that happened often enough. The one before was never visible.
pub(super) fn anew(tries: u8, mut error: PlatformError) -> Progress<Step> {
    let tries = tries.saturating_add(1);
    if matches!(error.disposition, Disposition::Retry { .. }) && tries >= MOST_CONTAINERS {
        error.disposition = match error.code.as_str() {
            // An object that Instagram never finds may be hidden from this token.
            errors::MISSING => Disposition::Reconnect,
            _ => Disposition::Permanent,
        };
    }
    Progress::Restart(begin(tries), error)
}

/// Decodes the status of a container before any call to publish it.
pub(super) fn read(watched: Watched, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let Watched { task, upload, waited, hidden } = watched;
    let status = match meta::read::<Status>(PUBLISHING, reply) {
        Ok(status) => status,
        // Graph is known not to find containers for minutes and longer.
        Err(error) if is_hidden(&error) => {
            let Progress::Wait(step, pause) = poll(task.clone(), upload, waited, hidden, reply) else {
                return Err(error);
            };
            let hidden = hidden.saturating_add(pause.as_secs());
            if hidden >= HIDDEN_HORIZON.as_secs() {
                return Ok(anew(
                    task.tries,
                    PlatformError { disposition: Disposition::Retry { after: None }, ..error },
                ));
            }
            return Ok(Progress::Wait(with_hidden(step, hidden), pause));
        }
        Err(error) => {
            return match upload {
                // That version does not know the field with the byte count.
                Some(upload) if !upload.uncounted && error.code == "100" => {
                    Ok(uncounted(task, upload, waited, reply))
                }
                Some(_) | None => Err(error),
            };
        }
    };
    Ok(match status.name.as_str() {
        "FINISHED" => Progress::Next(Step::Allowance { task, sent: 0 }),
        // Only we know the container, so we published it, and the records were lost.
        "PUBLISHED" => super::list::bind(task, 0),
        "ERROR" => anew(task.tries, status.error(reply)),
        "EXPIRED" => anew(task.tries, meta::code_of(PUBLISHING, errors::EXPIRED, reply)),
        _ if waited >= HORIZON => anew(task.tries, meta::code_of(PUBLISHING, errors::EXPIRED, reply)),
        // IN_PROGRESS, and any status that Instagram adds.
        _ => match upload {
            Some(upload) => resume(task, upload, waited, &status, reply),
            None => poll(task, None, waited, 0, reply),
        },
    })
}

pub(super) fn is_hidden(error: &PlatformError) -> bool {
    matches!(error.code.as_str(), "100/33" | errors::MISSING | errors::UNKNOWN)
}

fn with_hidden(step: Step, hidden: u64) -> Step {
    match step {
        Step::Poll { task, upload, waited, .. } => Step::Poll { task, upload, waited, hidden },
        other => other,
    }
}

fn interrupted(reply: &Reply) -> PlatformError {
    PlatformError {
        code: "upload_interrupted".to_owned(),
        status: reply.status,
        disposition: Disposition::Retry { after: None },
        message: "The upload to Instagram kept getting interrupted. Check that the video's server is fast enough and try again.",
        log_id: None,
    }
}

/// Handles an unknown byte count. All bytes may have arrived: the container then finishes on its own.
fn uncounted(task: Task, upload: Upload, waited: u64, reply: &Reply) -> Progress<Step> {
    if waited >= UNCOUNTED {
        return anew(task.tries, interrupted(reply));
    }
    poll(task, Some(Upload { uncounted: true, ..upload }), waited, 0, reply)
}

/// Resumes at the byte count of the status. Without a count, a new container costs nothing visible.
fn resume(task: Task, upload: Upload, waited: u64, status: &Status, reply: &Reply) -> Progress<Step> {
    let phase = status.upload.as_ref().and_then(|status| status.uploading_phase.as_ref());
    let counted = phase.and_then(|phase| phase.bytes_transferred.or(phase.bytes_transfered));
    let Upload { offset, stalls, .. } = upload;
    match counted {
        Some(has) if has >= task.size => poll(task, None, 0, 0, reply),
        Some(has) if has > offset => {
            Progress::Next(Step::Upload { task, to: upload.to, offset: has, stalls: 0 })
        }
        Some(_) if stalls >= MOST_STALLS => anew(task.tries, interrupted(reply)),
        Some(has) => {
            let step = Step::Upload { task, to: upload.to, offset: has, stalls };
            match stalls {
                0 | 1 => Progress::Next(step),
                // 5 s, doubling up to 5 min.
                _ => Progress::Wait(step, Duration::from_secs(5 << (stalls - 2).min(6))),
            }
        }
        None => uncounted(task, upload, waited, reply),
    }
}
