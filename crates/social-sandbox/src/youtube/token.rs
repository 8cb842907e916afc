//! The token endpoint, and the end of a grant.

use super::bearer::at;
use super::envelope::{flat, refuse_flat, written};
use super::grant::{Holder, Lasting};
use super::scopes::OPENID;
use super::world::World;
use crate::clock::SECOND;
use crate::pkce::Spelling;
use crate::request::{self, Form};
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// An OAuth error: its status, its code and a sentence.
type Denied = (StatusCode, &'static str, &'static str);

const fn bad(code: &'static str, description: &'static str) -> Denied {
    (StatusCode::BAD_REQUEST, code, description)
}

pub(super) async fn token(State(sandbox): State<Sandbox>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form(&headers, &body);
    let field = |name: &str| form.as_ref().ok().and_then(|form| form.get(name));
    let account = sandbox.read(|state, _| {
        let world = &state.youtube;
        let code = field("code").and_then(|code| world.codes.get(code)).map(|code| &code.holder);
        let refresh = field("refresh_token").and_then(|token| world.refresh.get(token));
        world.who(code.or(refresh.map(|token| &token.holder))?.channel.as_deref()?)
    });
    let kind = match field("grant_type").map(String::as_str) {
        Some("refresh_token") => "token_refresh",
        Some(_) | None => "token_exchange",
    };
    let answer = async {
        let result = form.and_then(|form| {
            authenticate(&sandbox, &headers, &form)?;
            sandbox.change(|state, now| match text(&form, "grant_type")? {
                "authorization_code" => exchange(&sandbox, &mut state.youtube, &form, now),
                "refresh_token" => refresh(&mut state.youtube, &form, now),
                _ => Err(bad("unsupported_grant_type", "Invalid grant_type")),
            })
        });
        match result {
            Ok(body) => written(StatusCode::OK, &body),
            Err((status, code, description)) => flat(status, code, description),
        }
    };
    sandbox.answer(&at(&["token", kind], account), refuse_flat, answer).await
}

/// Revokes either token, from the query or a form (Google, "Using OAuth 2.0 for web server applications",
/// revoking a token). Other parameters of RFC 7009 are ignored.
pub(super) async fn revoke(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fields: Form =
        url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    fields.extend(request::form(&headers, &body).unwrap_or_default());
    let holder = fields.get("token").and_then(|token| {
        sandbox.read(|state, now| {
            let access = state.youtube.access.get(token).filter(|known| known.left(now) > Some(0));
            let known = access.or_else(|| state.youtube.living_refresh(token, now));
            known.map(|known| known.holder.clone())
        })
    });
    let account = holder
        .as_ref()
        .and_then(|holder| sandbox.read(|state, _| state.youtube.who(holder.channel.as_deref()?)));
    let answer = async {
        let result = text(&fields, "token").and_then(|_| {
            let holder = holder.ok_or(bad("invalid_token", "Token expired or revoked"))?;
            sandbox.change(|state, _| state.youtube.revoke(&holder.sub));
            Ok(())
        });
        match result {
            Ok(()) => written(StatusCode::OK, &json!({})),
            Err((status, code, description)) => flat(status, code, description),
        }
    };
    sandbox.answer(&at(&["revoke"], account), refuse_flat, answer).await
}

