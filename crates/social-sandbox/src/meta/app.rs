//! An app as it is registered in Meta's dashboard.

use crate::address::may_be_sent_to;
use crate::receiver::hex;
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
    /// Where users may be sent back to, compared byte by byte. The real dashboard takes `https` alone; `http` on
    /// loopback is taken here, or nothing could be tried on a laptop.
    pub redirect_uris: Vec<String>,
    /// The permissions the app may ask for.
    pub scopes: Vec<String>,
    /// The setting "Require App Secret".
    pub proof: Proof,
}

/// An app of the sandbox's own that may ask for nothing, for whoever does without Meta.
impl Default for App {
    fn default() -> Self {
        Self {
            id: "sandbox".into(),
            secret: "sandbox-secret".into(),
            redirect_uris: vec!["http://127.0.0.1:8888/.netlify/functions/social-accounts-callback".into()],
            scopes: Vec::new(),
            proof: Proof::Optional,
        }
    }
}

/// Whether server calls must prove that their caller knows the app's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A proof that is sent must be right.
    Optional,
    /// And it must be sent.
    Required,
}

/// Why an app would not have been registered.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No id or no secret.
    #[error("id and secret must not be empty")]
    Credentials,
    /// A redirect URI against the dashboard's rules.
    #[error("redirect URI {0}: https, or http on localhost with a port; no fragment")]
    RedirectUri(String),
}

impl App {
    pub(crate) fn check(&self) -> Result<(), AppError> {
        if self.id.is_empty() || self.secret.is_empty() {
            return Err(AppError::Credentials);
        }
        let bad =
            self.redirect_uris.iter().find(|uri| !Url::parse(uri).is_ok_and(|uri| may_be_sent_to(&uri)));
        bad.map_or(Ok(()), |bad| Err(AppError::RedirectUri(bad.clone())))
    }

    /// `appsecret_proof`: HMAC-SHA256 of the token, under the secret, in hex.
    pub(crate) fn proof_of(&self, token: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(token.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}
