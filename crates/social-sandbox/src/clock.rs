//! The sandbox's own time: the wall clock, which tests can move ahead.

use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One second, in the unit of all times of the sandbox.
pub(crate) const SECOND: i64 = 1_000;
/// One day, in the same unit.
pub(crate) const DAY: i64 = 86_400 * SECOND;

/// How far the sandbox is ahead of the wall clock.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Clock {
    ahead_ms: i64,
}

impl Clock {
    /// Returns milliseconds since 1970, by the sandbox's clock.
    pub(crate) fn now(self) -> i64 {
        wall().saturating_add(self.ahead_ms)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms = self.ahead_ms.saturating_add(by);
    }
}

/// Returns milliseconds since 1970 by the wall clock: the receiver of a webhook compares with it.
#[expect(clippy::disallowed_methods, reason = "the only place of the sandbox that reads the system's clock")]
pub(crate) fn wall() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
