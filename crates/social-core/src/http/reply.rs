//! A response that was read completely.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::lenient::{self, Unreadable};
use crate::clock::Timestamp;

/// A response that was read completely.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`MAX_REPLY`] bytes.
    pub body: Bytes,
}

impl Reply {
    /// Decodes the body as JSON, where one odd member does not spoil the others: see [`lenient`].
    ///
    /// # Errors
    /// Returns an error if the body is not JSON, or lacks a required member.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        lenient::read(&self.body)
    }

    /// Decodes the body the same way, for callers that do not need the error.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        self.read().ok()
    }

    /// Returns a header's text; the first, if there are several. No header holds a NUL, so it needs no
    /// cleaning.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// Reports whether the status is in the 200s.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the pause that `Retry-After` requires (RFC 9110 §10.2.3). It may be in seconds, or a date,
    /// which is compared with the response's own `Date`, so no clock of ours matters. The pause is between a
    /// second and six hours: platforms mean neither zero nor a year.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        Some(self.asked_pause()?.clamp(Duration::from_secs(1), Duration::from_hours(6)))
    }

    fn asked_pause(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        (read_date(text)? - self.date()?).to_std().ok()
    }

    /// Returns when the response was made, by the clock of its server (RFC 9110 §6.6.1).
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        read_date(self.header("date")?)
    }
}

fn read_date(text: &str) -> Option<Timestamp> {
    chrono::DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

/// 1 MiB: platform responses are a few KiB. Larger ones are not read.
pub const MAX_REPLY: usize = 1024 * 1024;
