//! What a turn leaves a result in: pure, so that every case can be tried.

use std::time::Duration;

use crate::http::Effect;
use crate::model::{AttemptOutcome, Checkpoint, HeldReason, Receipt, ResultState, StateName};
use crate::platform::{Disposition, PlatformError, Progress};
use crate::video::SourceError;

/// How far a call got, and what it brought.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A reply came, and the worker read it.
    Read(Result<Progress<Checkpoint>, PlatformError>),
    /// It was never sent: no connection, or no time.
    NotSent,
    /// It was sent, wholly or in part, and no whole reply came.
    NoReply,
    /// Somebody sent it and died before saying what came of it.
    Crashed,
    /// The source of the video failed for now; what the platform got was incomplete.
    SourceFailed(Fault),
}

/// What is said of a source that failed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    code: &'static str,
    message: &'static str,
}

impl From<&SourceError> for Fault {
    fn from(error: &SourceError) -> Self {
        Self { code: error.code(), message: error.message() }
    }
}

/// What the turn was.
pub(super) struct Turn<'a> {
    /// The step that was made.
    pub(super) step: &'a Checkpoint,
    /// What sending its call twice would do.
    pub(super) effect: Effect,
    /// The state it was made in.
    pub(super) was: StateName,
    /// Whether, at a step, the platform may already hold all it needs to publish.
    pub(super) committed_at: &'a (dyn Fn(&Checkpoint) -> bool + Sync),
    /// How often the step had failed in a row.
    pub(super) failures: u32,
    /// The step that finds out what became of the call, if there is one.
    pub(super) reconcile: Option<Checkpoint>,
    /// Whether a refusal of the call proves that it did nothing.
    pub(super) is_proof: bool,
    /// How far into its backoff a retry falls: from 0 to 1, drawn at random ("full jitter").
    pub(super) jitter: f64,
}

/// What a turn leaves.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// The result's next state.
    State(ResultState),
    /// The token was not accepted: refresh it and make the step again.
    RefreshToken(ResultState),
    /// The grant has ended: park all of the account.
    Reconnect(ResultState),
    /// Nothing changes: a later look at something that is over brought nothing.
    Unchanged,
}

/// Eight: with the backoff below, some ten minutes of trying the same step.
const MOST_FAILURES: u32 = 8;
/// Forty-eight: half a day of asking. Giving up asking proves nothing, so it takes longer.
const MOST_FAILED_LOOKS: u32 = 48;
/// 5 s doubling up to 15 min.
const BACKOFF_BASE: Duration = Duration::from_secs(5);
const BACKOFF_CAP: Duration = Duration::from_mins(15);

const LOST: &str = "The connection dropped during the final step, so we can't tell whether the video was posted. Check the account, then tell us.";
const UNCONFIRMED: &str =
    "We couldn't confirm whether the video was posted. Check the account, then tell us.";
const GAVE_UP: &str = "The platform couldn't be reached or kept having trouble, so we stopped trying. Nothing was posted. Try again later.";

/// How often a step may fail in a row before its result is given up.
#[must_use]
pub(super) fn patience(committed: bool) -> u32 {
    if committed { MOST_FAILED_LOOKS } else { MOST_FAILURES }
}

/// The pause before the next try.
#[must_use]
pub(super) fn backoff(failures: u32, jitter: f64) -> Duration {
    let most = BACKOFF_BASE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACKOFF_CAP);
    // At least a second: a retry at once would meet the same trouble.
    most.mul_f64(jitter.clamp(0.0, 1.0)).max(Duration::from_secs(1))
}

/// Where a result stands after a turn.
#[must_use]
pub(super) fn settle(turn: &Turn<'_>, outcome: Outcome) -> Settled {
    if turn.was == StateName::Published || turn.was == StateName::DeliveredToInbox {
        return look_again(turn, outcome);
    }
    match outcome {
        Outcome::Read(Err(error) | Ok(Progress::Restart(_, error)))
            if turn.effect == Effect::Once && !turn.is_proof =>
        {
            unproven(turn, &error)
        }
        Outcome::Read(Ok(Progress::Next(step) | Progress::Wait(step, _))) if turn.is_forgotten_at(&step) => {
            Settled::State(ambiguous(turn, None))
        }
        Outcome::Read(Ok(progress)) => advance(turn, progress),
        Outcome::Read(Err(error)) => decline(turn, turn.step.clone(), &error),
        Outcome::NotSent => Settled::State(retry(turn, turn.step.clone(), None, None)),
        Outcome::SourceFailed(fault) => Settled::State(read_again(turn, fault)),
        Outcome::NoReply | Outcome::Crashed => Settled::State(ambiguous(turn, None)),
    }
}

