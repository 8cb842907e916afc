//! The claims of a token (RFC 7519 §4.1), read after its signature was verified.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::refusal::Refusal;
use super::token::Token;
use crate::clock::Timestamp;
use crate::model::OwnerId;

/// 60 s: the tolerated difference between the provider's clock and ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// The claims that we check, of any JSON type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claims {
    sub: Value,
    exp: Value,
    nbf: Value,
    iss: Value,
    aud: Value,
}

impl Claims {
    pub(super) fn read(token: &Token<'_>) -> Result<Self, Refusal> {
        token.claims().ok_or(Refusal::Unreadable)
    }

    /// Checks the times. A time may have a fraction (RFC 7519 §2). `exp` is required, `nbf` is not.
    pub(super) fn check_times(&self, now: Timestamp) -> Result<(), Refusal> {
        let now = (now - Timestamp::UNIX_EPOCH).to_std().unwrap_or_default();
        let expires = time(&self.exp).ok_or(Refusal::NoExpiry)?;
        if expires.saturating_add(LEEWAY) <= now {
            return Err(Refusal::Expired);
        }
        let has_begun = self.nbf.is_null() || time(&self.nbf).is_some_and(|begins| begins <= now + LEEWAY);
        if has_begun { Ok(()) } else { Err(Refusal::NotYetValid) }
    }

    pub(super) fn check_issuer(&self, demanded: Option<&str>) -> Result<(), Refusal> {
        match demanded {
            Some(demanded) if self.iss != *demanded => Err(Refusal::Issuer { found: told(&self.iss) }),
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that the token and our settings share one audience. `aud` is a string or a list of strings.
    pub(super) fn check_audiences(&self, demanded: &[String]) -> Result<(), Refusal> {
        let is_demanded = |found: &Value| demanded.iter().any(|one| *found == *one.as_str());
        let is_ours = match &self.aud {
            Value::Array(several) => several.iter().any(is_demanded),
            one => is_demanded(one),
        };
        if is_ours || demanded.is_empty() {
            return Ok(());
        }
        Err(Refusal::Audience { found: told(&self.aud) })
    }

    pub(super) fn owner(&self) -> Result<OwnerId, Refusal> {
        self.sub.as_str().and_then(OwnerId::new).ok_or(Refusal::Subject)
    }
}

/// Returns a time as seconds since 1970, or 1970 if it is earlier. `None` if it is no number.
fn time(value: &Value) -> Option<Duration> {
    if let Some(seconds) = value.as_u64() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds = value.as_f64()?;
    // A time beyond the range of a duration is never reached.
    Some(Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX))
}

/// Returns a claim as text for the operator.
fn told(claim: &Value) -> String {
    claim.as_str().map_or_else(|| claim.to_string(), str::to_owned)
}
