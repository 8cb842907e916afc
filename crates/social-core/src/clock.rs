//! The process's clock, passed in as a dependency.
//!
//! The database decides about leases, due times and expiry by its own clock, the SQL function `social_now()`.
//! This clock serves what never reaches the database: the age of a JWT or of a webhook, and the duration of a
//! call. A process whose clock is minutes off publishes just the same.

use std::fmt::{self, Debug};
use std::time::Duration;

use chrono::{DateTime, Datelike as _};
use serde::de::{Deserializer, Error, Unexpected, Visitor};

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

/// Reads a time that a person or a program wrote (RFC 3339): with its offset, and in a year from 0000 to 9999, in UTC too.
/// Chrono reads more, which not every reader of ours could read again.
#[must_use]
pub fn read_rfc3339(text: &str) -> Option<Timestamp> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    is_of_rfc3339(at).then_some(at)
}

/// Returns whether RFC 3339 can write a time's year.
#[must_use]
pub fn is_of_rfc3339(at: Timestamp) -> bool {
    (0..=9999).contains(&at.year())
}

/// What [`read_rfc3339`] reads, as an error of serde names it.
pub(crate) const TIME: &str = "a time of RFC 3339";

struct Rfc3339;

impl Visitor<'_> for Rfc3339 {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(TIME)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Timestamp, E> {
        read_rfc3339(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

fn rfc3339<'de, D: Deserializer<'de>>(value: D) -> Result<Timestamp, D::Error> {
    value.deserialize_str(Rfc3339)
}

/// A field that is read by [`read_rfc3339`], or null.
pub(crate) fn rfc3339_or_null<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(transparent)]
    struct Given(#[serde(deserialize_with = "rfc3339")] Timestamp);
    let given: Option<Given> = serde::Deserialize::deserialize(value)?;
    Ok(given.map(|Given(at)| at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_an_offset_and_a_year_that_rfc_3339_can_write() {
        let at = read_rfc3339("2026-12-24T18:00:00+01:00").unwrap();
        assert_eq!(read_rfc3339("2026-12-24t17:00:00.000z"), Some(at));
        assert!(read_rfc3339("0000-01-01T00:00:00Z").is_some());
        assert!(read_rfc3339("9999-12-31T23:59:59Z").is_some());
        for odd in [
            "2026-12-24",
            "2026-12-24T18:00:00",
            " 2026-12-24T18:00:00Z",
            "2026-12-24T18:00:00Z ",
            "2026-12-24T18:00:00 +01:00",
            "+2026-12-24T18:00:00Z",
            "-4800-01-01T00:00:00Z",
            "-0001-12-31T23:59:59Z",
            "0000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "+260000-01-01T00:00:00Z",
        ] {
            assert_eq!(read_rfc3339(odd), None, "{odd}");
        }
    }
}