/// Something that is over can only become more so. A look that came to nothing is taken again, until patience
/// ends: what it looked for is worth no more.
fn look_again(turn: &Turn<'_>, outcome: Outcome) -> Settled {
    match outcome {
        Outcome::Read(Ok(Progress::Published(receipt, look_again))) => {
            Settled::State(ResultState::Published { receipt, look_again, failures: 0 })
        }
        Outcome::Read(Ok(Progress::DeliveredToInbox(receipt, look_again)))
            if turn.was == StateName::DeliveredToInbox =>
        {
            Settled::State(ResultState::DeliveredToInbox { receipt, look_again, failures: 0 })
        }
        Outcome::Read(Err(PlatformError { disposition: Disposition::RefreshToken, .. }))
            if turn.failures == 0 =>
        {
            Settled::RefreshToken(over_again(turn, Duration::ZERO))
        }
        Outcome::Read(Ok(_) | Err(PlatformError { disposition: Disposition::Reconnect, .. })) => {
            Settled::Unchanged
        }
        Outcome::Read(Err(_))
        | Outcome::NotSent
        | Outcome::NoReply
        | Outcome::Crashed
        | Outcome::SourceFailed(_)
            if turn.failures < MOST_FAILURES =>
        {
            Settled::State(over_again(turn, BACKOFF_CAP))
        }
        Outcome::Read(Err(_))
        | Outcome::NotSent
        | Outcome::NoReply
        | Outcome::Crashed
        | Outcome::SourceFailed(_) => Settled::Unchanged,
    }
}

/// The state as it was, with one more look.
fn over_again(turn: &Turn<'_>, after: Duration) -> ResultState {
    let (receipt, look_again, failures) =
        (Receipt::default(), Some((turn.step.clone(), after)), turn.failures.saturating_add(1));
    if turn.was == StateName::Published {
        ResultState::Published { receipt, look_again, failures }
    } else {
        ResultState::DeliveredToInbox { receipt, look_again, failures }
    }
}

/// The state of a result that is being stepped.
pub(super) fn under_way(committed: bool, step: Checkpoint, after: Duration, failures: u32) -> ResultState {
    if committed {
        ResultState::Processing { step, after, failures }
    } else {
        ResultState::Publishing { step, after, failures }
    }
}

impl Turn<'_> {
    /// Whether the call may have published, and a step would no longer know. No worker leads there on purpose.
    fn is_forgotten_at(&self, step: &Checkpoint) -> bool {
        let may_have_published = self.effect == Effect::Once
            && self.reconcile.as_ref().is_some_and(|look| (self.committed_at)(look));
        may_have_published && !(self.committed_at)(step)
    }

    fn under_way(&self, step: Checkpoint, after: Duration, failures: u32) -> ResultState {
        under_way((self.committed_at)(&step), step, after, failures)
    }
}

fn advance(turn: &Turn<'_>, progress: Progress<Checkpoint>) -> Settled {
    Settled::State(match progress {
        Progress::Next(step) => turn.under_way(step, Duration::ZERO, 0),
        // Waiting is not failing.
        Progress::Wait(step, after) => turn.under_way(step, after, 0),
        Progress::Published(receipt, look_again) => {
            ResultState::Published { receipt, look_again, failures: 0 }
        }
        Progress::DeliveredToInbox(receipt, look_again) => {
            ResultState::DeliveredToInbox { receipt, look_again, failures: 0 }
        }
        Progress::Recalled => ResultState::Cancelled,
        Progress::Doubt(step, code, message) => ResultState::InDoubt { step, code: code.to_owned(), message },
        Progress::Restart(step, error) => {
            // The platform gave the attempt up for good: whatever is tried next begins from nothing.
            let fresh = Turn { reconcile: None, effect: Effect::Read, step: &step, failures: 0, ..*turn };
            return decline(&fresh, step.clone(), &error);
        }
    })
}

/// A call that may not be sent twice was answered with anything but success, which is no proof that it did nothing:
/// platforms have refused what they published. Before anything else is done about it, its outcome is looked into; where
/// a window, a token or a grant stands in the way of that too, first thing afterwards.
fn unproven(turn: &Turn<'_>, error: &PlatformError) -> Settled {
    match (&turn.reconcile, error.disposition) {
        (Some(look), Disposition::Hold { .. } | Disposition::RefreshToken | Disposition::Reconnect)
            if look != turn.step =>
        {
            decline(turn, look.clone(), error)
        }
        _ => Settled::State(ambiguous(turn, Some(error))),
    }
}

