//! Users' tokens as real issuers sign them, and issuers with outages.

mod algorithms;
mod authority;
mod claims;
mod examined;
mod issuer;
mod issuers;
mod keys;
mod refusals;
mod slow;
mod trouble;

use http::header;
use serde_json::{Value, json};
use social_core::web::{Arrival, Functions};

use self::issuer::Issuer;
use crate::world::{Setting, World, answer, read};

/// The response to a request with a token.
#[derive(Debug)]
struct Answer {
    status: u16,
    code: String,
    message: String,
    challenge: String,
    retry_after: Option<String>,
}

/// Sends a request with an `Authorization` header, or without.
async fn ask_with(app: &Functions, authorization: Option<&str>) -> Answer {
    let mut request = http::Request::get("/api/social-accounts");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let response = answer(app, request.body(bytes::Bytes::new()).unwrap(), Arrival::default()).await;
    let head = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, body) = read(&response);
    let text = |member: &str| body["error"][member].as_str().unwrap_or_default().to_owned();
    Answer {
        status: status.as_u16(),
        code: text("code"),
        message: text("message"),
        challenge: head(header::WWW_AUTHENTICATE).unwrap_or_default(),
        retry_after: head(header::RETRY_AFTER),
    }
}

/// Sends a request with a token.
async fn ask(app: &Functions, token: &str) -> Answer {
    ask_with(app, Some(&format!("Bearer {token}"))).await
}

/// Returns a world whose users sign in at an issuer.
async fn world(issuer: &Issuer, vars: &[(&'static str, &str)]) -> World {
    let mut all = vec![("AUTH_JWT_SECRET", String::new()), ("AUTH_JWKS_URL", issuer.url())];
    all.extend(vars.iter().map(|(name, value)| (*name, (*value).to_owned())));
    World::with(Setting { vars: all, ..Setting::default() }).await
}

/// Returns the smallest set of claims.
fn alice() -> Value {
    json!({"sub": "alice", "exp": 4_102_444_800_i64})
}
