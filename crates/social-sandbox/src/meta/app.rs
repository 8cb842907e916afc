//! An app as registered in Meta's dashboard.

use crate::address::may_be_sent_to;
use crate::receiver::hex;
use crate::registration::{Registration, scopes};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use url::Url;

/// A registered app.
#[derive(Debug, Clone)]
pub struct App {
    /// Its public id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The allowed redirect URIs, compared byte by byte. The real dashboard accepts only `https`. The sandbox
    /// also accepts `http` on loopback, so that it works on a laptop.
    pub redirect_uris: Vec<String>,
    /// The scopes that the app may request.
    pub scopes: Vec<String>,
    /// The setting "Require App Secret".
    pub proof: Proof,
}

/// Whether server calls must prove that their sender knows the app's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A proof is optional, but must be correct.
    Optional,
    /// A proof is required.
    Required,
}

/// Explains why an app would not have been registered.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No id or no secret.
    #[error("id and secret must not be empty")]
    Credentials,
    /// A redirect URI that breaks the dashboard's rules.
    #[error("redirect URI {0}: https, or http on localhost with a port; no fragment")]
    RedirectUri(String),
}

impl App {
    /// Returns the app that Meta registers.
    pub(crate) fn registered(registration: Registration, wanted: &[&str], proof: Proof) -> Self {
        Self {
            id: registration.client_id,
            secret: registration.client_secret,
            redirect_uris: registration.redirect_uris,
            scopes: scopes(wanted),
            proof,
        }
    }

    pub(crate) fn check(&self) -> Result<(), AppError> {
        if self.id.is_empty() || self.secret.is_empty() {
            return Err(AppError::Credentials);
        }
        let bad =
            self.redirect_uris.iter().find(|uri| !Url::parse(uri).is_ok_and(|uri| may_be_sent_to(&uri)));
        bad.map_or(Ok(()), |bad| Err(AppError::RedirectUri(bad.clone())))
    }

    /// Returns `appsecret_proof`: HMAC-SHA256 of the token, with the secret, in hex.
    pub(crate) fn proof_of(&self, token: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(token.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}
