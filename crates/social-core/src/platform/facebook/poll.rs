//! Checks the outcome of a finish, whether its response came or was lost.

use std::time::Duration;

use super::attempts::{anew, is_hidden};
use super::checkpoint::{Clip, Finish, Sending, Step, Watch};
use super::errors::PUBLISHING;
use super::facts::WWW;
use super::options::Context;
use super::replies::Node;
use crate::http::Reply;
use crate::model::Receipt;
use crate::platform::meta::{self, Refusal, Remedy, pressed};
use crate::platform::{PlatformError, Progress};

/// A day: copyright checks may take hours, and Facebook names no limit.
const HORIZON: u64 = 24 * 60 * 60;
/// Two minutes: a video that is processed and still not being published was not finished by the lost call.
const GRACE: u64 = 2 * 60;
/// Ten minutes, if its processing has not even started.
const LONG_GRACE: u64 = 10 * 60;
/// Three: how often a finish may be tried if the status shows each time that nothing happened.
const MOST_SENDS: u8 = 3;
/// Forty-eight: how often a quota, a token or a grant may delay a finish; with windows of an hour, two days.
const MOST_PASSED: u8 = 48;

const STILL_PROCESSING: &str =
    "Facebook is still processing the video after a long time. Check the Page, then tell us.";
const LABEL_REFUSED: &str = "Facebook rejected the options. It may not accept the label for AI-generated videos from this app, and we didn't publish the video without it. Contact support and quote the code.";
const NOBODY_KNOWS: &str =
    "Facebook doesn't say whether the video was published. Check the Page, then tell us.";

/// Returns the pause: 5 s six times, 15 s for two minutes, a minute for half an hour, then ten minutes. It is
/// longer if the Page's budget of calls is nearly used up.
fn pause(waited: u64, reply: &Reply) -> Duration {
    let seconds = match waited {
        0..30 => 5,
        30..120 => 15,
        120..1_800 => 60,
        _ => 600,
    };
    pressed(Duration::from_secs(seconds), reply)
}

/// Waits after an accepted finish.
pub(super) fn taken(clip: Clip, sent: u8, reply: &Reply) -> Progress<Step> {
    let pause = pause(0, reply);
    let watch = Watch { sent, finish: Finish::Taken, waited: pause.as_secs(), idle: 0 };
    Progress::Wait(Step::Poll { clip, watch }, pause)
}

/// Handles a finish that was lost or rejected. An error proves nothing: videos were seen live although
/// Facebook had rejected their finish.
pub(super) fn doubted(clip: Clip, sent: u8, refusal: Option<&PlatformError>) -> Step {
    let finish = refusal.map_or(Finish::Lost, |refusal| Finish::Refused(Refusal::of(refusal)));
    Step::Poll { clip, watch: Watch { sent, finish, waited: 0, idle: 0 } }
}

pub(super) fn read(
    clip: Clip,
    watch: Watch,
    reply: &Reply,
    cx: &Context<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let node = match meta::read::<Node>(PUBLISHING, reply) {
        Ok(node) => node,
        Err(error) if is_hidden(&error) => return Ok(wait(clip, Watch { idle: 0, ..watch }, 0, reply)),
        Err(error) => return Err(error),
    };
    if node.is_published() {
        return Ok(Progress::Published(receipt(&clip, node, cx), None));
    }
    if let Some(error) = node.failure(reply) {
        return Ok(anew(&clip, error));
    }
    let patience = if node.is_processed() { GRACE } else { LONG_GRACE };
    Ok(match &watch.finish {
        Finish::Lost | Finish::Refused(_) if !node.is_under_way() && watch.idle >= patience => {
            unfinished(clip, watch, reply, cx)
        }
        Finish::Lost | Finish::Refused(_) if !node.is_under_way() => wait(clip, watch, 1, reply),
        Finish::Taken | Finish::Lost | Finish::Refused(_) => wait(clip, Watch { idle: 0, ..watch }, 0, reply),
    })
}

/// Checks again later. `idle` is 1 if nothing is in progress, otherwise 0.
fn wait(clip: Clip, watch: Watch, idle: u64, reply: &Reply) -> Progress<Step> {
    if watch.waited >= HORIZON {
        return Progress::Doubt(Step::Poll { clip, watch }, "still_processing", STILL_PROCESSING);
    }
    let pause = pause(watch.waited, reply);
    let waited = watch.waited.saturating_add(pause.as_secs());
    let idle = watch.idle.saturating_add(pause.as_secs().saturating_mul(idle));
    Progress::Wait(Step::Poll { clip, watch: Watch { waited, idle, ..watch } }, pause)
}

/// Handles a video that has not changed for minutes: nothing was published. So an error response, if there
/// was one, was correct.
fn unfinished(clip: Clip, watch: Watch, reply: &Reply, cx: &Context<'_>) -> Progress<Step> {
    let most = match &watch.finish {
        Finish::Refused(refusal) => match refusal.remedy {
            Remedy::Passed => MOST_PASSED,
            Remedy::Trouble => MOST_SENDS,
            Remedy::Anew | Remedy::Final => {
                let mut error = refusal.error(PUBLISHING, reply);
                if error.code == "100" && cx.publication.options.is_ai_generated() {
                    error.message = LABEL_REFUSED;
                }
                return anew(&clip, error);
            }
        },
        Finish::Taken | Finish::Lost => MOST_SENDS,
    };
    if watch.sent >= most {
        return Progress::Doubt(Step::Poll { clip, watch }, "unconfirmed", NOBODY_KNOWS);
    }
    Progress::Next(Step::Finish { clip, sent: watch.sent })
}

fn receipt(clip: &Clip, node: Node, cx: &Context<'_>) -> Receipt {
    let video = &clip.video;
    let path = match (node.permalink_url, &clip.sending) {
        (Some(link), _) if !link.starts_with('/') => {
            return Receipt {
                publish_id: Some(video.clone()),
                post_id: Some(node.post_id.unwrap_or_else(|| video.clone())),
                url: Some(link),
            };
        }
        // Graph writes some of its links without a host.
        (Some(link), _) => link,
        (None, Sending::Reel { .. }) => format!("/reel/{video}"),
        (None, Sending::Pieces { .. }) => format!("/{}/videos/{video}", cx.publication.account.id),
    };
    Receipt {
        publish_id: Some(video.clone()),
        post_id: Some(node.post_id.unwrap_or_else(|| video.clone())),
        url: Some(cx.settings.url(WWW, &path).into()),
    }
}
