//! The consent page: Google account, channel, scopes, accept or refuse.

use super::authorize::{AccessType, Added, Prompt};
use super::channel::{Channel, is_handle};
use super::envelope::refuse_flat;
use super::grant::{Code, Holder, Lasting};
use super::scopes::OPENID;
use super::world::World;
use crate::authorization::AuthorizationRequest;
use crate::avatar::face;
use crate::call::Refuse;
use crate::consent::{Choice, Decision, Faulty, in_order};
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
    const HEADING: &'static str = "Choose a channel";
    const WHAT: &'static str = "a YouTube channel";
    const BASIC: Option<&'static str> = Some(OPENID);
    const DENIED: &'static [(&'static str, &'static str)] = &[("error", "access_denied")];
    type Added = Added;

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest<Added>, Faulty> {
        AuthorizationRequest::<Added>::read(query, &settings.apps.youtube)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.youtube.by_handle(name)?.who())
    }

    fn agreed_before(sandbox: &Sandbox, request: &AuthorizationRequest<Added>, name: &str) -> Option<String> {
        if request.added.prompt != Prompt::WhereNeeded {
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

    fn choices(sandbox: &Sandbox) -> Vec<Choice> {
        sandbox.read(|state, _| choices(sandbox, &state.youtube))
    }

    fn meaning(scope: &str) -> &'static str {
        match scope.rsplit('/').next().unwrap_or(scope) {
            "youtube.upload" => "Manage your YouTube videos",
            "youtube.readonly" => "View your YouTube account",
            "youtube" | "youtube.force-ssl" => "See, edit and permanently delete your YouTube videos",
            _ => "Associate you with your personal info on Google",
        }
    }

    /// A person who unticks everything has refused.
    fn is_refusal(ticked: &[String]) -> bool {
        ticked.iter().all(|scope| scope == OPENID)
    }

    fn problem(sandbox: &Sandbox, account: &str) -> Option<&'static str> {
        let is_address = sandbox.read(|state, _| state.youtube.address_of(account).is_some());
        let problem = "A handle has 3 to 30 letters, digits, dots, hyphens or underscores.";
        (!is_address && !is_handle(account)).then_some(problem)
    }

    fn grant(
        sandbox: &Sandbox,
        request: &AuthorizationRequest<Added>,
        decision: &Decision,
        scopes: Vec<String>,
    ) -> String {
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

impl AuthorizationRequest<Added> {
    fn back_with_code(&self, world: &mut World, holder: Holder, asked: Asked, now: i64) -> String {
        let fresh = asked == Asked::Now || self.added.prompt == Prompt::Consent;
        let lasting = match self.added.access {
            AccessType::Offline if fresh => Lasting::WithRefreshToken,
            AccessType::Offline | AccessType::Online => Lasting::AccessOnly,
        };
        let scopes = holder.scopes.join(" ");
        let (redirect_uri, challenge) = (self.redirect_uri.text.clone(), self.added.challenge.clone());
        let nonce = self.added.nonce.clone();
        let code = Code { holder, redirect_uri, challenge, nonce, lasting, expires_at: 0 };
        let code = world.issue_code(code, now);
        self.back(&[("code", &code), ("scope", &scopes)]).into()
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
            let channels = world.channels.values().filter(|channel| channel.owner == person.sub);
            (person, in_order(channels, FIRST, |channel: &Channel| &channel.handle))
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
