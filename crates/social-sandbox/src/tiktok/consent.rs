//! The consent page: creator, scopes, accept or refuse.

use super::account::{Account, Visibility, is_username};
use super::authorize::{AuthorizationRequest, BASIC, PageWanted};
use super::bearer::at;
use super::envelope::refuse_bare;
use super::grant::Code;
use super::profile::face;
use crate::consent::{Choice, Consent, Decision, Permission, PermissionKind, redirect, session, sorry};
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

/// The platform's name on its pages.
const NAME: &str = "TikTok";

/// Stores who is signed in to the simulated TikTok.
const COOKIE: &str = "sandbox_tiktok";

/// The first creator in the list.
const FIRST: &str = "demokitchen";

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(&headers, COOKIE);
    let account =
        signed_in.and_then(|name| sandbox.read(|state, _| Some(state.tiktok.by_username(name)?.who())));
    let answer = async {
        match AuthorizationRequest::read(&query, &sandbox.settings().tiktok) {
            Err(faulty) => sorry(NAME, &faulty),
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
        Err(faulty) => return sorry(NAME, &faulty),
    };
    let decision = Decision::read(&body);
    if !decision.allowed {
        let description = "User denied the authorization";
        let back = request.back(&[("error", "access_denied"), ("error_description", description)]);
        return redirect(&back, None);
    }
    if !is_username(&decision.account) {
        let problem = "A handle has 2 to 24 letters, digits, dots or underscores.";
        return consent_page(&sandbox, &request, &query, None, Some(problem));
    }
    let wanted = |scope: &&String| scope.as_str() == BASIC || decision.grants(scope);
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

/// Returns the redirect without a page, if this creator has granted all scopes and may skip it.
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

fn consent_page(
    sandbox: &Sandbox,
    request: &AuthorizationRequest,
    query: &str,
    chosen: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let choices = sandbox.read(|state, _| {
        let mut list: Vec<&Account> = state.tiktok.accounts.values().collect();
        list.sort_by_key(|account| (account.username != FIRST, &account.username));
        list.into_iter().map(|account| choice(sandbox, account)).collect()
    });
    let permission = |scope: &String| Permission {
        scope: scope.clone(),
        meaning: meaning(scope),
        kind: if scope == BASIC { PermissionKind::Fixed } else { PermissionKind::Optional },
    };
    let consent = Consent {
        platform: NAME,
        heading: "Log in and authorize",
        what: "a TikTok account",
        app: request.redirect_uri.host_str().unwrap_or("the app"),
        query,
        problem,
        choices,
        chosen: chosen.map(str::to_owned),
        further: String::new(),
        permissions: request.scopes.iter().map(permission).collect(),
    };
    consent.page()
}

fn choice(sandbox: &Sandbox, account: &Account) -> Choice {
    let kind = match account.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    Choice {
        value: account.username.clone(),
        face: face(sandbox, &account.username),
        title: account.display_name.clone(),
        detail: format!("@{} · {kind} · {} followers", account.username, account.followers),
        owner: None,
    }
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
