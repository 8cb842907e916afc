//! Finds out the outcome of a call to publish that was lost or rejected. An error proves nothing: Reels were
//! seen live although Instagram had rejected their publication.

use std::time::Duration;

use super::checkpoint::{Step, Task, Why};
use super::errors::{self, PUBLISHING};
use super::list::NOBODY_KNOWS;
use super::replies::Status;
use super::status::{anew, is_hidden};
use crate::http::Reply;
use crate::platform::meta::{self, HIDDEN_HORIZON, Refusal, Remedy, pressed};
use crate::platform::{PlatformError, Progress};

/// Five minutes: a container that is still only finished after this was not published by the lost call.
const GRACE: u64 = 5 * 60;
/// A day: then only a person can check.
const HORIZON: u64 = 24 * 60 * 60;
/// Three: how often publishing may be tried if the container's status shows each time that nothing happened.
const MOST_SENDS: u8 = 3;

/// A container that may or may not be public.
pub(super) struct Doubted {
    pub(super) task: Task,
    pub(super) sent: u8,
    pub(super) since: i64,
    pub(super) waited: u64,
    pub(super) refused: Option<Refusal>,
}

impl Doubted {
    fn step(&self, waited: u64) -> Step {
        Step::Verify {
            task: self.task.clone(),
            sent: self.sent,
            since: self.since,
            waited,
            refused: self.refused.clone(),
        }
    }

    /// Checks again: after 5 and 25 s, then every minute for an hour, then every ten minutes.
    fn ask_again(&self, reply: &Reply) -> Progress<Step> {
        let pause = match self.waited {
            0..5 => 5,
            5..30 => 25,
            30..3_600 => 60,
            _ => 600,
        };
        let pause = pressed(Duration::from_secs(pause), reply);
        let waited = self.waited.saturating_add(pause.as_secs());
        Progress::Wait(self.step(waited), pause)
    }
}

/// Decodes the container's status after a call to publish.
pub(super) fn read(doubted: Doubted, reply: &Reply) -> Result<Progress<Step>, PlatformError> {
    let status = match meta::read::<Status>(PUBLISHING, reply) {
        Ok(status) => status,
        Err(error) if is_hidden(&error) => {
            return Ok(if doubted.waited < HIDDEN_HORIZON.as_secs() {
                doubted.ask_again(reply)
            } else {
                // A container that cannot be read may still be visible as a Reel.
                Progress::Next(Step::Search { task: doubted.task, since: doubted.since, why: Why::Blind })
            });
        }
        Err(error) => return Err(error),
    };
    Ok(match status.name.as_str() {
        "PUBLISHED" => super::list::bind(doubted.task, doubted.since),
        "FINISHED" if doubted.waited < GRACE => doubted.ask_again(reply),
        "FINISHED" => unpublished(doubted, reply),
        "ERROR" => anew(doubted.task.tries, status.error(reply)),
        "EXPIRED" => anew(doubted.task.tries, meta::code_of(PUBLISHING, errors::EXPIRED, reply)),
        _ if doubted.waited >= HORIZON => {
            Progress::Doubt(doubted.step(doubted.waited), "still_publishing", NOBODY_KNOWS)
        }
        _ => doubted.ask_again(reply),
    })
}

/// Handles a container that has not changed for five minutes: nothing was published. So an error response, if
/// there was one, was correct.
fn unpublished(doubted: Doubted, reply: &Reply) -> Progress<Step> {
    let may_send = doubted.sent < MOST_SENDS;
    match &doubted.refused {
        Some(Refusal { remedy: Remedy::Passed, .. }) => publish_again(doubted),
        // Instagram called it not ready, although its status is finished.
        Some(Refusal { remedy: Remedy::Anew, code }) if code == errors::NOT_READY && may_send => {
            publish_again(doubted)
        }
        Some(refusal @ Refusal { remedy: Remedy::Anew | Remedy::Final, .. }) => {
            anew(doubted.task.tries, refusal.error(PUBLISHING, reply))
        }
        Some(Refusal { remedy: Remedy::Trouble, .. }) | None if may_send => publish_again(doubted),
        Some(Refusal { remedy: Remedy::Trouble, .. }) | None => {
            Progress::Doubt(doubted.step(doubted.waited), "unconfirmed", NOBODY_KNOWS)
        }
    }
}

fn publish_again(doubted: Doubted) -> Progress<Step> {
    Progress::Next(Step::Allowance { task: doubted.task, sent: doubted.sent })
}
