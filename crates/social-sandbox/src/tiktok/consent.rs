//! The consent page: which creator, which scopes, yes or no.

use super::account::{Account, Visibility, is_username};
use super::authorize::{AuthorizationRequest, BASIC, Faulty, PageWanted};
use super::bearer::at;
use super::envelope::refuse_bare;
use super::grant::Code;
use super::profile::face;
use crate::page::{Width, escape, page};
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use std::fmt::Write as _;

/// Remembers who is signed in to the sandbox's TikTok.
const COOKIE: &str = "sandbox_tiktok";

/// Who stands first in the list.
const FIRST: &str = "demokitchen";

/// What the form says.
struct Decision {
    account: String,
    scopes: Vec<String>,
    allowed: bool,
}

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(&headers);
    let account =
        signed_in.and_then(|name| sandbox.read(|state, _| Some(state.tiktok.by_username(name)?.who())));
    let answer = async {
        match AuthorizationRequest::read(&query, &sandbox.settings().tiktok) {
            Err(faulty) => sorry(&faulty),
            Ok(request) => match signed_in.and_then(|name| agreed_before(&sandbox, &request, name)) {
                Some(back) => redirect(&back, None),
                None => consent_page(&sandbox, &request, &query, signed_in, None),
            },
        }
    };
    sandbox.answer(&at(&["authorize"], account), refuse_bare, answer).await
}

pub(super) async fn decide(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let request = match AuthorizationRequest::read(&query, &sandbox.settings().tiktok) {
        Ok(request) => request,
        Err(faulty) => return sorry(&faulty),
    };
    let decision = decision(&body);
    if !decision.allowed {
        let description = "User denied the authorization";
        let back = request.back(&[("error", "access_denied"), ("error_description", description)]);
        return redirect(&back, None);
    }
    if !is_username(&decision.account) {
        let problem = "A handle has 2 to 24 letters, digits, dots or underscores.";
        return consent_page(&sandbox, &request, &query, None, Some(problem));
    }
    let wanted = |scope: &&String| {
        scope.as_str() == BASIC
            || decision.scopes.contains(scope)
            || decision.scopes.iter().any(|s| s == "all")
    };
    let scopes: Vec<String> = request.scopes.iter().filter(wanted).cloned().collect();
    let back = sandbox.change(|state, now| {
        let account = state.tiktok.account_named(&decision.account, Visibility::Public);
        let open_id = account.open_id.clone();
        request.back_with_code(state, now, open_id, scopes)
    });
    let path = sandbox.link("/tiktok/");
    let cookie = format!("{COOKIE}={}; Path={path}; HttpOnly; SameSite=Lax", decision.account);
    redirect(&back, Some(cookie))
}

impl AuthorizationRequest {
    fn back_with_code(
        &self,
        state: &mut crate::sandbox::Memory,
        now: i64,
        open_id: String,
        scopes: Vec<String>,
    ) -> String {
        let listed = scopes.join(",");
        let code = Code {
            open_id,
            scopes,
            redirect_uri: self.redirect_text.clone(),
            challenge: self.challenge.clone(),
            expires_at: 0,
        };
        let code = state.tiktok.issue_code(code, now);
        self.back(&[("code", &code), ("scopes", &listed)])
    }
}

/// Straight back, without a page, where this creator has granted all of it and may be sent on.
fn agreed_before(sandbox: &Sandbox, request: &AuthorizationRequest, name: &str) -> Option<String> {
    if request.page == PageWanted::Always {
        return None;
    }
    sandbox.change(|state, now| {
        let open_id = state.tiktok.by_username(name)?.open_id.clone();
        let granted = state.tiktok.granted(&open_id, now);
        if !request.scopes.iter().all(|scope| granted.contains(&scope.as_str())) {
            return None;
        }
        Some(request.back_with_code(state, now, open_id, request.scopes.clone()))
    })
}

fn decision(body: &Bytes) -> Decision {
    let mut decision = Decision { account: String::new(), scopes: Vec::new(), allowed: false };
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = value.trim();
        match &*name {
            "account" if decision.account.is_empty() => decision.account = handle(value),
            "handle" if !value.is_empty() => decision.account = handle(value),
            "scope" => decision.scopes.push(value.into()),
            "decision" => decision.allowed = value == "allow",
            _ => {}
        }
    }
    decision
}

