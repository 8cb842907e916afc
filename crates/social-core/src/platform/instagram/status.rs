//! A container's status, before anybody has asked to publish it.

use std::time::Duration;

use serde::Deserialize;

use super::errors::{self, PUBLISHING};
use super::step::{Step, Task, Upload, begin};
use crate::http::Reply;
use crate::platform::meta::{self, HIDDEN_HORIZON, numbers_in, pressed};
use crate::platform::{Disposition, PlatformError, Progress, members};

/// How many containers a result may take: the first, and two more where the one before provably published nothing.
const MOST_CONTAINERS: u8 = 3;
/// A day: a container lives no longer.
const HORIZON: u64 = 24 * 60 * 60;
/// Eight: how often in a row bytes may come to nothing.
const MOST_STALLS: u8 = 8;
/// A quarter of an hour: a container that does not count its bytes and is not finished by then lacks some.
const UNCOUNTED: u64 = 15 * 60;

/// The answer to a look at a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(rename = "status_code")]
    pub(super) name: String,
    #[serde(rename = "status")]
    sentence: String,
    /// How far an upload has come: in Meta's specifications, described on none of its pages.
    #[serde(rename = "video_status")]
    upload: Option<UploadStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct UploadStatus {
    uploading_phase: Option<UploadingPhase>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct UploadingPhase {
    #[serde(deserialize_with = "members::count")]
    bytes_transferred: Option<u64>,
    /// The same, as Meta's documents spell it.
    #[serde(deserialize_with = "members::count")]
    bytes_transfered: Option<u64>,
}

impl Status {
    /// The error of a container that failed: the code is in the sentence beside.
    pub(super) fn error(&self, reply: &Reply) -> PlatformError {
        let known = |code: &&str| PUBLISHING.iter().any(|(known, ..)| known == code);
        match numbers_in(&self.sentence).find(known) {
            Some(code) => meta::code_of(PUBLISHING, code, reply),
            // A number that our table does not know is shown all the same.
            None => PlatformError {
                code: numbers_in(&self.sentence).next().unwrap_or("container_error").to_owned(),
                status: reply.status,
                disposition: Disposition::Retry { after: Some(Duration::from_mins(1)) },
                message: "Instagram couldn't process the video. Export it as MP4 (H.264, AAC) and try again.",
                log_id: None,
            },
        }
    }
}

/// A container that is being watched.
pub(super) struct Watched {
    pub(super) task: Task,
    pub(super) upload: Option<Upload>,
    pub(super) waited: u64,
    pub(super) hidden: u64,
}

/// Asks after a while: 5, 15 and 30 s, then every minute, after half an hour every ten; rarer where the account's
/// budget of calls is nearly spent.
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

/// Begins anew with another container, unless that was done often enough: nobody has seen the one before.
pub(super) fn anew(tries: u8, mut error: PlatformError) -> Progress<Step> {
    let tries = tries.saturating_add(1);
    if matches!(error.disposition, Disposition::Retry { .. }) && tries >= MOST_CONTAINERS {
        error.disposition = match error.code.as_str() {
            // What Instagram keeps not finding, it may not show to this token.
            errors::MISSING => Disposition::Reconnect,
            _ => Disposition::Permanent,
        };
    }
    Progress::Restart(begin(tries), error)
}

/// Reads the status of a container that nobody has asked to publish yet.
pub(super) fn read(watched: Watched, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let Watched { task, upload, waited, hidden } = watched;
    let status = match meta::read::<Status>(PUBLISHING, reply) {
        Ok(status) => status,
        // Graph is known to lose sight of containers for minutes and longer.
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
                // The field that counts bytes is not known there.
                Some(upload) if !upload.uncounted && error.code == "100" => {
                    Ok(uncounted(task, upload, waited, reply))
                }
                Some(_) | None => Err(error),
            };
        }
    };
    Ok(match status.name.as_str() {
        "FINISHED" => Progress::Next(Step::Allowance { task, sent: 0 }),
        // Nobody but us knows the container, so it was us: a publication whose traces were lost.
        "PUBLISHED" => super::list::bind(task, 0),
        "ERROR" => anew(task.tries, status.error(reply)),
        "EXPIRED" => anew(task.tries, meta::code_of(PUBLISHING, errors::EXPIRED, reply)),
        _ if waited >= HORIZON => anew(task.tries, meta::code_of(PUBLISHING, errors::EXPIRED, reply)),
        // IN_PROGRESS, and whatever Instagram may add.
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

/// Nobody says how many bytes arrived. Perhaps all of them: a container that has them finishes by itself.
fn uncounted(task: Task, upload: Upload, waited: u64, reply: &Reply) -> Progress<Step> {
    if waited >= UNCOUNTED {
        return anew(task.tries, interrupted(reply));
    }
    poll(task, Some(Upload { uncounted: true, ..upload }), waited, 0, reply)
}

/// Goes on where the status counts. Where it does not count, a new container costs nothing that anybody sees.
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
                // 5 s doubling up to 5 min.
                _ => Progress::Wait(step, Duration::from_secs(5 << (stalls - 2).min(6))),
            }
        }
        None => uncounted(task, upload, waited, reply),
    }
}
