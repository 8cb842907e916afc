//! The consent page: account, scopes, accept or refuse.

use super::PLATFORM;
use super::account::{Account, AccountType};
use crate::avatar::face;
use crate::call::Refuse;
use crate::clock::SECOND;
use crate::consent::{Choice, Consent, Decision, Faulty, Permission};
use crate::login::Login;
use crate::meta::{AuthorizationRequest, problem_with_handle, refuse};
use crate::place::Who;
use crate::platforms::Memory;
use crate::sandbox::{Sandbox, Settings};

/// The first account in the list.
const FIRST: &str = "demokitchen";

/// The scope that every app of this kind has.
const BASIC: &str = "instagram_business_basic";

/// Instagram Login.
pub(super) struct InstagramLogin;

impl Login for InstagramLogin {
    const NAME: &'static str = "Instagram";
    const PLATFORM: &'static str = PLATFORM;
    const COOKIE: &'static str = "sandbox_instagram";
    const REFUSE: Refuse = refuse;
    type Request = AuthorizationRequest;

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest, Faulty> {
        AuthorizationRequest::read(query, &settings.apps.instagram)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.instagram.by_username(name)?.who())
    }

    fn consent(sandbox: &Sandbox, request: &AuthorizationRequest) -> Consent {
        let choice = |account: &Account| Choice {
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
        let choices = sandbox.read(|state, _| {
            let mut list: Vec<_> = state.instagram.accounts.values().collect();
            list.sort_by_key(|account| (account.username != FIRST, &account.username));
            list.into_iter().map(choice).collect()
        });
        Consent {
            heading: "Log in and authorize",
            what: "an Instagram account",
            app: request.redirect_uri.host(),
            choices,
            further: String::new(),
            permissions: Permission::of(&request.scopes, Some(BASIC), meaning),
        }
    }

    fn refused(request: &AuthorizationRequest, decision: &Decision) -> Option<String> {
        (!decision.allowed).then(|| request.denied())
    }

    fn problem(_: &Sandbox, account: &str) -> Option<&'static str> {
        problem_with_handle(account)
    }

    fn grant(sandbox: &Sandbox, request: &AuthorizationRequest, decision: &Decision) -> String {
        let scopes = decision.granted(&request.scopes, Some(BASIC));
        let code = sandbox.change(|state, now| {
            let world = &mut state.instagram;
            let id = world.account_named(&decision.account, AccountType::Business).id.clone();
            let expires_at = now.saturating_add(i64::from(world.limits.code_seconds) * SECOND);
            world.grants.issue_code(&id, &request.scopes, scopes, &request.redirect_uri.text, expires_at)
        });
        request.back(&[("code", &code)], Some("_"))
    }
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
