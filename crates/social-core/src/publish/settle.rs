//! Decides the next state of a result after a step. The code does no I/O, so tests can cover every case.

use std::time::Duration;

use crate::http::Effect;
use crate::model::{AttemptOutcome, Checkpoint, HeldReason, Receipt, ResultState, StateName};
use crate::platform::{Disposition, PlatformError, Progress};
use crate::video::SourceError;

/// How far a call got, and its response.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A response came, and the platform's code read it.
    Read(Result<Progress<Checkpoint>, PlatformError>),
    /// The call was never sent: no connection, or no time.
    NotSent,
    /// The call was sent, wholly or in part, and no complete response came.
    NoReply,
    /// A process sent it and ended before it saved the outcome.
    Crashed,
    /// The video's source failed for now; the platform got an incomplete video.
    SourceFailed(Fault),
}

/// The error reported for a failed source.
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

/// The inputs of the decision about one step.
pub(super) struct StepRun<'a> {
    /// The step that ran.
    pub(super) step: &'a Checkpoint,
    /// The effect of sending its call twice.
    pub(super) effect: Effect,
    /// The state in which the step ran.
    pub(super) was: StateName,
    /// Whether, at a step, the platform may already have all it needs to publish.
    pub(super) committed_at: &'a (dyn Fn(&Checkpoint) -> bool + Sync),
    /// How often the step had failed in a row.
    pub(super) failures: u32,
    /// The step that queries the outcome of the call, if there is one.
    pub(super) reconcile: Option<Checkpoint>,
    /// Whether a refusal of the call proves that it had no effect.
    pub(super) is_proof: bool,
    /// The position of a retry within its backoff: from 0 to 1, drawn at random ("full jitter").
    pub(super) jitter: f64,
}

/// The decision about a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// The result's next state.
    State(ResultState),
    /// The token was rejected: refresh it and repeat the step.
    RefreshToken(ResultState),
    /// The grant has ended: hold all results of the account.
    Reconnect(ResultState),
    /// Nothing changes: a later check of a finished result found nothing.
    Unchanged,
}

/// Eight: with the backoff below, about ten minutes of retries of one step.
const MOST_FAILURES: u32 = 8;
/// Forty-eight: half a day of status checks. Giving up proves nothing about the outcome, so this takes
/// longer.
const MOST_FAILED_LOOKS: u32 = 48;
/// 5 s, doubling up to 15 min.
const BACKOFF_BASE: Duration = Duration::from_secs(5);
const BACKOFF_CAP: Duration = Duration::from_mins(15);

const LOST: &str = "The connection dropped during the final step, so we can't tell whether the video was posted. Check the account, then tell us.";
const UNCONFIRMED: &str =
    "We couldn't confirm whether the video was posted. Check the account, then tell us.";
const GAVE_UP: &str = "The platform couldn't be reached or kept having trouble, so we stopped trying. Nothing was posted. Try again later.";

/// Returns how often a step may fail in a row before its result ends.
#[must_use]
pub(super) fn patience(committed: bool) -> u32 {
    if committed { MOST_FAILED_LOOKS } else { MOST_FAILURES }
}

/// Returns the pause before the next attempt.
#[must_use]
pub(super) fn backoff(failures: u32, jitter: f64) -> Duration {
    let most = BACKOFF_BASE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(BACKOFF_CAP);
    // At least a second: an immediate retry would meet the same error.
    most.mul_f64(jitter.clamp(0.0, 1.0)).max(Duration::from_secs(1))
}

/// Returns the next state of a result after a step.
#[must_use]
pub(super) fn settle(run: &StepRun<'_>, outcome: Outcome) -> Settled {
    if run.was == StateName::Published || run.was == StateName::DeliveredToInbox {
        return look_again(run, outcome);
    }
    match outcome {
        Outcome::Read(Err(error) | Ok(Progress::Restart(_, error)))
            if run.effect == Effect::Once && !run.is_proof =>
        {
            unproven(run, &error)
        }
        Outcome::Read(Ok(Progress::Next(step) | Progress::Wait(step, _))) if run.is_forgotten_at(&step) => {
            Settled::State(ambiguous(run, None))
        }
        Outcome::Read(Ok(progress)) => advance(run, progress),
        Outcome::Read(Err(error)) => decline(run, run.step.clone(), &error),
        Outcome::NotSent => Settled::State(retry(run, run.step.clone(), None, None)),
        Outcome::SourceFailed(fault) => Settled::State(read_again(run, fault)),
        Outcome::NoReply | Outcome::Crashed => Settled::State(ambiguous(run, None)),
    }
}

