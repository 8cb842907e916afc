//! The consent page: person, Pages, scopes, accept or refuse.

use super::PLATFORM;
use super::page_roles::{Person, Role};
use super::permissions::check_version;
use super::world::World;
use crate::avatar::face;
use crate::clock::SECOND;
use crate::consent::{Choice, Consent, Decision, Permission, PermissionKind, redirect, session, sorry};
use crate::meta::{AuthorizationRequest, is_handle, place, refuse};
use crate::page::escape;
use crate::sandbox::Sandbox;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::HeaderMap;
use std::fmt::Write as _;

/// Stores who is signed in to the simulated Facebook.
const COOKIE: &str = "sandbox_facebook";

/// The first person in the list.
const FIRST: &str = "dana.demo";

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(&headers, COOKIE);
    let account = signed_in.and_then(|name| {
        sandbox.read(|state, _| state.facebook.who(&state.facebook.person_by_username(name)?.id))
    });
    let answer = async {
        if let Err(refusal) = check_version(&version) {
            return refusal.into_response();
        }
        match AuthorizationRequest::read(&query, &sandbox.settings().facebook) {
            Err(faulty) => sorry("Facebook", &faulty),
            Ok(request) => consent_page(&sandbox, &request, &query, signed_in, None),
        }
    };
    sandbox.answer(&place(PLATFORM, &["authorize"], account), refuse, answer).await
}

pub(super) async fn decide(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    if let Err(refusal) = check_version(&version) {
        return refusal.into_response();
    }
    let request = match AuthorizationRequest::read(&query, &sandbox.settings().facebook) {
        Ok(request) => request,
        Err(faulty) => return sorry("Facebook", &faulty),
    };
    let decision = Decision::read(&body);
    if !decision.allowed {
        return redirect(&request.denied(), None);
    }
    if !is_handle(&decision.account) {
        let problem = "A handle has 2 to 30 letters, digits, dots or underscores.";
        return consent_page(&sandbox, &request, &query, None, Some(problem));
    }
    let scopes: Vec<String> = request.scopes.iter().filter(|scope| decision.grants(scope)).cloned().collect();
    let code = sandbox.change(|state, now| {
        let world = &mut state.facebook;
        let id = world.person_named(&decision.account);
        world.open(&id, &decision.pages);
        let expires_at = now.saturating_add(i64::from(world.limits.code_seconds) * SECOND);
        world.grants.issue_code(&id, &request.scopes, scopes, &request.redirect_text, expires_at)
    });
    let path = sandbox.link("/facebook/");
    let cookie = format!("{COOKIE}={}; Path={path}; HttpOnly; SameSite=Lax", decision.account);
    redirect(&request.back(&[("code", &code)], Some("_=_")), Some(cookie))
}

impl World {
    /// Records which of a person's Pages the app may see: by id or handle, or `all`.
    fn open(&mut self, person: &str, chosen: &[String]) {
        let Some(person) = self.people.get(person) else { return };
        let is_chosen = |id: &String| {
            let username = self.pages.get(id).map(|page| &page.username);
            chosen.iter().any(|name| name == "all" || name == id || Some(name) == username)
        };
        let opened = person.pages.iter().map(|(id, _)| id).filter(|id| is_chosen(id)).cloned().collect();
        self.opened.insert(person.id.clone(), opened);
    }
}

fn consent_page(
    sandbox: &Sandbox,
    request: &AuthorizationRequest,
    query: &str,
    chosen: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let (accounts, pages) = sandbox.read(|state, _| {
        let world = &state.facebook;
        let mut list: Vec<&Person> = world.people.values().collect();
        list.sort_by_key(|person| (person.username != FIRST, &person.username));
        let choice = |person: &&Person| Choice {
            value: person.username.clone(),
            face: face(sandbox, PLATFORM, &person.username),
            title: person.name.clone(),
            detail: match person.pages.len() {
                0 => "no Pages".into(),
                1 => "1 Page".into(),
                many => format!("{many} Pages"),
            },
            owner: None,
        };
        (list.iter().map(choice).collect(), page_lines(world, &list))
    });
    let permission = |scope: &String| Permission {
        scope: scope.clone(),
        meaning: meaning(scope),
        kind: PermissionKind::Optional,
    };
    let consent = Consent {
        platform: "Facebook",
        heading: "Log in and authorize",
        what: "your Facebook Pages",
        app: request.redirect_uri.host_str().unwrap_or("the app"),
        query,
        problem,
        choices: accounts,
        chosen: chosen.map(str::to_owned),
        further: format!(
            "<fieldset><legend>The app may see these Pages of yours</legend>{pages}\
             <label class=\"row\"><input type=\"checkbox\" name=\"page\" value=\"all\">\
             <span>All Pages, whoever you continue as</span></label></fieldset>"
        ),
        permissions: request.scopes.iter().map(permission).collect(),
    };
    consent.page()
}

fn page_lines(world: &World, people: &[&Person]) -> String {
    let mut html = String::new();
    for person in people {
        for (id, role) in &person.pages {
            let Some(page) = world.pages.get(id) else { continue };
            let _ = write!(
                html,
                "<label class=\"row\"><input type=\"checkbox\" name=\"page\" value=\"{id}\" checked>\
                 <span><strong>{name}</strong><br><span class=\"soft small\">{owner} · {role}</span></span>\
                 </label>",
                name = escape(&page.name),
                owner = escape(&person.name),
                role = match role {
                    Role::Full => "full access",
                    Role::Content => "may create content",
                    Role::Analyst => "may only look at numbers",
                    Role::Tokenless => "full access, but no token is given out",
                    Role::Business => "through a business portfolio",
                    Role::Portfolio => "through a business portfolio alone",
                    Role::Client => "as a client of a business portfolio",
                    Role::NewStyle => "full access to a new-style Page",
                    Role::Odd => "full access, but with an odd response",
                },
            );
        }
    }
    html
}

fn meaning(scope: &str) -> &'static str {
    match scope {
        "pages_show_list" => "See the list of your Pages",
        "pages_read_engagement" => "Read your Pages’ content",
        "pages_manage_posts" => "Publish videos on your Pages",
        "business_management" => "See Pages of your business portfolios",
        _ => "Use this permission",
    }
}
