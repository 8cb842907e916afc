//! What the worker measures. Without a recorder, as in the functions, this does nothing.

use metrics::{counter, histogram};

use crate::model::{Attempt, PlatformId, StateName};

/// How long calls to the platforms took, by platform, step and outcome.
pub const STEP_SECONDS: &str = "social_step_duration_seconds";
/// Results that reached a state, by platform and state.
pub const RESULTS: &str = "social_results_total";

/// Measures calls that were saved.
pub(super) fn measure(platform: &PlatformId, attempts: &[Attempt]) {
    for attempt in attempts {
        let (platform, step) = (platform.to_string(), attempt.step.clone());
        histogram!(STEP_SECONDS, "platform" => platform, "step" => step, "outcome" => attempt.outcome.name())
            .record(attempt.duration);
    }
}

/// Counts a result that reached another state.
pub(super) fn count(platform: &PlatformId, state: StateName) {
    counter!(RESULTS, "platform" => platform.to_string(), "state" => state.name()).increment(1);
}