fn decline(turn: &Turn<'_>, step: Checkpoint, error: &PlatformError) -> Settled {
    match error.disposition {
        Disposition::Retry { after } => Settled::State(retry(turn, step, after, Some(error))),
        Disposition::Hold { reason, window, scope } => {
            let (until, code, message) = (Some((window, scope)), error.code.clone(), error.message);
            Settled::State(ResultState::Held { step: Some(step), reason, until, code, message })
        }
        Disposition::RefreshToken => {
            Settled::RefreshToken(turn.under_way(step, Duration::ZERO, turn.failures))
        }
        Disposition::Reconnect => Settled::Reconnect(ResultState::Held {
            step: Some(step),
            reason: HeldReason::NeedsReconnect,
            until: None,
            code: error.code.clone(),
            message: error.message,
        }),
        Disposition::Ambiguous => Settled::State(ambiguous(turn, Some(error))),
        // A refusal to answer a question says nothing about what was asked about: it is asked again.
        Disposition::UserFixable | Disposition::Permanent if (turn.committed_at)(&step) => {
            Settled::State(retry(turn, step, None, Some(error)))
        }
        Disposition::UserFixable | Disposition::Permanent => Settled::State(ResultState::Failed {
            code: error.code.clone(),
            message: error.message.to_owned(),
        }),
    }
}

/// The call may or may not have taken effect. Ask, where there is something to ask; if twice is once, make it
/// again; else a person must look.
fn ambiguous(turn: &Turn<'_>, error: Option<&PlatformError>) -> ResultState {
    match &turn.reconcile {
        Some(step) if step != turn.step => turn.under_way(step.clone(), Duration::ZERO, 0),
        Some(_) | None if turn.effect != Effect::Once => retry(turn, turn.step.clone(), None, error),
        Some(_) | None => in_doubt(turn.step.clone(), error, ("no_reply", LOST)),
    }
}

fn retry(
    turn: &Turn<'_>,
    step: Checkpoint,
    after: Option<Duration>,
    error: Option<&PlatformError>,
) -> ResultState {
    let failures = turn.failures.saturating_add(1);
    let committed = (turn.committed_at)(&step);
    if failures < patience(committed) {
        let after = after.unwrap_or_else(|| backoff(failures, turn.jitter));
        return turn.under_way(step, after, failures);
    }
    if committed {
        return in_doubt(step, error, ("unreachable", UNCONFIRMED));
    }
    let code = error.map_or("unreachable", |error| error.code.as_str()).to_owned();
    ResultState::Failed { code, message: GAVE_UP.to_owned() }
}

/// The same step again. That it has failed too often is no trouble of the platform's: what the last try met is told.
fn read_again(turn: &Turn<'_>, fault: Fault) -> ResultState {
    match retry(turn, turn.step.clone(), None, None) {
        ResultState::Failed { .. } => {
            ResultState::Failed { code: fault.code.to_owned(), message: fault.message.to_owned() }
        }
        state => state,
    }
}

/// Only a person can tell. `otherwise` is said where the platform said nothing.
fn in_doubt(step: Checkpoint, error: Option<&PlatformError>, otherwise: (&str, &'static str)) -> ResultState {
    let (code, message) = error.map_or(otherwise, |error| (error.code.as_str(), UNCONFIRMED));
    ResultState::InDoubt { step, code: code.to_owned(), message }
}

/// What the platform said against the call, if it did.
#[must_use]
pub(super) fn error_of(outcome: &Outcome) -> Option<&PlatformError> {
    match outcome {
        Outcome::Read(Err(error) | Ok(Progress::Restart(_, error))) => Some(error),
        Outcome::Read(Ok(_))
        | Outcome::NotSent
        | Outcome::NoReply
        | Outcome::Crashed
        | Outcome::SourceFailed(_) => None,
    }
}

/// What the ledger says of the outcome.
#[must_use]
pub(super) fn outcome_name(outcome: &Outcome) -> AttemptOutcome {
    match outcome {
        Outcome::Read(Ok(_)) => AttemptOutcome::Ok,
        Outcome::Read(Err(_)) => AttemptOutcome::Refused,
        Outcome::NotSent => AttemptOutcome::NotSent,
        Outcome::NoReply => AttemptOutcome::NoReply,
        Outcome::Crashed => AttemptOutcome::Crashed,
        Outcome::SourceFailed(_) => AttemptOutcome::SourceFailed,
    }
}

#[cfg(test)]
mod tests;
