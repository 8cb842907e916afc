//! The consent page: Google account, channel, scopes, accept or refuse.

use super::OPENID;
use super::authorize::{AccessType, AuthorizationRequest, Prompt};
use super::bearer::at;
use super::channel::{Channel, is_handle};
use super::envelope::refuse_flat;
use super::grant::{Code, Holder, Lasting};
use super::world::World;
use crate::avatar::face;
use crate::consent::{Choice, Consent, Decision, Permission, PermissionKind, redirect, session, sorry};
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

/// The page's platform.
const NAME: &str = "Google";
/// Stores who is signed in to the simulated Google.
const COOKIE: &str = "sandbox_google";
/// The first channel in the list.
const FIRST: &str = "demostudio";

pub(super) async fn show(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let signed_in = session(&headers, COOKIE);
    let account =
        signed_in.and_then(|name| sandbox.read(|state, _| Some(state.youtube.by_handle(name)?.who())));
    let answer = async {
        match AuthorizationRequest::read(&query, &sandbox.settings().youtube) {
            Err(faulty) => sorry(NAME, &faulty),
            Ok(request) => match signed_in.and_then(|name| agreed_before(&sandbox, &request, name)) {
                Some(back) => redirect(&back, None),
                None => consent_page(&sandbox, &request, &query, signed_in, None),
            },
        }
    };
    sandbox.answer(&at(&["authorize"], account), refuse_flat, answer).await
}

pub(super) async fn decide(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let request = match AuthorizationRequest::read(&query, &sandbox.settings().youtube) {
        Ok(request) => request,
        Err(faulty) => return sorry(NAME, &faulty),
    };
    let decision = Decision::read(&body);
    let wanted = |scope: &&String| *scope == OPENID || decision.grants(scope);
    let scopes: Vec<String> = request.scopes.iter().filter(wanted).cloned().collect();
    // A person who unticks everything has refused.
    if !decision.allowed || scopes.iter().all(|scope| scope == OPENID) {
        return redirect(&request.back(&[("error", "access_denied")]), None);
    }
    let known_address = sandbox.read(|state, _| state.youtube.address_of(&decision.account).is_some());
    if !known_address && !is_handle(&decision.account) {
        let problem = "A handle has 3 to 30 letters, digits, dots, hyphens or underscores.";
        return consent_page(&sandbox, &request, &query, None, Some(problem));
    }
    let back = sandbox.change(|state, now| {
        let world = &mut state.youtube;
        let holder = if let Some(sub) = world.address_of(&decision.account) {
            Holder { sub, channel: None, scopes }
        } else {
            let channel = world.channel_named(&decision.account);
            Holder { sub: channel.owner.clone(), channel: Some(channel.id.clone()), scopes }
        };
        let returning = world.has_granted(&holder, now);
        request.back_with_code(world, holder, if returning { Asked::Before } else { Asked::Now }, now)
    });
    let path = sandbox.link("/youtube/");
    redirect(&back, Some(format!("{COOKIE}={}; Path={path}; HttpOnly; SameSite=Lax", decision.account)))
}

/// Whether the person has just consented, or did so before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Now,
    Before,
}

impl AuthorizationRequest {
    fn back_with_code(&self, world: &mut World, holder: Holder, asked: Asked, now: i64) -> String {
        let fresh = asked == Asked::Now || self.prompt == Prompt::Consent;
        let lasting = match self.access {
            AccessType::Offline if fresh => Lasting::WithRefreshToken,
            AccessType::Offline | AccessType::Online => Lasting::AccessOnly,
        };
        let scopes = holder.scopes.join(" ");
        let (redirect_uri, challenge) = (self.redirect_text.clone(), self.challenge.clone());
        let nonce = self.nonce.clone();
        let code = Code { holder, redirect_uri, challenge, nonce, lasting, expires_at: 0 };
        let code = world.issue_code(code, now);
        self.back(&[("code", &code), ("scope", &scopes)])
    }
}

impl World {
    /// Returns the Google account of that email address.
    fn address_of(&self, email: &str) -> Option<String> {
        self.people.values().find(|person| person.email == email).map(|person| person.sub.clone())
    }

    /// Reports whether all scopes were granted before.
    fn has_granted(&self, holder: &Holder, now: i64) -> bool {
        let granted = self.granted(&holder.sub, holder.channel.as_deref(), now);
        holder.scopes.iter().all(|scope| granted.contains(&scope.as_str()))
    }
}

/// Returns the redirect without a page, if this person has granted all scopes and may skip it.
fn agreed_before(sandbox: &Sandbox, request: &AuthorizationRequest, name: &str) -> Option<String> {
    if request.prompt != Prompt::WhereNeeded {
        return None;
    }
    sandbox.change(|state, now| {
        let world = &mut state.youtube;
        let channel = world.by_handle(name)?;
        let (sub, channel) = (channel.owner.clone(), Some(channel.id.clone()));
        let holder = Holder { sub, channel, scopes: request.scopes.clone() };
        let granted = world.has_granted(&holder, now);
        granted.then(|| request.back_with_code(world, holder, Asked::Before, now))
    })
}

fn consent_page(
    sandbox: &Sandbox,
    request: &AuthorizationRequest,
    query: &str,
    chosen: Option<&str>,
    problem: Option<&str>,
) -> Response {
    let consent = Consent {
        platform: NAME,
        heading: "Choose a channel",
        what: "a YouTube channel",
        app: request.redirect_uri.host_str().unwrap_or("the app"),
        query,
        problem,
        choices: sandbox.read(|state, _| choices(sandbox, &state.youtube)),
        chosen: chosen.map(str::to_owned),
        further: String::new(),
        permissions: request.scopes.iter().map(|scope| permission(scope)).collect(),
    };
    consent.page()
}

/// Returns all channels, and the people without one.
fn choices(sandbox: &Sandbox, world: &World) -> Vec<Choice> {
    let mut people: Vec<_> = world
        .people
        .values()
        .map(|person| {
            let mut channels: Vec<&Channel> =
                world.channels.values().filter(|channel| channel.owner == person.sub).collect();
            channels.sort_by_key(|channel| (channel.handle != FIRST, &channel.handle));
            (person, channels)
        })
        .collect();
    people.sort_by_key(|(person, channels)| {
        let first = channels.first().map(|channel| channel.handle.as_str());
        (first != Some(FIRST), channels.is_empty(), &person.email)
    });
    let mut choices = Vec::new();
    for (person, channels) in people {
        let owner = Some(person.email.clone());
        if channels.is_empty() {
            choices.push(Choice {
                value: person.email.clone(),
                face: face(sandbox, super::PLATFORM, &person.email),
                title: person.email.clone(),
                detail: "has no YouTube channel".into(),
                owner: owner.clone(),
            });
        }
        for channel in channels {
            choices.push(Choice {
                value: channel.handle.clone(),
                face: face(sandbox, super::PLATFORM, &channel.handle),
                title: channel.title.clone(),
                detail: format!("@{} · {} subscribers", channel.handle, channel.subscribers),
                owner: owner.clone(),
            });
        }
    }
    choices
}

fn permission(scope: &str) -> Permission {
    let short = scope.rsplit('/').next().unwrap_or(scope);
    let meaning = match short {
        "youtube.upload" => "Manage your YouTube videos",
        "youtube.readonly" => "View your YouTube account",
        "youtube" | "youtube.force-ssl" => "See, edit and permanently delete your YouTube videos",
        _ => "Associate you with your personal info on Google",
    };
    let kind = if scope == OPENID { PermissionKind::Fixed } else { PermissionKind::Optional };
    Permission { scope: scope.to_owned(), meaning, kind }
}
