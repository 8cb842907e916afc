//! The consent page: account, scopes, accept or refuse.

use super::PLATFORM;
use super::account::{Account, AccountType};
use crate::authorization::AuthorizationRequest;
use crate::avatar::face;
use crate::call::Refuse;
use crate::clock::SECOND;
use crate::consent::{Choice, Decision, Faulty, in_order};
use crate::login::Login;
use crate::meta::{DENIED, problem_with_handle, refuse};
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
    const WHAT: &'static str = "an Instagram account";
    const BASIC: Option<&'static str> = Some(BASIC);
    const DENIED: &'static [(&'static str, &'static str)] = DENIED;
    type Added = ();

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest, Faulty> {
        AuthorizationRequest::read(query, &settings.apps.instagram)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.instagram.by_username(name)?.who())
    }

    fn choices(sandbox: &Sandbox) -> Vec<Choice> {
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
        sandbox.read(|state, _| {
            let accounts = in_order(state.instagram.accounts.values(), FIRST, |account| &account.username);
            accounts.into_iter().map(choice).collect()
        })
    }

    fn meaning(scope: &str) -> &'static str {
        match scope {
            BASIC => "Read your profile and your media",
            "instagram_business_content_publish" => "Publish Reels to your account",
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
            let world = &mut state.instagram;
            let id = world.account_named(&decision.account, AccountType::Business).id.clone();
            let expires_at = now.saturating_add(i64::from(world.limits.code_seconds) * SECOND);
            request.grant(&mut world.grants, &id, scopes, expires_at, "_")
        })
    }
}

pub(super) fn kind(kind: AccountType) -> &'static str {
    match kind {
        AccountType::Business => "business",
        AccountType::MediaCreator => "creator",
        AccountType::Personal => "personal, which can not publish by API",
    }
}
