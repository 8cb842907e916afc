//! The bearer token of a request (RFC 6750 §2.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use subtle::ConstantTimeEq as _;

use crate::secret::BearerToken;

/// The token after `Bearer` in the header `Authorization`; empty, if there is none.
#[derive(Debug)]
pub struct Bearer(BearerToken);

impl Bearer {
    /// Returns the token in the headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value
            .and_then(|value| value.split_once(' '))
            .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()));
        Self(BearerToken::new(token.unwrap_or_default()))
    }

    /// Returns the token; `None` if it is empty.
    pub(super) fn token(&self) -> Option<&str> {
        Some(self.0.expose()).filter(|token| !token.is_empty())
    }

    /// Reports whether the token is this secret, compared in constant time. An empty secret has no holder.
    #[must_use]
    pub fn is(&self, secret: &str) -> bool {
        self.token().is_some_and(|token| token.as_bytes().ct_eq(secret.as_bytes()).into())
    }
}

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(value: &str) -> Bearer {
        Bearer::of(&HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]))
    }

    #[test]
    fn the_scheme_is_read_in_whatever_case_and_only_the_whole_secret_counts() {
        for value in ["Bearer one", "bearer one", "BEARER  one "] {
            assert!(sent(value).is("one"), "{value}");
        }
        for value in ["Bearer on", "Bearer one1", "Bearer", "Bearer ", "Basic one", "one"] {
            assert!(!sent(value).is("one"), "{value}");
        }
        assert!(!sent("Bearer ").is("") && !Bearer::of(&HeaderMap::new()).is(""));
        assert!(!format!("{:?}", sent("Bearer canary")).contains("canary"));
    }
}
