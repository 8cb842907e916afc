//! The demo user of local mode, who is signed in automatically.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use social_core::clock::{Clock as _, SystemClock};
use social_core::config::{AuthConfig, AuthKeys};

use crate::door::is_at_home;
use crate::refusal::refusal;

/// 12 h: a working day; after that the page requests a new session.
const LIFETIME: i64 = 12 * 60 * 60;

/// The facts that the page needs about its server.
pub(crate) struct Demo {
    /// How users' tokens are checked.
    pub(crate) auth: AuthConfig,
    /// The simulated platforms.
    pub(crate) simulated: Vec<&'static str>,
    /// The URL of a sample video.
    pub(crate) sample_video_url: String,
    /// The URL of the simulators.
    pub(crate) sandbox_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    token: String,
    user: &'static str,
    simulated: &'a [&'static str],
    sample_video_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox_url: Option<&'a str>,
}

/// The claims of a token (RFC 7519 §4.1).
#[derive(Serialize)]
struct Claims<'a> {
    sub: &'static str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

/// Signs the demo user in.
pub(crate) async fn session(State(demo): State<Arc<Demo>>, headers: HeaderMap) -> Response {
    if !is_at_home(&headers) {
        let message = "Only this server's own page, opened on this machine, is signed in.";
        return refusal(StatusCode::FORBIDDEN, "not_at_home", message);
    }
    let Some(token) = demo.token() else {
        let message = "User tokens are signed elsewhere (AUTH_JWKS_URL). Bring your own token.";
        return refusal(StatusCode::NOT_FOUND, "no_demo_user", message);
    };
    let session = Session {
        token,
        user: "demo",
        simulated: &demo.simulated,
        sample_video_url: &demo.sample_video_url,
        sandbox_url: demo.sandbox_url.as_deref(),
    };
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    (headers, Json(session)).into_response()
}

impl Demo {
    fn token(&self) -> Option<String> {
        let AuthKeys::Secret(secret) = &self.auth.keys else { return None };
        let now = SystemClock.now().timestamp();
        let claims = Claims {
            sub: "demo-user",
            iat: now,
            exp: now.saturating_add(LIFETIME),
            iss: self.auth.issuer.as_deref(),
            aud: self.auth.audiences.first().map(String::as_str),
        };
        let key = EncodingKey::from_secret(secret.expose().as_bytes());
        encode(&Header::new(Algorithm::HS256), &claims, &key).ok()
    }
}
