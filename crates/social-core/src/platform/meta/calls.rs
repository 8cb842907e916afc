//! The Graph API's calls.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::Method;
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect};
use crate::secret::AccessToken;

/// Returns a call under a version of the API: a GET without a body, a POST with one.
pub(in crate::platform) fn api_call(
    settings: &PlatformSettings,
    base: &'static str,
    path: &str,
    body: Option<Value>,
    effect: Effect,
) -> Call {
    let url = settings.url(base, &format!("/{{{}}}{path}", super::facts::VERSION));
    match body {
        None => Call::new(Method::GET, url, effect),
        Some(body) => Call::new(Method::POST, url, effect).body(Body::Json(body)),
    }
}

/// Returns `appsecret_proof`: HMAC-SHA256 of the token with the app's secret, in hex. An app whose setting
/// "Require App Secret" is enabled rejects server calls without it.
pub(in crate::platform) fn proof(settings: &PlatformSettings, token: &AccessToken) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(settings.client_secret.expose().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(token.expose().as_bytes());
    mac.finalize().into_bytes().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Returns a video's URL in the form that Meta requires: US-ASCII only.
pub(in crate::platform) fn video_address(address: &str) -> String {
    Url::parse(address).map_or_else(|_| address.to_owned(), String::from)
}
