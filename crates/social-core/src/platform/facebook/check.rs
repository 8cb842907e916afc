//! Checks how many bytes Facebook has, before any call to publish.

use std::cmp::Ordering;
use std::time::Duration;

use super::attempts::{anew, interrupted, is_hidden};
use super::checkpoint::{Clip, Step};
use super::errors::PUBLISHING;
use super::replies::Node;
use crate::http::Reply;
use crate::platform::meta::{HIDDEN_HORIZON, pressed, read as read_reply};
use crate::platform::{Disposition, PlatformError, Progress};

/// Eight: how often in a row an upload of bytes may fail.
const MOST_STALLS: u8 = 8;
/// A minute: how long a count may lag behind an upload that was reported as complete.
const LAG: u64 = 60;
/// 5 s between two checks of a count that lags, a minute if the status shows no count.
const LOOK: u64 = 5;
const LONG_LOOK: u64 = 60;

fn again(clip: Clip, stalls: u8, waited: u64, pause: u64, reply: &Reply) -> Progress<Step> {
    let pause = pressed(Duration::from_secs(pause), reply);
    let waited = waited.saturating_add(pause.as_secs());
    Progress::Wait(Step::Check { clip, stalls, waited }, pause)
}

/// Finishes a complete upload, and resumes an incomplete one at the count of the status.
pub(super) fn read(
    clip: Clip,
    stalls: u8,
    waited: u64,
    reply: &Reply,
) -> Result<Progress<Step>, PlatformError> {
    let node = match read_reply::<Node>(PUBLISHING, reply) {
        Ok(node) => node,
        Err(error) if is_hidden(&error) && waited < HIDDEN_HORIZON.as_secs() => {
            return Ok(again(clip, stalls, waited, LONG_LOOK, reply));
        }
        Err(error) if is_hidden(&error) => {
            let error = PlatformError { disposition: Disposition::Retry { after: None }, ..error };
            return Ok(anew(&clip, error));
        }
        Err(error) => return Err(error),
    };
    if let Some(error) = node.failure(reply) {
        return Ok(anew(&clip, error));
    }
    let (has, size) = (node.bytes(), clip.size);
    if node.is_uploaded() || has.is_some_and(|has| has >= size) {
        return Ok(Progress::Next(Step::Finish { clip, sent: 0 }));
    }
    let offset = clip.sending.offset();
    if offset >= size && waited < LAG {
        return Ok(again(clip, stalls, waited, LOOK, reply));
    }
    let has = has.unwrap_or(if offset >= size { 0 } else { offset });
    let stalls = match has.cmp(&offset) {
        Ordering::Greater => 0,
        Ordering::Equal => stalls,
        // It was reported as complete, and is not.
        Ordering::Less => stalls.saturating_add(1),
    };
    if stalls >= MOST_STALLS {
        return Ok(anew(&clip, interrupted(reply)));
    }
    let clip = Clip { sending: clip.sending.from(has, size), ..clip };
    let step = Step::Upload { clip, stalls };
    Ok(match stalls {
        0 | 1 => Progress::Next(step),
        // 5 s, doubling up to 5 min.
        _ => Progress::Wait(step, Duration::from_secs(5 << (stalls - 2).min(6))),
    })
}
