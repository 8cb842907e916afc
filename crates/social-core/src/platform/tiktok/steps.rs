//! TikTok's state machine: its steps, and what follows from the responses to the first ones.

use std::time::Duration;

use serde_json::json;

use super::calls::{api_call, creator_call, init_call, is_pull, upload_call};
use super::checkpoint::{Step, Task, begin};
use super::chunks::{self, ChunkPlan};
use super::facts::{API, TikTok};
use super::options::{Context, Publication};
use super::{errors, replies, status};
use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect, Reply};
use crate::platform::{Disposition, PlatformError, Progress, SessionUrl, Shows, Steps};

impl Steps for TikTok {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Creator { .. } => "creator",
            Step::Init { .. } => "init",
            Step::Upload { .. } => "upload",
            Step::Check { .. } => "check",
            Step::Poll { .. } => "poll",
            Step::Recall { .. } => "recall",
            Step::Find { .. } => "find",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        match step {
            Step::Creator { .. } | Step::Init { .. } => Shows::default(),
            Step::Upload { task, offset, whole_sent, .. } | Step::Check { task, offset, whole_sent, .. } => {
                Shows {
                    committed: *whole_sent,
                    recallable: false,
                    bytes_sent: Some(*offset),
                    publish_id: Some(task.publish_id.clone()),
                }
            }
            Step::Poll { task, .. } | Step::Recall { task, .. } | Step::Find { task, .. } => Shows {
                committed: true,
                // "Best effort, only for pulls still downloading" (cancel reference).
                recallable: task.pull && matches!(step, Step::Poll { .. }),
                bytes_sent: None,
                publish_id: Some(task.publish_id.clone()),
            },
        }
    }

    fn first(&self, publication: &Publication<'_>, _: &PlatformSettings) -> Step {
        begin(publication, 0)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        match step {
            Step::Creator { .. } => creator_call(cx.settings, cx.token),
            Step::Init { .. } => init_call(cx),
            Step::Upload { to, offset, .. } => upload_call(to, *offset, cx),
            Step::Recall { task, .. } => {
                api_call(cx.settings, cx.token, "/v2/post/publish/cancel/", Effect::Idempotent)
                    .body(Body::Json(json!({ "publish_id": task.publish_id })))
            }
            Step::Check { task, .. } | Step::Poll { task, .. } | Step::Find { task, .. } => {
                api_call(cx.settings, cx.token, "/v2/post/publish/status/fetch/", Effect::Read)
                    .body(Body::Json(json!({ "publish_id": task.publish_id })))
            }
        }
    }

    fn log_id(&self, reply: &Reply) -> Option<String> {
        replies::log_id(reply)
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Creator { inits } => read_creator(inits, reply, cx),
            Step::Init { handle, inits } => read_init(handle, inits, reply, cx),
            Step::Upload { task, to, offset, resyncs, whole_sent } => {
                read_chunk(Chunk { task, to, offset, resyncs, whole_sent }, reply)
            }
            Step::Recall { task, waited } => status::read_recall(task, waited, reply),
            Step::Check { .. } | Step::Poll { .. } | Step::Find { .. } => status::read(step, reply, cx),
        }
    }

    fn reconcile(&self, step: &Step, _refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            // TikTok may be downloading, and returned no id to query.
            Step::Init { .. } => None,
            Step::Upload { task, to, offset, resyncs, whole_sent } => Some(check(
                task.clone(),
                Some(to.clone()),
                *offset,
                *resyncs,
                *whole_sent || chunks::is_last(task.size, *offset),
            )),
            Step::Creator { .. }
            | Step::Check { .. }
            | Step::Poll { .. }
            | Step::Recall { .. }
            | Step::Find { .. } => Some(step.clone()),
        }
    }

    /// A named error creates no task ("Direct Post", error codes): only a success has a `publish_id`. Without
    /// one, TikTok has nothing to download into.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        let is_named = errors::API.iter().any(|(code, ..)| *code == refusal.code);
        matches!(step, Step::Init { .. })
            && is_named
            && refusal.status < 500
            && refusal.disposition != Disposition::Ambiguous
    }

    fn recall(&self, step: &Step) -> Option<Step> {
        match step {
            Step::Poll { task, waited } if task.pull => {
                Some(Step::Recall { task: task.clone(), waited: *waited })
            }
            Step::Creator { .. }
            | Step::Init { .. }
            | Step::Upload { .. }
            | Step::Check { .. }
            | Step::Poll { .. }
            | Step::Recall { .. }
            | Step::Find { .. } => None,
        }
    }
}

/// The domain of TikTok's upload hosts.
const UPLOADS: &str = "tiktokapis.com";

fn read_creator(inits: u8, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
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

fn read_init(
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
struct Chunk {
    task: Task,
    to: SessionUrl,
    offset: u64,
    resyncs: u8,
    whole_sent: bool,
}

/// Returns the step that queries TikTok's byte count after a chunk failed again.
fn check(task: Task, to: Option<SessionUrl>, offset: u64, resyncs: u8, whole_sent: bool) -> Step {
    Step::Check { task, to, offset, resyncs: resyncs.saturating_add(1), whole_sent, waited: 0 }
}

fn read_chunk(chunk: Chunk, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
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
