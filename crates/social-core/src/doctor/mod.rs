//! Checks a deployment live, for its operator: each check has a finding, and a remedy where one is needed.
//!
//! It only reads, apart from the row that every health check writes. No finding contains a secret.

mod check;
mod database;
mod encryption;
mod platforms;
mod queue;
mod sign_in;
mod skew;

pub use check::{Check, Report, Verdict};

use crate::oauth::Flow;

/// Checks everything that the settings name. `token` is a user's token to try.
pub async fn examine(flow: &Flow, token: Option<&str>) -> Report {
    let (mut checks, diagnosis) = database::examine(flow).await;
    if let Some((health, diagnosis)) = diagnosis {
        checks.extend(encryption::examine(flow).await);
        checks.extend(queue::examine(flow, health.pulse, &diagnosis));
    }
    checks.extend(sign_in::examine(flow, token).await);
    checks.extend(platforms::examine(flow).await);
    Report::of(checks)
}
