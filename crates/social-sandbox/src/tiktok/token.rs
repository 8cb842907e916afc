//! The token endpoint, and the end of a grant.

use super::bearer::at;
use super::envelope::{flat, refuse_flat, written};
use super::grant::Code;
use super::limits::Rotation;
use super::notice::Notice;
use super::webhook;
use super::world::World;
use crate::call::empty;
use crate::pkce::Spelling;
use crate::request::{self, Form};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// The webhook's reason if the app itself ended the grant.
const REVOKED_BY_APP: i64 = 5;

/// An OAuth error: its code and a sentence.
type Denied = (&'static str, &'static str);

pub(super) async fn token(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let field = |name: &str| form.as_ref().ok().and_then(|form| form.get(name));
    let account = sandbox.read(|state, _| {
        let world = &state.tiktok;
        let code = field("code").and_then(|code| world.codes.get(code)).map(|code| &code.open_id);
        let refresh = field("refresh_token").and_then(|token| world.refresh.get(token));
        world.who(code.or(refresh.map(|refresh| &refresh.open_id))?)
    });
    let kind = match field("grant_type").map(String::as_str) {
        Some("refresh_token") => "token_refresh",
        Some(_) | None => "token_exchange",
    };
    let answer = async {
        let result = form.and_then(|form| {
            authenticate(&sandbox, &form)?;
            sandbox.change(|state, now| match text(&form, "grant_type")? {
                "authorization_code" => exchange(&mut state.tiktok, &form, now),
                "refresh_token" => refresh(&mut state.tiktok, &form, now),
                _ => Err(("unsupported_grant_type", "The grant type is not supported.")),
            })
        });
        match result {
            Ok(body) => written(StatusCode::OK, &body),
            Err(denied) => refused(&sandbox, denied),
        }
    };
    sandbox.answer(&at(&["token", kind], account), refuse_flat, answer).await
}

pub(super) async fn revoke(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let owner = form.as_ref().ok().and_then(|form| form.get("token")).and_then(|token| {
        sandbox.read(|state, _| state.tiktok.who(&state.tiktok.access.get(token)?.open_id))
    });
    let answer = async {
        let result = form.and_then(|form| {
            authenticate(&sandbox, &form)?;
            let token = text(&form, "token")?;
            sandbox.change(|state, now| {
                let world = &mut state.tiktok;
                let Ok(caller) = world.caller(Some(token), now) else {
                    return Err(("invalid_grant", "Access token is invalid or expired."));
                };
                world.revoke(&caller.open_id);
                Ok(Notice::removed(&caller.open_id, REVOKED_BY_APP))
            })
        });
        match result {
            Ok(notice) => {
                webhook::announce(&sandbox, vec![notice]);
                empty(StatusCode::OK)
            }
            Err(denied) => refused(&sandbox, denied),
        }
    };
    sandbox.answer(&at(&["revoke"], owner.clone()), refuse_flat, answer).await
}

fn exchange(world: &mut World, form: &Form, now: i64) -> Result<Value, Denied> {
    let code = text(form, "code")?;
    let redirect_uri = text(form, "redirect_uri")?;
    // Whatever else is wrong, the code was used and is invalid from now on.
    let Some(code) = world.codes.remove(code).filter(|code| code.expires_at > now) else {
        return Err(("invalid_grant", "Authorization code is invalid, used or expired."));
    };
    if code.redirect_uri != redirect_uri {
        return Err(("invalid_request", "Redirect_uri is not matched with the uri when requesting code."));
    }
    verify(&code, form.get("code_verifier").map(String::as_str))?;
    let (access, refresh) = world.issue_tokens(&code.open_id, &code.scopes, now);
    Ok(token_response(world, &access, &refresh, &code.open_id, &code.scopes, now))
}

fn verify(code: &Code, verifier: Option<&str>) -> Result<(), Denied> {
    let Some(challenge) = &code.challenge else { return Ok(()) };
    let fits = |verifier| Spelling::of(challenge).is_some_and(|spelling| spelling.fits(challenge, verifier));
    if verifier.is_some_and(fits) {
        Ok(())
    } else {
        Err(("invalid_request", "Code verifier or code challenge is invalid."))
    }
}

fn refresh(world: &mut World, form: &Form, now: i64) -> Result<Value, Denied> {
    let sent = text(form, "refresh_token")?;
    let Some(known) = world.refresh.get(sent).filter(|known| known.expires_at > now).cloned() else {
        return Err(("invalid_grant", "Refresh token is invalid or expired."));
    };
    let (access, refresh) = match world.limits.refresh_tokens {
        Rotation::Never => (world.issue_access(&known.open_id, &known.scopes, now), sent.to_owned()),
        Rotation::Always => {
            world.refresh.remove(sent);
            world.issue_tokens(&known.open_id, &known.scopes, now)
        }
    };
    Ok(token_response(world, &access, &refresh, &known.open_id, &known.scopes, now))
}

fn token_response(
    world: &World,
    access: &str,
    refresh: &str,
    open_id: &str,
    scopes: &[String],
    now: i64,
) -> Value {
    let left = world.refresh.get(refresh).map_or(0, |refresh| refresh.expires_at.saturating_sub(now) / 1_000);
    json!({
        "access_token": access,
        "expires_in": world.limits.access_token_seconds,
        "open_id": open_id,
        "refresh_expires_in": left,
        "refresh_token": refresh,
        "scope": scopes.join(","),
        "token_type": "Bearer",
    })
}

fn authenticate(sandbox: &Sandbox, form: &Form) -> Result<(), Denied> {
    let app = &sandbox.settings().apps.tiktok;
    let (key, secret) = (text(form, "client_key")?, text(form, "client_secret")?);
    if key == app.client_key && secret == app.client_secret {
        return Ok(());
    }
    Err(("invalid_client", "Client key or secret is incorrect."))
}

fn form(headers: &HeaderMap, body: &Bytes) -> Result<Form, Denied> {
    let only = "Only application/x-www-form-urlencoded is supported.";
    request::form(headers, body).ok_or(("invalid_request", only))
}

fn text<'form>(form: &'form Form, name: &str) -> Result<&'form str, Denied> {
    match form.get(name) {
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) | None => Err(("invalid_request", "The request parameters are malformed.")),
    }
}

fn refused(sandbox: &Sandbox, (code, description): Denied) -> Response {
    let status = sandbox.read(|state, _| state.tiktok.limits.oauth_error_status);
    flat(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), code, description)
}
