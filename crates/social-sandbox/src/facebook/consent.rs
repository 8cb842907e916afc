//! The consent page: person, Pages, scopes, accept or refuse.

use super::PLATFORM;
use super::page_roles::{Person, Role};
use super::permissions::check_version;
use super::world::World;
use crate::authorization::AuthorizationRequest;
use crate::avatar::face;
use crate::call::Refuse;
use crate::clock::SECOND;
use crate::consent::{Choice, Decision, Faulty, in_order};
use crate::login::{self, Login};
use crate::meta::{DENIED, problem_with_handle, refuse};
use crate::page::escape;
use crate::place::Who;
use crate::platforms::Memory;
use crate::sandbox::{Sandbox, Settings};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderMap;
use std::fmt::Write as _;

/// The first person in the list.
const FIRST: &str = "dana.demo";

/// Facebook Login.
struct FacebookLogin;

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    Path(version): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let unknown = check_version(&version).err().map(IntoResponse::into_response);
    login::show_unless::<FacebookLogin>(&sandbox, query, &headers, unknown).await
}

pub(super) async fn decide(
    sandbox: State<Sandbox>,
    Path(version): Path<String>,
    query: RawQuery,
    body: Bytes,
) -> Response {
    match check_version(&version) {
        Ok(()) => login::decide::<FacebookLogin>(sandbox, query, body).await,
        Err(refusal) => refusal.into_response(),
    }
}

impl Login for FacebookLogin {
    const NAME: &'static str = "Facebook";
    const PLATFORM: &'static str = PLATFORM;
    const COOKIE: &'static str = "sandbox_facebook";
    const REFUSE: Refuse = refuse;
    const WHAT: &'static str = "your Facebook Pages";
    const BASIC: Option<&'static str> = None;
    const DENIED: &'static [(&'static str, &'static str)] = DENIED;
    type Added = ();

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest, Faulty> {
        AuthorizationRequest::read(query, &settings.apps.facebook)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        memory.facebook.who(&memory.facebook.person_by_username(name)?.id)
    }

    fn choices(sandbox: &Sandbox) -> Vec<Choice> {
        let choice = |person: &Person| Choice {
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
        sandbox.read(|state, _| state.facebook.people_in_order().into_iter().map(choice).collect())
    }

    fn further(sandbox: &Sandbox) -> String {
        let pages = sandbox.read(|state, _| page_lines(&state.facebook));
        format!(
            "<fieldset><legend>The app may see these Pages of yours</legend>{pages}\
             <label class=\"row\"><input type=\"checkbox\" name=\"page\" value=\"all\">\
             <span>All Pages, whoever you continue as</span></label></fieldset>"
        )
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

    fn problem(_: &Sandbox, account: &str) -> Option<&'static str> {
        problem_with_handle(account)
    }

    fn grant(
        sandbox: &Sandbox,
        request: &AuthorizationRequest,
        decision: &Decision,
        scopes: Vec<String>,
    ) -> String {
        sandbox.change(|state, now| {
            let world = &mut state.facebook;
            let id = world.person_named(&decision.account);
            world.open(&id, &decision.pages);
            let expires_at = now.saturating_add(i64::from(world.limits.code_seconds) * SECOND);
            request.grant(&mut world.grants, &id, scopes, expires_at, "_=_")
        })
    }
}

impl World {
    fn people_in_order(&self) -> Vec<&Person> {
        in_order(self.people.values(), FIRST, |person| &person.username)
    }

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

fn page_lines(world: &World) -> String {
    let mut html = String::new();
    for person in world.people_in_order() {
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
