//! The token endpoints: a code for a short-lived user token, that for a long-lived one, and token inspection.

use super::PLATFORM;
use super::limits::Expiry;
use super::permissions::check_version;
use crate::clock::SECOND;
use crate::meta::{App, Kind, Parameters, Refusal, graph, place};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The prefix of every user token.
const PREFIX: &str = "EAAB";

pub(super) async fn token(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    asked: Parameters,
) -> Response {
    let sent = asked.text("fb_exchange_token");
    let kind = if sent.is_some() { "token_extend" } else { "token_exchange" };
    let owner = sandbox.read(|state, _| {
        let grants = &state.facebook.grants;
        let user = match &sent {
            Some(token) => &grants.owner_of(token)?.user,
            None => grants.owner_of_code(&asked.text("code")?)?,
        };
        state.facebook.who(user)
    });
    let place = place(PLATFORM, &["token", kind], owner);
    let work = async {
        check_version(&version)?;
        let app = &sandbox.settings().apps.facebook;
        if asked.required("client_id")? != app.id {
            return Err(Refusal::plain(101, "Error validating application. Cannot get application info"));
        }
        if asked.required("client_secret")? != app.secret {
            return Err(Refusal::plain(1, "Error validating client secret."));
        }
        match (asked.text("grant_type").as_deref(), &sent) {
            (Some("fb_exchange_token"), Some(token)) => extend(&sandbox, token),
            (None | Some("authorization_code"), None) => exchange(&sandbox, &asked),
            _ => Err(Refusal::param("(#100) grant_type and its token do not fit together")),
        }
    };
    graph(&sandbox, &place, None, work).await
}

fn exchange(sandbox: &Sandbox, asked: &Parameters) -> Result<Value, Refusal> {
    let (code, redirect_uri) = (asked.required("code")?, asked.required("redirect_uri")?);
    sandbox.change(|state, now| {
        let world = &mut state.facebook;
        let Some(code) = world.grants.take_code(&code, now) else {
            return Err(Refusal::new(100, 36_009, "This authorization code has been used or has expired."));
        };
        if code.redirect_uri != redirect_uri {
            let message =
                "Error validating verification code. Please make sure your redirect_uri is identical";
            return Err(Refusal::new(100, 36_008, message));
        }
        let seconds = world.limits.short_token_seconds;
        let token = world.grants.issue(PREFIX, &code.user, &code.scopes, Kind::Short, now, Some(seconds));
        Ok(told(token, seconds, world.limits.expiry))
    })
}

fn extend(sandbox: &Sandbox, token: &str) -> Result<Value, Refusal> {
    sandbox.change(|state, now| {
        let world = &mut state.facebook;
        let caller = world.grants.caller(Some(token), now)?;
        if let Kind::Page(_) = caller.token.kind {
            return Err(Refusal::token(None, "The access token is not a user's"));
        }
        let seconds = world.limits.long_token_seconds;
        let (user, scopes) = (&caller.token.user, &caller.token.scopes);
        let token = world.grants.issue(PREFIX, user, scopes, Kind::Long, now, Some(seconds));
        Ok(told(token, seconds, world.limits.expiry))
    })
}

fn told(token: String, seconds: u32, expiry: Expiry) -> Value {
    let mut body = Map::new();
    body.insert("access_token".into(), token.into());
    body.insert("token_type".into(), "bearer".into());
    if expiry == Expiry::Told {
        body.insert("expires_in".into(), seconds.into());
    }
    body.into()
}

/// Returns the data of a token; called with the app's own.
pub(super) async fn debug(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    asked: Parameters,
) -> Response {
    let place = place(PLATFORM, &["debug_token"], None);
    let work = async {
        check_version(&version)?;
        let App { id, secret, .. } = &sandbox.settings().apps.facebook;
        if asked.token() != Some(&format!("{id}|{secret}")) {
            return Err(Refusal::plain(190, "Invalid OAuth access token - Cannot parse access token"));
        }
        asked.only(&["input_token"])?;
        let input = asked.required("input_token")?;
        sandbox.read(|state, now| {
            let world = &state.facebook;
            let Some(token) = world.grants.owner_of(&input) else {
                return Ok(json!({ "data": { "is_valid": false, "scopes": [] } }));
            };
            let opened = world.opened.get(&token.user);
            let granular = |scope: &String| {
                json!({ "scope": scope, "target_ids": opened.map(|pages| pages.iter().collect::<Vec<_>>()) })
            };
            Ok(json!({ "data": {
                "app_id": id,
                "type": if matches!(token.kind, Kind::Page(_)) { "PAGE" } else { "USER" },
                "is_valid": world.grants.caller(Some(&input), now).is_ok(),
                "user_id": token.user,
                "issued_at": token.issued_at / SECOND,
                "expires_at": token.expires_at.map_or(0, |at| at / SECOND),
                "data_access_expires_at": (token.issued_at + 90 * crate::clock::DAY) / SECOND,
                "scopes": token.scopes,
                "granular_scopes": token.scopes.iter().map(granular).collect::<Vec<_>>(),
            } }))
        })
    };
    graph(&sandbox, &place, None, work).await
}
