//! The consent page: creator, scopes, accept or refuse.

use super::account::{Account, Visibility, is_username};
use super::authorize::{Added, BASIC, PageWanted};
use super::envelope::refuse_bare;
use super::grant::Code;
use crate::authorization::AuthorizationRequest;
use crate::avatar::face;
use crate::call::Refuse;
use crate::consent::{Choice, Decision, Faulty, in_order};
use crate::login::Login;
use crate::place::Who;
use crate::platforms::Memory;
use crate::sandbox::{Sandbox, Settings};

/// The first creator in the list.
const FIRST: &str = "demokitchen";

/// Login Kit.
pub(super) struct TikTokLogin;

impl Login for TikTokLogin {
    const NAME: &'static str = "TikTok";
    const PLATFORM: &'static str = super::PLATFORM;
    const COOKIE: &'static str = "sandbox_tiktok";
    const REFUSE: Refuse = refuse_bare;
    const WHAT: &'static str = "a TikTok account";
    const BASIC: Option<&'static str> = Some(BASIC);
    const DENIED: &'static [(&'static str, &'static str)] =
        &[("error", "access_denied"), ("error_description", "User denied the authorization")];
    type Added = Added;

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest<Added>, Faulty> {
        AuthorizationRequest::<Added>::read(query, &settings.apps.tiktok)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.tiktok.by_username(name)?.who())
    }

    fn agreed_before(sandbox: &Sandbox, request: &AuthorizationRequest<Added>, name: &str) -> Option<String> {
        if request.added.page == PageWanted::Always {
            return None;
        }
        sandbox.change(|state, now| {
            let open_id = state.tiktok.by_username(name)?.open_id.clone();
            let granted = state.tiktok.granted(&open_id, now);
            if !request.scopes.iter().all(|scope| granted.contains(&scope.as_str())) {
                return None;
            }
            Some(request.back_with_code(state, now, open_id, request.scopes.clone()))
        })
    }

    fn choices(sandbox: &Sandbox) -> Vec<Choice> {
        sandbox.read(|state, _| {
            let accounts = in_order(state.tiktok.accounts.values(), FIRST, |account| &account.username);
            accounts.into_iter().map(|account| choice(sandbox, account)).collect()
        })
    }

    fn meaning(scope: &str) -> &'static str {
        match scope {
            BASIC => "Read your profile picture and display name",
            "user.info.profile" => "Read your handle, bio and profile link",
            "user.info.stats" => "Read your follower and video counts",
            "video.publish" => "Post videos to your account",
            "video.upload" => "Send drafts to your inbox",
            "video.list" => "Read your public videos",
            _ => "Use this scope",
        }
    }

    fn problem(_: &Sandbox, account: &str) -> Option<&'static str> {
        (!is_username(account)).then_some("A handle has 2 to 24 letters, digits, dots or underscores.")
    }

    fn grant(
        sandbox: &Sandbox,
        request: &AuthorizationRequest<Added>,
        decision: &Decision,
        scopes: Vec<String>,
    ) -> String {
        sandbox.change(|state, now| {
            let account = state.tiktok.account_named(&decision.account, Visibility::Public);
            let open_id = account.open_id.clone();
            request.back_with_code(state, now, open_id, scopes)
        })
    }
}

impl AuthorizationRequest<Added> {
    fn back_with_code(&self, state: &mut Memory, now: i64, open_id: String, scopes: Vec<String>) -> String {
        let listed = scopes.join(",");
        let code = Code {
            open_id,
            scopes,
            redirect_uri: self.redirect_uri.text.clone(),
            challenge: self.added.challenge.clone(),
            expires_at: 0,
        };
        let code = state.tiktok.issue_code(code, now);
        self.back(&[("code", &code), ("scopes", &listed)]).into()
    }
}

fn choice(sandbox: &Sandbox, account: &Account) -> Choice {
    let kind = match account.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    Choice {
        value: account.username.clone(),
        face: face(sandbox, super::PLATFORM, &account.username),
        title: account.display_name.clone(),
        detail: format!("@{} · {kind} · {} followers", account.username, account.followers),
        owner: None,
    }
}
