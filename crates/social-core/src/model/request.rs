//! The id of a request.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

/// The id of a request: the caller's, or ours. The response, the log, the audit trail and the attempt log have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// Returns the caller's id if it is plain, so that it can stand in a header, a log and a row.
    #[must_use]
    pub fn named(id: &str) -> Option<Self> {
        let is_plain = (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        is_plain.then(|| Self(id.to_owned()))
    }

    /// Returns its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_only_if_it_is_short_and_plain() {
        let longest = "a".repeat(128);
        for good in ["1", "0190a1b2-c3d4.E_5", longest.as_str()] {
            assert_eq!(RequestId::named(good).unwrap().as_str(), good);
        }
        for bad in ["", "two words", "a\u{e9}", "a\n", "a/b", "\"", &"a".repeat(129)] {
            assert_eq!(RequestId::named(bad), None, "{bad:?}");
        }
    }
}
