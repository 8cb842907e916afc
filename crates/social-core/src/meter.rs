//! What the program measures. Without a recorder, as in the functions, this does nothing.

use metrics::{counter, histogram};

use crate::model::{Attempt, AttemptOutcome, PlatformId, StateName};

/// How long calls to the platforms took, by platform, step and outcome.
pub const STEP_SECONDS: &str = "social_step_duration_seconds";
/// Results that reached a state, by platform and state.
pub const RESULTS: &str = "social_results_total";
/// Videos that a step could not read or use, by code.
pub const SOURCE_FAILURES: &str = "social_source_failures_total";
/// Tokens that were sent to a platform for a refresh, by platform and outcome.
pub const TOKEN_REFRESHES: &str = "social_token_refreshes_total";

/// What became of a token that was sent to a platform for a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefreshOutcome {
    /// The new token is saved.
    Ok,
    /// The platform reported that the grant has ended.
    GrantEnded,
    /// The platform refused, or did not respond.
    Failed,
    /// The account was reconnected or disconnected meanwhile.
    Superseded,
}

impl RefreshOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::GrantEnded => "grant_ended",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

/// Measures calls that were saved.
pub(crate) fn measure(platform: &PlatformId, attempts: &[Attempt]) {
    for attempt in attempts {
        let (platform, step) = (platform.to_string(), attempt.step.clone());
        histogram!(STEP_SECONDS, "platform" => platform, "step" => step, "outcome" => attempt.outcome.name())
            .record(attempt.duration);
        if let (AttemptOutcome::SourceFailed, Some(code)) = (attempt.outcome, &attempt.code) {
            counter!(SOURCE_FAILURES, "code" => code.clone()).increment(1);
        }
    }
}

/// Counts a result that reached another state.
pub(crate) fn count(platform: &PlatformId, state: StateName) {
    counter!(RESULTS, "platform" => platform.to_string(), "state" => state.name()).increment(1);
}

/// Counts a token that was sent to a platform for a refresh.
pub(crate) fn count_refresh(platform: &PlatformId, outcome: RefreshOutcome) {
    counter!(TOKEN_REFRESHES, "platform" => platform.to_string(), "outcome" => outcome.name()).increment(1);
}
