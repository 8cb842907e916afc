//! A response fully read.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::lenient::{self, Unreadable};

/// A response fully read.
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
    /// Reads the body as JSON, where one odd member spoils no other: see [`lenient`].
    ///
    /// # Errors
    /// When it is no JSON, or lacks what it must hold.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        lenient::read(&self.body)
    }

    /// The same, where why it cannot be read does not matter.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        self.read().ok()
    }

    /// A header's text; the first, if there are several. No header holds a NUL: it needs no cleaning.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// Whether the status is in the 200s.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The pause that `Retry-After` asks for (RFC 9110 §10.2.3), in seconds or as a date against the reply's
    /// own `Date`, so that no clock of ours enters. At least a second, at most six hours: neither zero nor a year
    /// is meant.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        Some(self.asked_pause()?.clamp(Duration::from_secs(1), Duration::from_hours(6)))
    }

    fn asked_pause(&self) -> Option<Duration> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        (until - chrono::DateTime::parse_from_rfc2822(self.header("date")?).ok()?).to_std().ok()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, {} bytes)", self.status, self.body.len())
    }
}

/// 1 MiB: platform replies are a few KiB; what is larger is not one.
pub const MAX_REPLY: usize = 1024 * 1024;
