//! The three token endpoints: a code for a token of an hour, that for one of sixty days, and its renewal.

use super::PLATFORM;
use super::limits::Shape;
use crate::clock::SECOND;
use crate::meta::{Kind, Multipart, Parameters, Refusal, graph, json as written, place};
use crate::request::{self, lacks_length};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The prefix of every token of Instagram Login.
const PREFIX: &str = "IGAA";

pub(super) async fn exchange(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    let form = form(&headers, &body);
    let owner = sandbox.read(|state, _| {
        let user = state.instagram.grants.owner_of_code(form.get("code")?)?;
        state.instagram.who(user)
    });
    let place = place(PLATFORM, &["token", "token_exchange"], owner);
    let answer = async {
        match redeem(&sandbox, &form) {
            Ok(body) => written(StatusCode::OK, &body),
            Err(message) => flat(StatusCode::BAD_REQUEST, message),
        }
    };
    sandbox.answer(&place, refuse, answer).await
}

fn form(headers: &HeaderMap, body: &Bytes) -> HashMap<String, String> {
    if let Some(form) = request::form(headers, body) {
        return form;
    }
    let multipart = Multipart::read(headers, body).unwrap_or_default();
    multipart.texts().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn redeem(sandbox: &Sandbox, form: &HashMap<String, String>) -> Result<Value, &'static str> {
    let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let app = &sandbox.settings().apps.instagram;
    if text("client_id") != app.id {
        return Err("Invalid platform app");
    }
    if text("client_secret") != app.secret {
        return Err("Error validating client secret.");
    }
    if text("grant_type") != "authorization_code" {
        return Err("Invalid grant_type");
    }
    sandbox.change(|state, now| {
        let world = &mut state.instagram;
        let Some(code) = world.grants.take_code(text("code"), now) else {
            return Err("Matching code was not found or was already used");
        };
        if code.redirect_uri != text("redirect_uri") {
            return Err("Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request");
        }
        let seconds = Some(world.limits.short_token_seconds);
        let token = world.grants.issue(PREFIX, &code.user, &code.scopes, Kind::Short, now, seconds);
        let permissions = code.scopes.join(",");
        Ok(match world.limits.replies {
            Shape::Flat => {
                // The id as a number: a reader must handle both, and text alone would not test that.
                let id: u64 = code.user.parse().unwrap_or_default();
                json!({ "access_token": token, "user_id": id, "permissions": permissions })
            }
            Shape::Wrapped => json!({ "data": [
                { "access_token": token, "user_id": code.user, "permissions": permissions },
            ] }),
        })
    })
}

pub(super) async fn extend(State(sandbox): State<Sandbox>, asked: Parameters) -> Response {
    lengthen(&sandbox, &asked, Way::Extend).await
}

pub(super) async fn refresh(State(sandbox): State<Sandbox>, asked: Parameters) -> Response {
    lengthen(&sandbox, &asked, Way::Refresh).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Extend,
    Refresh,
}

async fn lengthen(sandbox: &Sandbox, asked: &Parameters, way: Way) -> Response {
    let owner = sandbox.read(|state, _| {
        let token = state.instagram.grants.owner_of(asked.token()?)?;
        state.instagram.who(&token.user)
    });
    let (names, grant_type) = match way {
        Way::Extend => (["token", "token_extend"], "ig_exchange_token"),
        Way::Refresh => (["token", "token_refresh"], "ig_refresh_token"),
    };
    let place = place(PLATFORM, &names, owner);
    let work = async {
        if asked.required("grant_type")? != grant_type {
            return Err(Refusal::param(&format!("(#100) grant_type must be {grant_type}")));
        }
        if way == Way::Extend && asked.required("client_secret")? != sandbox.settings().apps.instagram.secret
        {
            return Err(Refusal::plain(1, "Error validating client secret."));
        }
        sandbox.change(|state, now| {
            let world = &mut state.instagram;
            let caller = world.grants.caller(asked.token(), now)?;
            let youngest = i64::from(world.limits.refresh_after_seconds) * SECOND;
            match (way, &caller.token.kind) {
                (Way::Extend, Kind::Short) => {}
                (Way::Refresh, Kind::Long) => {
                    caller.needs("instagram_business_basic")?;
                    if caller.token.issued_at.saturating_add(youngest) > now {
                        return Err(Refusal::param("The access token is younger than 24 hours"));
                    }
                }
                (Way::Extend | Way::Refresh, _) => {
                    return Err(Refusal::token(
                        None,
                        "The access token is not one that can be exchanged here",
                    ));
                }
            }
            let seconds = world.limits.long_token_seconds;
            let (user, scopes) = (&caller.token.user, &caller.token.scopes);
            let token = world.grants.issue(PREFIX, user, scopes, Kind::Long, now, Some(seconds));
            Ok(json!({ "access_token": token, "token_type": "bearer", "expires_in": seconds }))
        })
    };
    graph(sandbox, &place, None, work).await
}

/// Returns an error of the code endpoint, which has a format of its own.
fn flat(status: StatusCode, message: &str) -> Response {
    let body = json!({ "error_type": "OAuthException", "code": status.as_u16(), "error_message": message });
    written(status, &body)
}

fn refuse(status: StatusCode, code: &str) -> Response {
    flat(status, code)
}
