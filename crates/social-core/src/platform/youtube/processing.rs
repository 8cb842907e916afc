//! The status of a video once YouTube has all of it (`videos.list`, `status.uploadStatus`).

use std::time::Duration;

use super::checkpoint::Step;
use super::errors;
use super::facts::WWW;
use super::options::Context;
use super::replies::{self, List, Video};
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::{Disposition, PlatformError, Progress};

/// A day: processing may take hours, and YouTube names no limit.
const HORIZON: u64 = 24 * 60 * 60;
/// Ten minutes: for that long, YouTube may not find a new video.
const MISSING: u64 = 10 * 60;

const STILL_PROCESSING: &str =
    "YouTube is still processing the video after a day. Check YouTube Studio, then tell us.";
const NOT_FOUND: &str =
    "YouTube accepted the video but can't find it any more. Check YouTube Studio, then tell us.";
const DELETED: &str =
    "The video was deleted on YouTube before it was published. If that was a mistake, try again.";

/// Returns the status check, and the pause before it.
pub(super) fn begin_polling(video: String, opens: u8) -> Progress<Step> {
    wait(video, opens, 0, 0, false)
}

/// 5, 10, 20, 30 s, then every minute for ten minutes, every five for an hour, every half hour after that. A
/// video that takes a day uses some seventy of ten thousand quota units.
fn pause_after(waited: u64) -> u64 {
    match waited {
        0..5 => 5,
        5..15 => 10,
        15..35 => 20,
        35..65 => 30,
        65..600 => 60,
        600..3_600 => 300,
        _ => 1_800,
    }
}

fn wait(video: String, opens: u8, waited: u64, missing: u64, seen: bool) -> Progress<Step> {
    let pause = pause_after(waited);
    let step = Step::Poll { video, opens, waited: waited.saturating_add(pause), missing, seen };
    if waited >= HORIZON {
        return Progress::Doubt(step, "still_processing", STILL_PROCESSING);
    }
    Progress::Wait(step, Duration::from_secs(pause))
}

/// The query, and the data so far.
pub(super) struct Asked {
    pub(super) video: String,
    pub(super) opens: u8,
    pub(super) waited: u64,
    pub(super) missing: u64,
    pub(super) seen: bool,
}

/// Decodes the video's status.
pub(super) fn read(asked: Asked, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let Asked { video, opens, waited, missing, seen } = asked;
    let found = replies::read::<List<Video>>(reply)?.items.into_iter().find(|item| item.id == video);
    let Some(found) = found else {
        return Ok(match (missing >= MISSING, seen) {
            (false, _) => {
                let missing = missing.saturating_add(pause_after(waited));
                wait(video, opens, waited, missing, seen)
            }
            (true, true) => over(opens, "video_deleted", DELETED, reply),
            // It may appear later.
            (true, false) => {
                let step = Step::Poll { video, opens, waited, missing: 0, seen };
                Progress::Doubt(step, "video_not_found", NOT_FOUND)
            }
        });
    };
    let reason = found.status.failure_reason.or(found.status.rejection_reason);
    Ok(match found.status.upload_status.as_str() {
        "processed" => Progress::Published(receipt(&video, cx), None),
        "failed" | "rejected" => refused(opens, reason.as_deref(), reply),
        "deleted" => over(opens, "video_deleted", DELETED, reply),
        // "uploaded", and any status that YouTube adds: it is working.
        _ => wait(video, opens, waited, 0, true),
    })
}

fn receipt(video: &str, cx: &Context<'_>) -> Receipt {
    let mut url = cx.settings.url(WWW, "/watch");
    url.query_pairs_mut().append_pair("v", video);
    Receipt { publish_id: Some(video.to_owned()), post_id: Some(video.to_owned()), url: Some(url.into()) }
}

/// Handles YouTube's final rejection: the video will never be visible.
fn refused(opens: u8, reason: Option<&str>, reply: &Reply) -> Progress<Step> {
    let known = reason.filter(|reason| errors::VERDICTS.iter().any(|row| row.0 == *reason));
    let mut error = PlatformError::sort(errors::VERDICTS, Some(known.unwrap_or("unnamed")), None, reply);
    if let (None, Some(reason)) = (known, reason)
        && reason.len() <= 64
        && reason.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        reason.clone_into(&mut error.code);
    }
    Progress::Restart(Step::Open { opens }, error)
}

fn over(opens: u8, code: &str, message: &'static str, reply: &Reply) -> Progress<Step> {
    let error = PlatformError {
        code: code.to_owned(),
        status: reply.status,
        disposition: Disposition::UserFixable,
        message,
        log_id: None,
    };
    Progress::Restart(Step::Open { opens }, error)
}
