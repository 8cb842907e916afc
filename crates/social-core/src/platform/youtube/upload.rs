//! Reads YouTube's responses to an upload ("Resumable Uploads").

use std::time::Duration;

use super::checkpoint::{Session, Step, Upload};
use super::chunks::chunk_at;
use super::errors;
use super::facts::API;
use super::options::Context;
use super::processing::begin_polling;
use super::replies::{self, Channel, List, Video};
use crate::clock::Timestamp;
use crate::http::Reply;
use crate::platform::{Disposition, PlatformError, Progress, SessionUrl};

/// Three: how many sessions a result may use, each after one that provably published nothing.
const MOST_OPENS: u8 = 3;
/// Twenty: how often in a row an upload may make no progress. With the pauses in between, this is more than
/// an hour.
const MOST_RESYNCS: u8 = 20;
/// 5 s: when to check again if all bytes have arrived and YouTube has not created the video yet.
const ALL_ARRIVED_PAUSE: Duration = Duration::from_secs(5);

const INTERRUPTED: &str = "The upload to YouTube kept getting interrupted. Check that the video's server is fast enough and try again.";
const UNFINISHED: &str =
    "YouTube received the file but doesn't say what happened to it. Check YouTube Studio, then tell us.";

/// Decodes the channel's permission for long videos (`channels.list`, `status.longUploadsStatus`).
pub(super) fn read_channel(reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let channels = replies::read::<List<Channel>>(reply)?;
    let status = channels.items.into_iter().next().and_then(|channel| channel.status.long_uploads_status);
    if status.as_deref().is_some_and(|status| status != "allowed") {
        return Err(PlatformError::sort(errors::VERDICTS, Some("length"), None, reply));
    }
    Ok(Progress::Next(Step::Open { opens: 0 }))
}

/// Decodes the URL of a new session.
pub(super) fn read_session(
    opens: u8,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    if !reply.is_success() {
        return Err(replies::refusal(reply));
    }
    // A session without an allowed URL stays without bytes, which publishes nothing.
    let Some(to) = address(reply, cx) else { return Err(PlatformError::unreadable(reply)) };
    let session = Session {
        opened_at: time_of(reply).unwrap_or(cx.now),
        opens: opens.saturating_add(1),
        size: cx.publication.video.file.size,
    };
    Ok(Progress::Next(Step::Upload(Upload { to, session, offset: 0, resyncs: 0, whole_sent: false })))
}

/// Returns the URL in a response, if its host is Google's own or the simulated one.
fn address(reply: &Reply, cx: &Context<'_>) -> Option<SessionUrl> {
    SessionUrl::trusted(reply.header("location")?, "googleapis.com", &cx.settings.url(API, "/"))
}

/// Returns when YouTube responded, by its own clock.
fn time_of(reply: &Reply) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc2822(reply.header("date")?).ok().map(|time| time.to_utc())
}

/// Returns the same upload after a call that failed, or whose outcome is unknown.
pub(super) fn doubted(upload: &Upload) -> Upload {
    let chunk = chunk_at(upload.offset, upload.session.size);
    Upload {
        resyncs: upload.resyncs.saturating_add(1),
        whole_sent: upload.whole_sent || chunk.end == upload.session.size,
        ..upload.clone()
    }
}

/// Decodes the response to a chunk.
pub(super) fn read_chunk(
    upload: &Upload,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let sent = doubted(upload);
    match reply.status {
        200 | 201 => read_video(&sent, reply),
        308 => read_count(sent, reply, cx),
        404 | 410 => Ok(dead(&sent, reply)),
        400..500 => {
            let error = replies::refusal(reply);
            match error.disposition {
                // The token, a quota or the channel: the error is not about these bytes.
                Disposition::RefreshToken | Disposition::Hold { .. } | Disposition::Reconnect => Err(error),
                // Nothing is resent before YouTube's count is known. The count query repeats a final error.
                Disposition::Retry { .. }
                | Disposition::UserFixable
                | Disposition::Permanent
                | Disposition::Ambiguous => Ok(go_on(sent, reply, Step::Ask)),
            }
        }
        _ => Err(replies::refusal(reply)),
    }
}

/// Decodes the response to the count query.
pub(super) fn read_state(
    upload: Upload,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    match reply.status {
        200 | 201 => read_video(&upload, reply),
        308 => read_count(upload, reply, cx),
        404 | 410 => Ok(dead(&upload, reply)),
        _ => Err(replies::refusal(reply)),
    }
}

/// The upload is complete: the response is the same for every query.
fn read_video(upload: &Upload, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let Video { id, .. } = PlatformError::reading(reply)?;
    Ok(begin_polling(id, upload.session.opens))
}

/// YouTube expects more, from where its own count ends, never from where ours does. The URL may have changed.
fn read_count(upload: Upload, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
    let has = match reply.header("range") {
        // Without a range, nothing has arrived.
        None => 0,
        Some(range) => range
            .strip_prefix("bytes=0-")
            .and_then(|last| last.parse::<u64>().ok())
            .map(|last| last.saturating_add(1))
            .filter(|has| *has <= upload.session.size)
            .ok_or_else(|| PlatformError::unreadable(reply))?,
    };
    let resyncs = if has > upload.offset { 0 } else { upload.resyncs };
    let to = address(reply, cx).unwrap_or(upload.to);
    let upload = Upload { to, offset: has, resyncs, ..upload };
    if has == upload.session.size {
        // All bytes have arrived, but the video does not exist yet.
        let upload = Upload { resyncs: upload.resyncs.saturating_add(1), whole_sent: true, ..upload };
        return Ok(match go_on(upload, reply, Step::Ask) {
            Progress::Next(step) => Progress::Wait(step, ALL_ARRIVED_PAUSE),
            other => other,
        });
    }
    Ok(go_on(upload, reply, Step::Upload))
}

/// Resumes, with longer and longer pauses if nothing more arrives. In the end it gives up.
fn go_on(upload: Upload, reply: &Reply, next: fn(Upload) -> Step) -> Progress<Step> {
    match upload.resyncs {
        0..=2 => Progress::Next(next(upload)),
        // 5 s, doubling up to 5 min.
        resyncs if resyncs < MOST_RESYNCS => {
            let pause = Duration::from_secs(5 << (resyncs - 3).min(6));
            Progress::Wait(next(upload), pause)
        }
        _ if upload.whole_sent => Progress::Doubt(Step::Ask(upload), "upload_interrupted", UNFINISHED),
        // Without its last byte a session creates no video, and no process will send that byte.
        _ => again(upload.session.opens, "upload_interrupted", reply),
    }
}

/// Handles an expired session. If its last byte was never sent, it has published nothing.
fn dead(upload: &Upload, reply: &Reply) -> Progress<Step> {
    if upload.whole_sent {
        return Progress::Next(Step::Search { session: upload.session.clone(), waited: 0 });
    }
    again(upload.session.opens, "upload_session_lost", reply)
}

/// Starts again after sessions that provably published nothing, unless that happened often enough.
pub(super) fn again(opens: u8, code: &str, reply: &Reply) -> Progress<Step> {
    let disposition =
        if opens < MOST_OPENS { Disposition::Retry { after: None } } else { Disposition::Permanent };
    let error = PlatformError {
        code: code.to_owned(),
        status: reply.status,
        disposition,
        message: INTERRUPTED,
        log_id: None,
    };
    Progress::Restart(Step::Open { opens }, error)
}
