//! The consent page: Google account, channel, scopes, accept or refuse.

use super::authorize::{AccessType, AuthorizationRequest, Prompt};
use super::channel::{Channel, is_handle};
use super::envelope::refuse_flat;
use super::grant::{Code, Holder, Lasting};
use super::scopes::OPENID;
use super::world::World;
use crate::avatar::face;
use crate::call::Refuse;
use crate::consent::{Choice, Consent, Decision, Faulty, Permission};
use crate::login::Login;
use crate::place::Who;
use crate::platforms::Memory;
use crate::sandbox::{Sandbox, Settings};

/// The first channel in the list.
const FIRST: &str = "demostudio";

/// Sign-in with Google.
pub(super) struct GoogleLogin;

impl Login for GoogleLogin {
    const NAME: &'static str = "Google";
    const PLATFORM: &'static str = super::PLATFORM;
    const COOKIE: &'static str = "sandbox_google";
    const REFUSE: Refuse = refuse_flat;
    type Request = AuthorizationRequest;

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest, Faulty> {
        AuthorizationRequest::read(query, &settings.apps.youtube)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.youtube.by_handle(name)?.who())
    }

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

    fn consent(sandbox: &Sandbox, request: &AuthorizationRequest) -> Consent {
        Consent {
            heading: "Choose a channel",
            what: "a YouTube channel",
            app: request.redirect_uri.host(),
            choices: sandbox.read(|state, _| choices(sandbox, &state.youtube)),
            further: String::new(),
            permissions: Permission::of(&request.scopes, Some(OPENID), meaning),
        }
    }

    fn refused(request: &AuthorizationRequest, decision: &Decision) -> Option<String> {
        // A person who unticks everything has refused.
        let nothing = decision.granted(&request.scopes, None).iter().all(|scope| scope == OPENID);
        (!decision.allowed || nothing).then(|| request.back(&[("error", "access_denied")]))
    }

    fn problem(sandbox: &Sandbox, account: &str) -> Option<&'static str> {
        let is_address = sandbox.read(|state, _| state.youtube.address_of(account).is_some());
        let problem = "A handle has 3 to 30 letters, digits, dots, hyphens or underscores.";
        (!is_address && !is_handle(account)).then_some(problem)
    }

    fn grant(sandbox: &Sandbox, request: &AuthorizationRequest, decision: &Decision) -> String {
        let scopes = decision.granted(&request.scopes, Some(OPENID));
        sandbox.change(|state, now| {
            let world = &mut state.youtube;
            let holder = if let Some(sub) = world.address_of(&decision.account) {
                Holder { sub, channel: None, scopes }
            } else {
                let channel = world.channel_named(&decision.account);
                Holder { sub: channel.owner.clone(), channel: Some(channel.id.clone()), scopes }
            };
            let returning = world.has_granted(&holder, now);
            request.back_with_code(world, holder, if returning { Asked::Before } else { Asked::Now }, now)
        })
    }
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
        let (redirect_uri, challenge) = (self.redirect_uri.text.clone(), self.challenge.clone());
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

fn meaning(scope: &str) -> &'static str {
    match scope.rsplit('/').next().unwrap_or(scope) {
        "youtube.upload" => "Manage your YouTube videos",
        "youtube.readonly" => "View your YouTube account",
        "youtube" | "youtube.force-ssl" => "See, edit and permanently delete your YouTube videos",
        _ => "Associate you with your personal info on Google",
    }
}
