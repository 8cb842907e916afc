//! Whose token goes with a call.

use http::HeaderValue;

use crate::secret::AccessToken;

/// Whose token goes with a call, and under which scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `Bearer` (RFC 6750 §2.1).
    Bearer(AccessToken),
    /// `OAuth`, which Meta's upload hosts want in its place.
    OAuth(AccessToken),
}

impl Authorization {
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let (scheme, token) = match self {
            Self::Bearer(token) => ("Bearer", token),
            Self::OAuth(token) => ("OAuth", token),
        };
        let mut value = HeaderValue::try_from(format!("{scheme} {}", token.expose())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