fn exchange(sandbox: &Sandbox, world: &mut World, form: &Form, now: i64) -> Result<Value, Denied> {
    let code = text(form, "code")?;
    let redirect_uri = text(form, "redirect_uri")?;
    // Whatever else is wrong, the code was used and is invalid from now on.
    let Some(code) = world.codes.remove(code).filter(|code| code.expires_at > now) else {
        return Err(bad("invalid_grant", "Bad Request"));
    };
    if code.redirect_uri != redirect_uri {
        return Err(bad("redirect_uri_mismatch", "Bad Request"));
    }
    let verifier = form.get("code_verifier");
    let proven = match &code.challenge {
        None => verifier.is_none(),
        Some(challenge) => verifier.is_some_and(|text| Spelling::Base64Url.fits(challenge, text)),
    };
    if !proven {
        return Err(bad("invalid_grant", "Invalid code verifier."));
    }
    let refresh = match code.lasting {
        Lasting::AccessOnly => None,
        Lasting::WithRefreshToken if !world.limits.gives_refresh_tokens => None,
        Lasting::WithRefreshToken => {
            Some(world.issue_refresh(&code.holder, sandbox.settings().apps.youtube.publishing, now))
        }
    };
    let mut body = token_response(world, &code.holder, now);
    if let Value::Object(fields) = &mut body
        && code.holder.scopes.iter().any(|scope| scope == OPENID)
    {
        let nonce = code.nonce.as_deref();
        let id_token = id_token(&sandbox.settings().apps.youtube.client_id, &code.holder.sub, nonce, now);
        fields.insert("id_token".into(), id_token.into());
    }
    if let (Value::Object(fields), Some(refresh)) = (&mut body, refresh) {
        let left = world.living_refresh(&refresh, now).and_then(|token| token.left(now));
        if let Some(left) = left.filter(|_| world.limits.tells_refresh_expiry) {
            fields.insert("refresh_token_expires_in".into(), left.into());
        }
        fields.insert("refresh_token".into(), refresh.into());
    }
    Ok(body)
}

/// Returns the ID token of the person (`OpenID` Connect Core §2). Its signature is never checked: it comes
/// over TLS.
fn id_token(client_id: &str, sub: &str, nonce: Option<&str>, now: i64) -> String {
    let now = now / SECOND;
    let mut claims = json!({
        "iss": "https://accounts.google.com",
        "aud": client_id,
        "sub": sub,
        "iat": now,
        "exp": now.saturating_add(3_600),
    });
    if let (Value::Object(claims), Some(nonce)) = (&mut claims, nonce) {
        claims.insert("nonce".into(), nonce.into());
    }
    let [head, claims, signature] = [r#"{"alg":"RS256","typ":"JWT"}"#, &claims.to_string(), "not signed"]
        .map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{head}.{claims}.{signature}")
}

fn refresh(world: &mut World, form: &Form, now: i64) -> Result<Value, Denied> {
    let sent = text(form, "refresh_token")?;
    let Some(known) = world.living_refresh(sent, now).cloned() else {
        return Err(bad("invalid_grant", "Token has been expired or revoked."));
    };
    // No new refresh token: the old one stays valid.
    Ok(token_response(world, &known.holder, now))
}

fn token_response(world: &mut World, holder: &Holder, now: i64) -> Value {
    let access = world.issue_access(holder, now);
    json!({
        "access_token": access,
        "expires_in": world.limits.access_token_seconds,
        "scope": holder.scopes.join(" "),
        "token_type": "Bearer",
    })
}

/// Accepts a client's secret in the form or by HTTP Basic, the two methods in Google's `OpenID` configuration
/// (`token_endpoint_auth_methods_supported`).
fn authenticate(sandbox: &Sandbox, headers: &HeaderMap, form: &Form) -> Result<(), Denied> {
    let app = &sandbox.settings().apps.youtube;
    let unknown = |description| (StatusCode::UNAUTHORIZED, "invalid_client", description);
    let known = |id: &str, secret: &str| match (id == app.client_id, secret == app.client_secret) {
        (false, _) => Err(unknown("The OAuth client was not found.")),
        (true, false) => Err(unknown("Unauthorized")),
        (true, true) => Ok(()),
    };
    let Some((id, secret)) = request::basic(headers) else {
        return known(text(form, "client_id")?, text(form, "client_secret")?);
    };
    if form.contains_key("client_secret") || form.get("client_id").is_some_and(|named| *named != id) {
        return Err(bad("invalid_request", "The client is authenticated in two ways."));
    }
    known(&id, &secret)
}

fn form(headers: &HeaderMap, body: &Bytes) -> Result<Form, Denied> {
    request::form(headers, body).ok_or(bad("invalid_request", "The body must be a form."))
}

fn text<'form>(form: &'form Form, name: &str) -> Result<&'form str, Denied> {
    match form.get(name) {
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) | None => Err(bad("invalid_request", "Missing required parameter.")),
    }
}
