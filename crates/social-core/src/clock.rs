//! The process's clock, passed in as a dependency.
//!
//! The database decides about leases, due times and expiry by its own clock, the SQL function `social_now()`.
//! This clock serves what never reaches the database: the age of a JWT or of a webhook, and the duration of a
//! call. A process whose clock is minutes off publishes just the same.

use std::fmt::Debug;
use std::time::Duration;

/// A moment, in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Returns the current time.
pub trait Clock: Debug + Send + Sync {
    /// Returns the time now.
    fn now(&self) -> Timestamp;
}

/// The system's wall clock. It is not monotonic: a frozen function must notice afterwards that time has
/// passed.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now()
    }
}

/// The time by which some work must end, by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(pub Timestamp);

impl Deadline {
    /// Returns the deadline that lies `after` from `now`.
    #[must_use]
    pub fn after(now: Timestamp, after: Duration) -> Self {
        let after = chrono::Duration::from_std(after).unwrap_or(chrono::Duration::MAX);
        Self(now.checked_add_signed(after).unwrap_or(Timestamp::MAX_UTC))
    }

    /// Returns the time left; zero once the deadline has passed.
    #[must_use]
    pub fn left(&self, now: Timestamp) -> Duration {
        (self.0 - now).to_std().unwrap_or(Duration::ZERO)
    }
}

/// Returns the time from one moment to a later one; zero if the clock was set back in between.
#[must_use]
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    (later - earlier).to_std().unwrap_or(Duration::ZERO)
}
