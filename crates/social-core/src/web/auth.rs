//! Who the caller is: a bearer JWT, with the algorithm pinned by configuration (RFC 8725 §3.1).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use url::Url;

use super::App;
use super::request::Incoming;
use super::respond::ApiError;
use crate::clock::{Deadline, Timestamp, between};
use crate::config::{AuthConfig, AuthKeys};
use crate::http::{Call, Effect, Http};
use crate::model::OwnerId;

/// 8 KiB: no identity provider's token is longer.
const LONGEST: usize = 8 * 1024;
/// 60 s: the clocks of a provider and ours may differ by as much.
const LEEWAY: i64 = 60;
/// A minute: an unknown key id may ask for the keys again no more often than this.
const REFETCH: Duration = Duration::from_mins(1);
/// Ten minutes: as long as a key that its provider has withdrawn may still be taken.
const MOST_AGE: Duration = Duration::from_mins(10);

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
}

/// Checks tokens, and remembers a provider's keys.
#[derive(Debug)]
pub(super) struct Authenticator {
    config: AuthConfig,
    keys: Mutex<Option<(JwkSet, Timestamp)>>,
}

impl Authenticator {
    pub(super) fn new(config: AuthConfig) -> Self {
        Self { config, keys: Mutex::new(None) }
    }

    /// The owner a token speaks for.
    async fn owner(&self, token: &str, http: &Http, now: Timestamp) -> Option<OwnerId> {
        if token.len() > LONGEST {
            return None;
        }
        let (key, algorithms): (_, &[Algorithm]) = match &self.config.keys {
            AuthKeys::Secret(secret) => {
                (DecodingKey::from_secret(secret.expose().as_bytes()), &[Algorithm::HS256])
            }
            AuthKeys::Jwks(url) => {
                (self.key_of(token, url, http, now).await?, &[Algorithm::RS256, Algorithm::ES256])
            }
        };
        let algorithm = decode_header(token).ok()?.alg;
        if !algorithms.contains(&algorithm) {
            return None;
        }
        let mut validation = Validation::new(algorithm);
        // Times are checked below, against the clock that was passed in.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["sub", "exp"]);
        validation.validate_aud = self.config.audience.is_some();
        if let Some(audience) = &self.config.audience {
            validation.set_audience(&[audience]);
            validation.set_required_spec_claims(&["sub", "exp", "aud"]);
        }
        if let Some(issuer) = &self.config.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        let claims = decode::<Claims>(token, &key, &validation).ok()?.claims;
        let now = now.timestamp();
        let is_alive = claims.exp.saturating_add(LEEWAY) > now;
        let has_begun = claims.nbf.is_none_or(|nbf| nbf.saturating_sub(LEEWAY) <= now);
        if is_alive && has_begun { OwnerId::new(&claims.sub) } else { None }
    }

    /// The provider's key that a token names; only keys of the configured set count.
    async fn key_of(&self, token: &str, url: &Url, http: &Http, now: Timestamp) -> Option<DecodingKey> {
        let kid = decode_header(token).ok()?.kid?;
        let find = |keys: &JwkSet| keys.find(&kid).and_then(|key| DecodingKey::from_jwk(key).ok());
        let fetched_at = {
            let kept = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            let young = kept.as_ref().filter(|(_, at)| between(*at, now) < MOST_AGE);
            if let Some(key) = young.and_then(|(keys, _)| find(keys)) {
                return Some(key);
            }
            kept.as_ref().map(|(_, at)| *at)
        };
        if fetched_at.is_some_and(|at| between(at, now) < REFETCH) {
            return None;
        }
        let call = Call::new(Method::GET, url.clone(), Effect::Read);
        let fetched = http.send(call, None, Deadline::after(now, Duration::from_secs(5))).await.ok();
        // No answer is remembered as well: bad tokens must not have us ask the provider without end.
        let keys: JwkSet = fetched.and_then(|reply| reply.json()).unwrap_or(JwkSet { keys: Vec::new() });
        let key = find(&keys);
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some((keys, now));
        key
    }
}

impl App {
    /// The signed-in user who asks.
    pub(super) async fn owner(&self, incoming: &Incoming) -> Result<OwnerId, ApiError> {
        let unauthorized =
            || ApiError::new(401, "unauthorized", "Your session is missing or has ended. Sign in again.");
        let token = incoming.bearer().ok_or_else(unauthorized)?;
        self.authenticator.owner(token, &self.flow().http, incoming.now).await.ok_or_else(unauthorized)
    }
}
