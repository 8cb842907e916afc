//! Time, passed in: the process's own idea of it.
//!
//! What the database decides (leases, due times, expiry) it decides by its own clock, the SQL function
//! `social_now()`. This clock serves what never reaches the database: the age of a JWT or of a webhook, and
//! how long a call took. A process whose clock is minutes off publishes just the same.

use std::fmt::Debug;
use std::time::Duration;

/// A moment, in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Says what time it is.
pub trait Clock: Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The system's wall clock. Wall, not monotonic: a frozen function must notice on thawing that time passed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }
}

/// When a stretch of work must be over, by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Timestamp);

impl Deadline {
    /// The deadline that lies `after` from `now`.
    #[must_use]
    pub fn after(now: Timestamp, after: Duration) -> Self {
        let after = chrono::Duration::from_std(after).unwrap_or(chrono::Duration::MAX);
        Self(now.checked_add_signed(after).unwrap_or(Timestamp::MAX_UTC))
    }

    /// How long is left; zero once it has passed.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Duration {
        (self.0 - now).to_std().unwrap_or(Duration::ZERO)
    }
}

/// The time from one moment to a later one; zero if the clock was set back between.
#[must_use]
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    (later - earlier).to_std().unwrap_or(Duration::ZERO)
}
