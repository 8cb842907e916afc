//! What waits: for its account, for a window, for its turn.

use crate::model::HeldReason;
use crate::platform;
use crate::store::call::seconds;

/// Why an account's results wait for a new connection.
pub(super) struct Parking<'a> {
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

impl<'a> Parking<'a> {
    /// The grant has ended, for a reason we have a sentence for.
    pub(super) fn because(message: &'a str) -> Self {
        Self { code: HeldReason::NeedsReconnect.name(), message }
    }
}

/// The platforms, and how many seconds apart an account of each may begin its results.
pub(super) fn paces() -> (Vec<String>, Vec<f64>) {
    platform::FACTS.iter().map(|facts| (facts.id.to_string(), seconds(facts.pace.spacing))).unzip()
}
