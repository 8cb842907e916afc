//! Times in responses.

use serde::{Serialize as _, Serializer};

use crate::clock::Timestamp;

/// Returns a time in RFC 3339, in UTC, to the millisecond.
pub(super) fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Writes a time like [`rfc3339`].
pub(super) fn milliseconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}

/// Writes a time like [`rfc3339`], or null.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
pub(super) fn optional<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(rfc3339).serialize(serializer)
}
