//! The way from an authorization request to the redirect back. It is the same at all platforms.

use crate::call::Refuse;
use crate::consent::{Attempt, Consent, Decision, Faulty, redirect, session, sorry};
use crate::place::{Place, Who};
use crate::platforms::Memory;
use crate::sandbox::{Sandbox, Settings};
use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

/// A platform's part of it.
pub(crate) trait Login {
    /// The platform's name on its pages.
    const NAME: &'static str;
    /// The platform's name in faults and paths.
    const PLATFORM: &'static str;
    /// Stores who is signed in.
    const COOKIE: &'static str;
    /// Writes the errors of faults.
    const REFUSE: Refuse;
    /// An authorization request that is shown to the user.
    type Request: Send + Sync;

    /// Checks the query of a request.
    fn read(query: &str, settings: &Settings) -> Result<Self::Request, Faulty>;

    /// Returns the account of a user name.
    fn who(memory: &Memory, name: &str) -> Option<Who>;

    /// Returns the redirect without a page, if this account has granted all scopes and may skip it.
    fn agreed_before(_: &Sandbox, _: &Self::Request, _: &str) -> Option<String> {
        None
    }

    /// Returns the contents of the page.
    fn consent(sandbox: &Sandbox, request: &Self::Request) -> Consent;

    /// Returns the redirect if the user refused.
    fn refused(request: &Self::Request, decision: &Decision) -> Option<String>;

    /// Returns the reason why no account can have this name.
    fn problem(sandbox: &Sandbox, account: &str) -> Option<&'static str>;

    /// Issues a code, and returns the redirect with it.
    fn grant(sandbox: &Sandbox, request: &Self::Request, decision: &Decision) -> String;
}

/// Shows the page, or why the request cannot be shown.
pub(crate) async fn show<L: Login>(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    show_unless::<L>(&sandbox, query, &headers, None).await
}

/// Shows the page, unless the platform has another response.
pub(crate) async fn show_unless<L: Login>(
    sandbox: &Sandbox,
    query: Option<String>,
    headers: &HeaderMap,
    response: Option<Response>,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(headers, L::COOKIE);
    let account = signed_in.and_then(|name| sandbox.read(|memory, _| L::who(memory, name)));
    let place = Place { platform: L::PLATFORM, names: vec!["authorize"], account };
    let answer = async {
        if let Some(response) = response {
            return response;
        }
        match L::read(&query, sandbox.settings()) {
            Err(faulty) => sorry(L::NAME, &faulty),
            Ok(request) => {
                if let Some(back) = signed_in.and_then(|name| L::agreed_before(sandbox, &request, name)) {
                    return redirect(&back, None);
                }
                let attempt = Attempt { query: &query, chosen: signed_in, problem: None };
                L::consent(sandbox, &request).page(L::NAME, attempt)
            }
        }
    };
    sandbox.answer(&place, L::REFUSE, answer).await
}

/// Takes the user's decision.
pub(crate) async fn decide<L: Login>(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let request = match L::read(&query, sandbox.settings()) {
        Ok(request) => request,
        Err(faulty) => return sorry(L::NAME, &faulty),
    };
    let decision = Decision::read(&body);
    if let Some(back) = L::refused(&request, &decision) {
        return redirect(&back, None);
    }
    if let Some(problem) = L::problem(&sandbox, &decision.account) {
        let attempt = Attempt { query: &query, chosen: None, problem: Some(problem) };
        return L::consent(&sandbox, &request).page(L::NAME, attempt);
    }
    let back = L::grant(&sandbox, &request, &decision);
    let path = sandbox.link(&format!("/{}/", L::PLATFORM));
    let cookie = format!("{}={}; Path={path}; HttpOnly; SameSite=Lax", L::COOKIE, decision.account);
    redirect(&back, Some(cookie))
}