/// Handles a later check of a finished result. A fruitless check is repeated until the limit of failures.
/// After that its finding is worth no more.
fn look_again(run: &StepRun<'_>, outcome: Outcome) -> Settled {
    match outcome {
        Outcome::Read(Ok(Progress::Published(receipt, look_again))) => {
            Settled::State(ResultState::Published { receipt, look_again, failures: 0 })
        }
        Outcome::Read(Ok(Progress::DeliveredToInbox(receipt, look_again)))
            if run.was == StateName::DeliveredToInbox =>
        {
            Settled::State(ResultState::DeliveredToInbox { receipt, look_again, failures: 0 })
        }
        Outcome::Read(Err(PlatformError { disposition: Disposition::RefreshToken, .. }))
            if run.failures == 0 =>
        {
            Settled::RefreshToken(over_again(run, Duration::ZERO))
        }
        Outcome::Read(Ok(_) | Err(PlatformError { disposition: Disposition::Reconnect, .. })) => {
            Settled::Unchanged
        }
        Outcome::Read(Err(_))
        | Outcome::NotSent
        | Outcome::NoReply
        | Outcome::Crashed
        | Outcome::SourceFailed(_)
            if run.failures < MOST_FAILURES =>
        {
            Settled::State(over_again(run, BACKOFF_CAP))
        }
        Outcome::Read(Err(_))
        | Outcome::NotSent
        | Outcome::NoReply
        | Outcome::Crashed
        | Outcome::SourceFailed(_) => Settled::Unchanged,
    }
}

/// Returns the unchanged state with one more check.
fn over_again(run: &StepRun<'_>, after: Duration) -> ResultState {
    let (receipt, look_again, failures) =
        (Receipt::default(), Some((run.step.clone(), after)), run.failures.saturating_add(1));
    if run.was == StateName::Published {
        ResultState::Published { receipt, look_again, failures }
    } else {
        ResultState::DeliveredToInbox { receipt, look_again, failures }
    }
}

/// Returns the state of a result in progress.
pub(super) fn under_way(committed: bool, step: Checkpoint, after: Duration, failures: u32) -> ResultState {
    if committed {
        ResultState::Processing { step, after, failures }
    } else {
        ResultState::Publishing { step, after, failures }
    }
}

impl StepRun<'_> {
    /// Reports whether the call may have published and the next step would forget that. No platform does so
    /// on purpose.
    fn is_forgotten_at(&self, step: &Checkpoint) -> bool {
        let may_have_published = self.effect == Effect::Once
            && self.reconcile.as_ref().is_some_and(|look| (self.committed_at)(look));
        may_have_published && !(self.committed_at)(step)
    }

    fn under_way(&self, step: Checkpoint, after: Duration, failures: u32) -> ResultState {
        under_way((self.committed_at)(&step), step, after, failures)
    }
}

fn advance(run: &StepRun<'_>, progress: Progress<Checkpoint>) -> Settled {
    Settled::State(match progress {
        Progress::Next(step) => run.under_way(step, Duration::ZERO, 0),
        // Waiting is not a failure.
        Progress::Wait(step, after) => run.under_way(step, after, 0),
        Progress::Published(receipt, look_again) => {
            ResultState::Published { receipt, look_again, failures: 0 }
        }
        Progress::DeliveredToInbox(receipt, look_again) => {
            ResultState::DeliveredToInbox { receipt, look_again, failures: 0 }
        }
        Progress::Recalled => ResultState::Cancelled,
        Progress::Doubt(step, code, message) => ResultState::InDoubt { step, code: code.to_owned(), message },
        Progress::Restart(step, error) => {
            // The platform ended the attempt for good, so the next attempt starts from the beginning.
            let fresh = StepRun { reconcile: None, effect: Effect::Read, step: &step, failures: 0, ..*run };
            return decline(&fresh, step.clone(), &error);
        }
    })
}

