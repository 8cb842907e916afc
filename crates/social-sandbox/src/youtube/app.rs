//! The OAuth client and its project, as registered in Google's console.

use crate::request::is_loopback;
use serde::{Deserialize, Serialize};
use url::Url;

/// A web client and the project it belongs to.
#[derive(Debug, Clone)]
pub struct App {
    /// Its client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The allowed redirect URIs: `https`, or `http` on loopback.
    pub redirect_uris: Vec<String>,
    /// The scopes declared on the consent screen, as full URLs.
    pub scopes: Vec<String>,
    /// The publishing status of the consent screen.
    pub publishing: Publishing,
}

/// The publishing status of a consent screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Publishing {
    /// "Testing": every grant ends after seven days.
    Testing,
    /// "In production".
    Production,
}

/// Explains why a client would not have been registered.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No id or no secret.
    #[error("client_id and client_secret must not be empty")]
    Credentials,
    /// A redirect URI that breaks the console's rules.
    #[error("redirect URI {0}: https, or http on localhost; no fragment")]
    RedirectUri(String),
    /// A scope that is not simulated.
    #[error("scope {0} is not simulated")]
    Scope(String),
}

impl App {
    pub(crate) fn check(&self) -> Result<(), AppError> {
        if self.client_id.is_empty() || self.client_secret.is_empty() {
            return Err(AppError::Credentials);
        }
        if let Some(bad) = self.redirect_uris.iter().find(|uri| !may_be_registered(uri)) {
            return Err(AppError::RedirectUri(bad.clone()));
        }
        match self.scopes.iter().find(|scope| !super::scopes::SCOPES.contains(&scope.as_str())) {
            Some(bad) => Err(AppError::Scope(bad.clone())),
            None => Ok(()),
        }
    }
}

fn may_be_registered(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    (url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url)) && url.fragment().is_none()
}
