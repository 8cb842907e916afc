//! The app as registered in the developers' portal.

use crate::address::{may_be_pulled, may_be_sent_to};
use url::Url;

/// The most redirect URIs of an app, and the longest.
const REDIRECT_URIS: usize = 10;
const REDIRECT_URI_LENGTH: usize = 512;

/// A registered app.
#[derive(Debug, Clone)]
pub struct App {
    /// Its client key.
    pub client_key: String,
    /// Its secret, which also signs webhooks.
    pub client_secret: String,
    /// The allowed redirect URIs: `https`, or `http` on loopback with a port, which requires PKCE.
    pub redirect_uris: Vec<String>,
    /// The scopes enabled on the app.
    pub scopes: Vec<String>,
    /// The URL for webhooks.
    pub webhook_url: Option<Url>,
    /// URL properties: videos are downloaded only from below these.
    pub verified_url_prefixes: Vec<String>,
    /// Whether the app has passed the audit for public posts.
    pub audited: bool,
}

/// Explains why an app would not have been registered.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No key or no secret.
    #[error("client_key and client_secret must not be empty")]
    Credentials,
    /// A redirect URI that breaks the portal's rules.
    #[error("redirect URI {0}: https, or http on localhost with a port; no query, no fragment, short")]
    RedirectUri(String),
    /// Too many of them.
    #[error("an app has at most {REDIRECT_URIS} redirect URIs")]
    RedirectUris,
    /// A prefix that could not have been verified.
    #[error("URL prefix {0}: https, or http on loopback; no query")]
    UrlPrefix(String),
}

impl App {
    pub(crate) fn check(&self) -> Result<(), AppError> {
        if self.client_key.is_empty() || self.client_secret.is_empty() {
            return Err(AppError::Credentials);
        }
        if self.redirect_uris.len() > REDIRECT_URIS {
            return Err(AppError::RedirectUris);
        }
        if let Some(bad) = self.redirect_uris.iter().find(|uri| !may_be_registered(uri)) {
            return Err(AppError::RedirectUri(bad.clone()));
        }
        if let Some(bad) = self.verified_url_prefixes.iter().find(|prefix| !may_be_verified(prefix)) {
            return Err(AppError::UrlPrefix(bad.clone()));
        }
        Ok(())
    }

    /// Reports whether the URL lies under a verified prefix.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        self.verified_url_prefixes.iter().filter_map(|prefix| Url::parse(prefix).ok()).any(|prefix| {
            let folder = format!("{}/", prefix.path().trim_end_matches('/'));
            prefix.origin() == url.origin() && url.path().starts_with(&folder)
        })
    }
}

fn may_be_registered(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    uri.len() < REDIRECT_URI_LENGTH && may_be_sent_to(&url) && url.query().is_none()
}

fn may_be_verified(prefix: &str) -> bool {
    Url::parse(prefix).is_ok_and(|url| may_be_pulled(&url) && url.query().is_none())
}
