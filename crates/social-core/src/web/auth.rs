//! Authenticates the caller: a bearer JWT, signed with an algorithm that our settings or the key allow (RFC
//! 8725 §3.1).

mod claims;
mod examine;
mod key;
mod key_set;
mod refusal;
mod token;
mod warnings;

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey};

pub(crate) use self::examine::IssuerKeys;

use self::claims::Claims;
use self::key_set::KeySet;
use self::refusal::{Denied, Refusal};
use self::token::Token;
use self::warnings::Warnings;
use super::bearer::Bearer;
use super::codes::UserCode;
use super::error::ApiError;
use crate::clock::{Clock, Timestamp};
use crate::config::{AuthConfig, AuthKeys};
use crate::http::Http;
use crate::model::OwnerId;

/// The algorithms of a shared secret.
const SECRET: &[Algorithm] = &[Algorithm::HS256];

/// Verifies signatures.
#[derive(Debug)]
enum Signer {
    Secret(DecodingKey),
    Keys(Box<KeySet>),
}

/// Checks tokens.
#[derive(Debug)]
pub(crate) struct Authenticator {
    signer: Signer,
    issuer: Option<String>,
    audiences: Vec<String>,
    warnings: Warnings,
    clock: Arc<dyn Clock>,
}

impl Authenticator {
    pub(crate) fn new(config: AuthConfig, http: &Http, clock: &Arc<dyn Clock>) -> Self {
        let AuthConfig { keys, issuer, audiences } = config;
        let signer = match keys {
            AuthKeys::Secret(secret) => Signer::Secret(DecodingKey::from_secret(secret.expose().as_bytes())),
            AuthKeys::Jwks { url, authorities } => {
                if issuer.is_none() {
                    tracing::warn!(
                        error.code = "issuer_not_checked",
                        "AUTH_JWKS_URL is set without AUTH_JWT_ISSUER: tokens of other projects are accepted if they share the keys, as at Firebase, Google and Apple. Set AUTH_JWT_ISSUER."
                    );
                }
                let http = authorities.map_or_else(
                    || http.clone(),
                    |authorities| Http::trusting(authorities, Arc::clone(clock)),
                );
                Signer::Keys(Box::new(KeySet::new(url, http, Arc::clone(clock))))
            }
        };
        Self { signer, issuer, audiences, warnings: Warnings::default(), clock: Arc::clone(clock) }
    }

    /// Returns the owner that a token identifies.
    async fn owner(&self, token: &str, now: Timestamp) -> Result<OwnerId, Denied> {
        let token = Token::read(token)?;
        self.verify(&token).await?;
        let claims = Claims::read(&token)?;
        claims.check_times(now)?;
        claims.check_issuer(self.issuer.as_deref())?;
        claims.check_audiences(&self.audiences)?;
        Ok(claims.owner()?)
    }

    /// Returns the owner that a token identifies, or the response to its sender.
    async fn admit(&self, token: &str) -> Result<OwnerId, ApiError> {
        let now = self.clock.now();
        self.owner(token, now).await.map_err(|denied| {
            if let Denied::Refused(refusal) = &denied {
                self.log(refusal, now);
            }
            denied.into()
        })
    }

    async fn verify(&self, token: &Token<'_>) -> Result<(), Denied> {
        let accepted = match &self.signer {
            Signer::Secret(_) => SECRET,
            Signer::Keys(_) => key::ALGORITHMS,
        };
        let algorithm = token.algorithm(accepted)?;
        match &self.signer {
            Signer::Secret(secret) if token.is_signed_by(secret, algorithm) => Ok(()),
            Signer::Secret(_) => Err(Refusal::Signature.into()),
            Signer::Keys(keys) => keys.verify(token, algorithm).await,
        }
    }

    /// Reports to the operator why tokens are rejected. An expired token is normal; any other may be a wrong
    /// setting.
    fn log(&self, refusal: &Refusal, now: Timestamp) {
        let (cause, told) =
            (refusal.cause(), refusal.told_to_operator(self.issuer.as_deref(), &self.audiences));
        if matches!(refusal, Refusal::Expired) || !self.warnings.is_due(cause, now) {
            tracing::debug!(error.code = cause, "a token was rejected: {told}");
        } else {
            tracing::warn!(error.code = cause, "a token was rejected: {told}");
        }
    }
}

/// The signed-in user of a request. As a guard in front of a function's routes, it comes before 404 and 405, and
/// the token is checked once.
#[derive(Debug, Clone)]
pub(super) struct Owner(pub(super) OwnerId);

impl<S: Send + Sync> FromRequestParts<S> for Owner
where
    Arc<Authenticator>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let bearer = Bearer::of(&parts.headers);
        let token = bearer.token().ok_or(UserCode::Unauthorized)?;
        let owner = Self(Arc::<Authenticator>::from_ref(state).admit(token).await?);
        parts.extensions.insert(owner.clone());
        Ok(owner)
    }
}
