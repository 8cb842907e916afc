//! The consent page: account, scopes, accept or refuse.

use super::PLATFORM;
use super::account::AccountType;
use crate::avatar::face;
use crate::clock::SECOND;
use crate::consent::{Choice, Consent, Decision, Permission, PermissionKind, redirect, session, sorry};
use crate::meta::{AuthorizationRequest, is_handle, place, refuse};
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

/// Stores who is signed in to the simulated Instagram.
const COOKIE: &str = "sandbox_instagram";

/// The first account in the list.
const FIRST: &str = "demokitchen";

/// The scope that every app of this kind has.
const BASIC: &str = "instagram_business_basic";

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(&headers, COOKIE);
    let account =
        signed_in.and_then(|name| sandbox.read(|state, _| Some(state.instagram.by_username(name)?.who())));
    let answer = async {
        match AuthorizationRequest::read(&query, &sandbox.settings().instagram) {
            Err(faulty) => sorry("Instagram", &faulty),
            Ok(request) => consent_page(&sandbox, &request, &query, signed_in, None),
        }
    };
    sandbox.answer(&place(PLATFORM, &["authorize"], account), refuse, answer).await
}

pub(super) async fn decide(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let request = match AuthorizationRequest::read(&query, &sandbox.settings().instagram) {
        Ok(request) => request,
        Err(faulty) => return sorry("Instagram", &faulty),
    };
    let decision = Decision::read(&body);
    if !decision.allowed {
        return redirect(&request.denied(), None);
    }
    if !is_handle(&decision.account) {
        let problem = "A handle has 2 to 30 letters, digits, dots or underscores.";
        return consent_page(&sandbox, &request, &query, None, Some(problem));
    }
    let wanted = |scope: &&String| scope.as_str() == BASIC || decision.grants(scope);
    let scopes: Vec<String> = request.scopes.iter().filter(wanted).cloned().collect();
    let code = sandbox.change(|state, now| {
        let world = &mut state.instagram;
        let id = world.account_named(&decision.account, AccountType::Business).id.clone();
        let expires_at = now.saturating_add(i64::from(world.limits.code_seconds) * SECOND);
        world.grants.issue_code(&id, &request.scopes, scopes, &request.redirect_text, expires_at)
    });
    let path = sandbox.link("/instagram/");
    let cookie = format!("{COOKIE}={}; Path={path}; HttpOnly; SameSite=Lax", decision.account);
    redirect(&request.back(&[("code", &code)], Some("_")), Some(cookie))
}

fn consent_page(
    sandbox: &Sandbox,
    request: &AuthorizationRequest,
    query: &str,
    chosen: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let accounts = sandbox.read(|state, _| {
        let mut list: Vec<_> = state.instagram.accounts.values().collect();
        list.sort_by_key(|account| (account.username != FIRST, &account.username));
        let choice = |account: &super::account::Account| Choice {
            value: account.username.clone(),
            face: face(sandbox, PLATFORM, &account.username),
            title: account.name.clone(),
            detail: format!(
                "@{} · {} · {} followers",
                account.username,
                kind(account.kind),
                account.followers
            ),
            owner: None,
        };
        list.into_iter().map(choice).collect()
    });
    let permission = |scope: &String| Permission {
        scope: scope.clone(),
        meaning: meaning(scope),
        kind: if scope == BASIC { PermissionKind::Fixed } else { PermissionKind::Optional },
    };
    let consent = Consent {
        platform: "Instagram",
        heading: "Log in and authorize",
        what: "an Instagram account",
        app: request.redirect_uri.host_str().unwrap_or("the app"),
        query,
        problem,
        choices: accounts,
        chosen: chosen.map(str::to_owned),
        further: String::new(),
        permissions: request.scopes.iter().map(permission).collect(),
    };
    consent.page()
}

pub(super) fn kind(kind: AccountType) -> &'static str {
    match kind {
        AccountType::Business => "business",
        AccountType::MediaCreator => "creator",
        AccountType::Personal => "personal, which can not publish by API",
    }
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        BASIC => "Read your profile and your media",
        "instagram_business_content_publish" => "Publish Reels to your account",
        _ => "Use this permission",
    }
}
