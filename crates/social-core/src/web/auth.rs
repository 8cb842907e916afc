//! Authenticates the caller: a bearer JWT, signed with an algorithm that our settings or the key allow (RFC
//! 8725 §3.1).

mod claims;
mod key;
mod key_set;
mod refusal;
mod token;
mod warnings;

use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey};

use self::claims::Claims;
use self::key_set::KeySet;
use self::refusal::{Denied, Refusal};
use self::token::Token;
use self::warnings::Warnings;
use super::App;
use super::request::Incoming;
use super::respond::ApiError;
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
pub(super) struct Authenticator {
    signer: Signer,
    issuer: Option<String>,
    audiences: Vec<String>,
    warnings: Warnings,
}

impl Authenticator {
    pub(super) fn new(config: AuthConfig, http: &Http, clock: &Arc<dyn Clock>) -> Self {
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
        Self { signer, issuer, audiences, warnings: Warnings::default() }
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

impl App {
    /// Returns the signed-in user of a request.
    pub(super) async fn owner(&self, incoming: &Incoming) -> Result<OwnerId, ApiError> {
        let Some(token) = incoming.bearer().filter(|token| !token.is_empty()) else {
            let message = "Sign in first. Send the user's token as Authorization: Bearer <JWT>.";
            return Err(ApiError::new(401, "unauthorized", message));
        };
        self.authenticator.owner(token, incoming.now).await.map_err(|denied| {
            if let Denied::Refused(refusal) = &denied {
                self.authenticator.log(refusal, incoming.now);
            }
            denied.into()
        })
    }
}