fn handle(text: &str) -> String {
    text.trim_start_matches('@').to_lowercase()
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn redirect(to: &str, cookie: Option<String>) -> Response {
    let mut response = (StatusCode::FOUND, [(header::LOCATION, to.to_owned())]).into_response();
    if let Some(cookie) = cookie.and_then(|cookie| cookie.parse().ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn sorry(Faulty(parameter, why): &Faulty) -> Response {
    let body = format!(
        "<div class=\"card\"><h1>Something went wrong</h1><p>We couldn’t log in with TikTok. \
         This may be due to specific app settings.</p>\
         <p class=\"soft\">If you’re a developer, correct the following and try again:</p>\
         <p class=\"bad\"><strong>{}</strong>: {}</p></div>",
        escape(parameter),
        escape(why)
    );
    page(StatusCode::BAD_REQUEST, "TikTok", "Something went wrong", Width::Narrow, &body)
}

fn consent_page(
    sandbox: &Sandbox,
    request: &AuthorizationRequest,
    query: &str,
    chosen: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let creators = sandbox.read(|state, _| {
        let accounts: Vec<&Account> = state.tiktok.accounts.values().collect();
        let known = chosen.filter(|name| accounts.iter().any(|account| account.username == *name));
        let mut list: Vec<&Account> = accounts.clone();
        list.sort_by_key(|account| (account.username != FIRST, &account.username));
        let first = list.first().map(|account| account.username.clone());
        let checked = known.map(str::to_owned).or(first);
        list.into_iter().fold(String::new(), |mut html, account| {
            let mark = if checked.as_deref() == Some(account.username.as_str()) { " checked" } else { "" };
            let _ = write!(
                html,
                "<label class=\"row\"><input type=\"radio\" name=\"account\" value=\"{name}\"{mark}>{face}\
                 <span><strong>{display}</strong><br><span class=\"soft small\">@{name} · {kind} · {followers} \
                 followers</span></span></label>",
                name = escape(&account.username),
                face = face(sandbox, &account.username),
                display = escape(&account.display_name),
                kind = match account.visibility {
                    Visibility::Public => "public",
                    Visibility::Private => "private",
                },
                followers = account.followers,
            );
            html
        })
    });
    let scopes = request.scopes.iter().fold(String::new(), |mut html, scope| {
        let fixed = if scope == BASIC { " disabled" } else { "" };
        let _ = write!(
            html,
            "<label class=\"row\"><input type=\"checkbox\" name=\"scope\" value=\"{name}\" checked{fixed}>\
             <span>{meaning}<br><span class=\"soft small\">{name}</span></span></label>",
            name = escape(scope),
            meaning = meaning(scope),
        );
        html
    });
    let problem = problem.map_or(String::new(), |text| format!("<p class=\"bad\">{}</p>", escape(text)));
    let app = request.redirect_uri.host_str().unwrap_or("the app");
    let body = format!(
        "<form class=\"card\" method=\"post\" action=\"?{query}\"><h1>Log in and authorize</h1>\
         <p class=\"soft\">The app at <strong>{app}</strong> would like to use a TikTok account. \
         No account here is real, and nothing leaves this computer.</p>{problem}\
         <fieldset><legend>Continue as</legend>{creators}\
         <label class=\"row\"><span>or another handle</span>\
         <input type=\"text\" name=\"handle\" placeholder=\"@somebody\" autocomplete=\"off\" size=\"14\"></label></fieldset>\
         <fieldset><legend>The app may</legend>{scopes}</fieldset>\
         <div class=\"row\"><button class=\"main\" name=\"decision\" value=\"allow\">Allow</button>\
         <button name=\"decision\" value=\"deny\">Deny</button></div></form>",
        query = escape(query),
        app = escape(app),
    );
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, "TikTok", "Log in and authorize", Width::Narrow, &body)
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        BASIC => "Read your profile picture and display name",
        "user.info.profile" => "Read your handle, bio and profile link",
        "user.info.stats" => "Read your follower and video counts",
        "video.publish" => "Post videos to your account",
        "video.upload" => "Send drafts to your inbox",
        "video.list" => "Read your public videos",
        _ => "Use this scope",
    }
}
