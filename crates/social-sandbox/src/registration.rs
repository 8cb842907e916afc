//! Our app, as a developer registers it with a platform.

use url::Url;

/// What a developer enters on a platform's portal.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The allowed redirect URIs.
    pub redirect_uris: Vec<String>,
    /// The URL for webhooks, at platforms that send them.
    pub webhook_url: Option<Url>,
    /// The verified prefixes of videos' URLs, at platforms that download.
    pub verified_url_prefixes: Vec<String>,
}

/// Explains why a platform would not have registered the app.
#[derive(Debug, thiserror::Error)]
#[error("{platform}: {reason}")]
pub struct NotRegistered {
    platform: &'static str,
    reason: String,
}

impl NotRegistered {
    pub(crate) fn at(platform: &'static str, reason: &impl ToString) -> Self {
        Self { platform, reason: reason.to_string() }
    }
}

/// Returns scopes as an app has them.
pub(crate) fn scopes(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}
