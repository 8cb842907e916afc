//! The access token of a request, and its account.

use super::PLATFORM;
use super::envelope;
use super::grant::Caller;
use super::world::World;
use crate::place::{Place, Who};
use crate::request;
use crate::sandbox::Sandbox;
use axum::response::Response;
use http::HeaderMap;
use serde_json::Value;

/// Responds to an API call of the token's account.
pub(super) async fn call(
    sandbox: &Sandbox,
    names: &[&'static str],
    headers: &HeaderMap,
    work: impl FnOnce(&mut World, i64, &Caller) -> Result<Value, envelope::Refusal> + Send,
) -> Response {
    let place = place(sandbox, names, headers);
    let answer = async move {
        envelope::reply(sandbox.change(|state, now| {
            let caller = state.tiktok.caller(request::bearer(headers), now)?;
            work(&mut state.tiktok, now, &caller)
        }))
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// Returns the endpoint of an API call.
pub(super) fn place(sandbox: &Sandbox, names: &[&'static str], headers: &HeaderMap) -> Place {
    let account = sandbox.read(|state, _| {
        let access = state.tiktok.access.get(request::bearer(headers)?)?;
        state.tiktok.who(&access.open_id)
    });
    at(names, account)
}

pub(super) fn at(names: &[&'static str], account: Option<Who>) -> Place {
    Place { platform: PLATFORM, names: names.into(), account }
}
