//! The access token in a request, and the account behind it.

use super::PLATFORM;
use super::envelope;
use super::grant::Caller;
use super::world::World;
use crate::call::{Place, Who};
use crate::sandbox::Sandbox;
use axum::response::{Html, IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;

/// The token of the `Authorization` header.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Answers an API call of whoever the token belongs to.
pub(super) async fn call(
    sandbox: &Sandbox,
    names: &[&'static str],
    headers: &HeaderMap,
    work: impl FnOnce(&mut World, i64, &Caller) -> Result<Value, envelope::Refusal> + Send,
) -> Response {
    let place = place(sandbox, names, headers);
    let answer = async move {
        envelope::reply(sandbox.change(|state, now| {
            let caller = state.tiktok.caller(token(headers), now)?;
            work(&mut state.tiktok, now, &caller)
        }))
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// Where an API call arrives.
pub(super) fn place(sandbox: &Sandbox, names: &[&'static str], headers: &HeaderMap) -> Place {
    let account = sandbox.read(|state, _| {
        let access = state.tiktok.access.get(token(headers)?)?;
        state.tiktok.who(&access.open_id)
    });
    at(names, account)
}

pub(super) fn at(names: &[&'static str], account: Option<Who>) -> Place {
    Place { platform: PLATFORM, names: names.into(), account }
}

/// The answer to a POST that does not announce the length of its body, be it zero.
pub(super) fn lacks_length(headers: &HeaderMap) -> Option<Response> {
    if headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    Some((StatusCode::LENGTH_REQUIRED, Html("<h1>411 Length Required</h1>")).into_response())
}