/// Handles an error response to a call that must not be sent twice. It does not prove that the call had no
/// effect: platforms have published what they refused. So the outcome is queried first. If a quota, a token
/// or a grant prevents that too, it is queried first thing afterwards.
fn unproven(run: &StepRun<'_>, error: &PlatformError) -> Settled {
    match (&run.reconcile, error.disposition) {
        (Some(look), Disposition::Hold { .. } | Disposition::RefreshToken | Disposition::Reconnect)
            if look != run.step =>
        {
            decline(run, look.clone(), error)
        }
        _ => Settled::State(ambiguous(run, Some(error))),
    }
}

fn decline(run: &StepRun<'_>, step: Checkpoint, error: &PlatformError) -> Settled {
    match error.disposition {
        Disposition::Retry { after } => Settled::State(retry(run, step, after, Some(error))),
        Disposition::Hold { reason, window, scope } => {
            let (until, code, message) = (Some((window, scope)), error.code.clone(), error.message);
            Settled::State(ResultState::Held { step: Some(step), reason, until, code, message })
        }
        Disposition::RefreshToken => Settled::RefreshToken(run.under_way(step, Duration::ZERO, run.failures)),
        Disposition::Reconnect => Settled::Reconnect(ResultState::Held {
            step: Some(step),
            reason: HeldReason::NeedsReconnect,
            until: None,
            code: error.code.clone(),
            message: error.message,
        }),
        Disposition::Ambiguous => Settled::State(ambiguous(run, Some(error))),
        // An error response to a query says nothing about the outcome, so the query is repeated.
        Disposition::UserFixable | Disposition::Permanent if (run.committed_at)(&step) => {
            Settled::State(retry(run, step, None, Some(error)))
        }
        Disposition::UserFixable | Disposition::Permanent => Settled::State(ResultState::Failed {
            code: error.code.clone(),
            message: error.message.to_owned(),
        }),
    }
}

/// Handles a call that may have taken effect. The worker queries the outcome if it can, or repeats an
/// idempotent call. Otherwise a person must check.
fn ambiguous(run: &StepRun<'_>, error: Option<&PlatformError>) -> ResultState {
    match &run.reconcile {
        Some(step) if step != run.step => run.under_way(step.clone(), Duration::ZERO, 0),
        Some(_) | None if run.effect != Effect::Once => retry(run, run.step.clone(), None, error),
        Some(_) | None => in_doubt(run.step.clone(), error, ("no_reply", LOST)),
    }
}

fn retry(
    run: &StepRun<'_>,
    step: Checkpoint,
    after: Option<Duration>,
    error: Option<&PlatformError>,
) -> ResultState {
    let failures = run.failures.saturating_add(1);
    let committed = (run.committed_at)(&step);
    if failures < patience(committed) {
        let after = after.unwrap_or_else(|| backoff(failures, run.jitter));
        return run.under_way(step, after, failures);
    }
    if committed {
        return in_doubt(step, error, ("unreachable", UNCONFIRMED));
    }
    let code = error.map_or("unreachable", |error| error.code.as_str()).to_owned();
    ResultState::Failed { code, message: GAVE_UP.to_owned() }
}

/// Repeats the step. If it failed too often, the result ends with the last error, not with a platform error.
fn read_again(run: &StepRun<'_>, fault: Fault) -> ResultState {
    match retry(run, run.step.clone(), None, None) {
        ResultState::Failed { .. } => {
            ResultState::Failed { code: fault.code.to_owned(), message: fault.message.to_owned() }
        }
        state => state,
    }
}

/// Returns a state in doubt, which only a person can resolve. `otherwise` is used if the platform gave no
/// error.
fn in_doubt(step: Checkpoint, error: Option<&PlatformError>, otherwise: (&str, &'static str)) -> ResultState {
    let (code, message) = error.map_or(otherwise, |error| (error.code.as_str(), UNCONFIRMED));
    ResultState::InDoubt { step, code: code.to_owned(), message }
}

/// Returns the platform's error in an outcome, if there is one.
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

/// Returns the outcome's name in the attempt log.
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
