//! The way from an authorization request to the redirect back. It is the same at all platforms.

use crate::authorization::AuthorizationRequest;
use crate::call::Refuse;
use crate::consent::{Attempt, Choice, Consent, Decision, Faulty, Permission, redirect, session, sorry};
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
    /// The heading of the page.
    const HEADING: &'static str = "Log in and authorize";
    /// The kind of account, with its article: "a TikTok account".
    const WHAT: &'static str;
    /// The scope that every app has, and no user can untick.
    const BASIC: Option<&'static str>;
    /// The parameters of the redirect after a refusal.
    const DENIED: &'static [(&'static str, &'static str)];
    /// What the platform adds to an authorization request.
    type Added: Send + Sync;

    /// Checks the query of a request.
    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest<Self::Added>, Faulty>;

    /// Returns the account of a user name.
    fn who(memory: &Memory, name: &str) -> Option<Who>;

    /// Returns the redirect without a page, if this account has granted all scopes and may skip it.
    fn agreed_before(_: &Sandbox, _: &AuthorizationRequest<Self::Added>, _: &str) -> Option<String> {
        None
    }

    /// Returns the accounts to choose from.
    fn choices(sandbox: &Sandbox) -> Vec<Choice>;

    /// Returns more fieldsets, as HTML.
    fn further(_: &Sandbox) -> String {
        String::new()
    }

    /// Returns the meaning of a scope, for people.
    fn meaning(scope: &str) -> &'static str;

    /// Reports whether a user who ticked only these scopes has refused.
    fn is_refusal(_ticked: &[String]) -> bool {
        false
    }

    /// Returns the reason why no account can have this name.
    fn problem(sandbox: &Sandbox, account: &str) -> Option<&'static str>;

    /// Issues a code for these scopes, and returns the redirect with it.
    fn grant(
        sandbox: &Sandbox,
        request: &AuthorizationRequest<Self::Added>,
        decision: &Decision,
        scopes: Vec<String>,
    ) -> String;
}

/// Returns the contents of the page.
fn consent<L: Login>(sandbox: &Sandbox, request: &AuthorizationRequest<L::Added>) -> Consent {
    Consent {
        heading: L::HEADING,
        what: L::WHAT,
        app: request.redirect_uri.host(),
        choices: L::choices(sandbox),
        further: L::further(sandbox),
        permissions: Permission::of(&request.scopes, L::BASIC, L::meaning),
    }
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
                consent::<L>(sandbox, &request).page(L::NAME, attempt)
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
    if !decision.allowed || L::is_refusal(&decision.granted(&request.scopes, None)) {
        return redirect(request.back(L::DENIED).as_str(), None);
    }
    if let Some(problem) = L::problem(&sandbox, &decision.account) {
        let attempt = Attempt { query: &query, chosen: None, problem: Some(problem) };
        return consent::<L>(&sandbox, &request).page(L::NAME, attempt);
    }
    let scopes = decision.granted(&request.scopes, L::BASIC);
    let back = L::grant(&sandbox, &request, &decision, scopes);
    let path = sandbox.link(&format!("/{}/", L::PLATFORM));
    let cookie = format!("{}={}; Path={path}; HttpOnly; SameSite=Lax", L::COOKIE, decision.account);
    redirect(&back, Some(cookie))
}
