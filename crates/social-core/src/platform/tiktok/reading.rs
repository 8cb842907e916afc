//! Reads TikTok's responses to the first calls.

use std::time::Duration;

use super::calls::is_pull;
use super::step::{Step, Task};
use super::upload::ChunkPlan;
use super::{API, Context, errors, replies, status};
use crate::http::Reply;
use crate::platform::{Disposition, PlatformError, Progress, SessionUrl};

/// The domain of TikTok's upload hosts.
const UPLOADS: &str = "tiktokapis.com";

pub(super) fn read_creator(
    inits: u8,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let creator = replies::read::<replies::Creator>(reply)?;
    let options = cx.publication.options;
    let offered = |level: &String| creator.privacy_level_options.contains(level);
    if !options.privacy_level.as_ref().is_some_and(offered) {
        return Err(refusal("privacy_level_option_mismatch", reply));
    }
    let longest = creator.max_video_post_duration_sec.map(u64::from).map(Duration::from_secs);
    let duration = cx.publication.video.facts.duration;
    if longest.zip(duration).is_some_and(|(longest, duration)| duration > longest) {
        return Err(PlatformError {
            code: "duration_check_failed".to_owned(),
            status: reply.status,
            disposition: Disposition::UserFixable,
            message: "The video is longer than TikTok allows for this account. Trim it and try again.",
            log_id: None,
        });
    }
    let handle = creator.username.or_else(|| cx.publication.account.username.map(str::to_owned));
    Ok(Progress::Next(Step::Init { handle, inits }))
}

/// Returns an error of our own, with the sentence of TikTok's table.
fn refusal(code: &str, reply: &Reply) -> PlatformError {
    PlatformError::sort(errors::API, Some(code), None, reply)
}

const CHUNKS_REFUSED: &str = "TikTok didn't accept how we split the video for the upload. This is our fault, not yours. Contact support with the post's id.";

pub(super) fn read_init(
    handle: Option<String>,
    inits: u8,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let init = match replies::read::<replies::Init>(reply) {
        Err(error) if replies::blames_chunks(reply) => {
            return Err(PlatformError { message: CHUNKS_REFUSED, ..error });
        }
        read => read?,
    };
    let pull = is_pull(&cx.publication, cx.settings);
    let size = cx.publication.video.file.size;
    let task = Task {
        publish_id: init.publish_id,
        handle,
        pull,
        inits: inits.saturating_add(1),
        size,
        recalled: false,
    };
    if pull {
        return Ok(status::wait(task, 0));
    }
    let to = init.upload_url.and_then(|url| SessionUrl::trusted(&url, UPLOADS, &cx.settings.url(API, "/")));
    // A task without an allowed URL stays without bytes, which publishes nothing.
    let Some(to) = to else { return Err(PlatformError::unreadable(reply)) };
    Ok(Progress::Next(Step::Upload { task, to, offset: 0, resyncs: 0, whole_sent: false }))
}

/// A chunk that was sent.
pub(super) struct Chunk {
    pub(super) task: Task,
    pub(super) to: SessionUrl,
    pub(super) offset: u64,
    pub(super) resyncs: u8,
    pub(super) whole_sent: bool,
}

/// Returns the step that queries TikTok's byte count after a chunk failed again.
pub(super) fn check(task: Task, to: Option<SessionUrl>, offset: u64, resyncs: u8, whole_sent: bool) -> Step {
    Step::Check { task, to, offset, resyncs: resyncs.saturating_add(1), whole_sent, waited: 0 }
}

pub(super) fn read_chunk(chunk: Chunk, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let Chunk { task, to, offset, resyncs, whole_sent } = chunk;
    let size = task.size;
    let end = ChunkPlan::new(size).chunk_at(offset).map_or(size, |chunk| chunk.end);
    let is_last = end == size;
    match reply.status {
        201 => Ok(status::wait(task, 0)),
        206 if !is_last => Ok(Progress::Next(Step::Upload { task, to, offset: end, resyncs: 0, whole_sent })),
        // TikTok expects more after the last chunk, counts differently, or sends the undocumented 200 that
        // was seen after a last chunk. So its count is queried.
        200 | 206 | 416 => Ok(Progress::Next(check(task, Some(to), offset, resyncs, whole_sent || is_last))),
        // The URL has expired or is unknown: nothing more can be sent there. What was sent may have arrived.
        403 | 404 => Ok(Progress::Next(check(task, None, offset, resyncs, whole_sent || is_last))),
        // A rejected chunk proves nothing about an equal one that was sent before.
        400..500 if whole_sent => Ok(Progress::Next(check(task, Some(to), offset, resyncs, whole_sent))),
        _ => Err(PlatformError::sort(errors::API, None, None, reply)),
    }
}
