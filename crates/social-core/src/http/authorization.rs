//! The access token that goes with a call.

use http::HeaderValue;

use crate::secret::AccessToken;

/// An access token with its authorization scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `Bearer` (RFC 6750 §2.1).
    Bearer(AccessToken),
    /// `OAuth`, which Meta's upload hosts require instead.
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
