//! The consent page: creator, scopes, accept or refuse.

use super::account::{Account, Visibility, is_username};
use super::authorize::{AuthorizationRequest, BASIC, PageWanted};
use super::envelope::refuse_bare;
use super::grant::Code;
use super::profile::face;
use crate::call::Refuse;
use crate::consent::{Choice, Consent, Decision, Faulty, Permission};
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
    type Request = AuthorizationRequest;

    fn read(query: &str, settings: &Settings) -> Result<AuthorizationRequest, Faulty> {
        AuthorizationRequest::read(query, &settings.apps.tiktok)
    }

    fn who(memory: &Memory, name: &str) -> Option<Who> {
        Some(memory.tiktok.by_username(name)?.who())
    }

    fn agreed_before(sandbox: &Sandbox, request: &AuthorizationRequest, name: &str) -> Option<String> {
        if request.page == PageWanted::Always {
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

    fn consent(sandbox: &Sandbox, request: &AuthorizationRequest) -> Consent {
        let choices = sandbox.read(|state, _| {
            let mut list: Vec<&Account> = state.tiktok.accounts.values().collect();
            list.sort_by_key(|account| (account.username != FIRST, &account.username));
            list.into_iter().map(|account| choice(sandbox, account)).collect()
        });
        Consent {
            heading: "Log in and authorize",
            what: "a TikTok account",
            app: request.redirect_uri.host(),
            choices,
            further: String::new(),
            permissions: Permission::of(&request.scopes, Some(BASIC), meaning),
        }
    }

    fn refused(request: &AuthorizationRequest, decision: &Decision) -> Option<String> {
        let description = "User denied the authorization";
        let parameters = [("error", "access_denied"), ("error_description", description)];
        (!decision.allowed).then(|| request.back(&parameters))
    }

    fn problem(_: &Sandbox, account: &str) -> Option<&'static str> {
        (!is_username(account)).then_some("A handle has 2 to 24 letters, digits, dots or underscores.")
    }

    fn grant(sandbox: &Sandbox, request: &AuthorizationRequest, decision: &Decision) -> String {
        let scopes = decision.granted(&request.scopes, Some(BASIC));
        sandbox.change(|state, now| {
            let account = state.tiktok.account_named(&decision.account, Visibility::Public);
            let open_id = account.open_id.clone();
            request.back_with_code(state, now, open_id, scopes)
        })
    }
}

impl AuthorizationRequest {
    fn back_with_code(&self, state: &mut Memory, now: i64, open_id: String, scopes: Vec<String>) -> String {
        let listed = scopes.join(",");
        let code = Code {
            open_id,
            scopes,
            redirect_uri: self.redirect_uri.text.clone(),
            challenge: self.challenge.clone(),
            expires_at: 0,
        };
        let code = state.tiktok.issue_code(code, now);
        self.back(&[("code", &code), ("scopes", &listed)])
    }
}

fn choice(sandbox: &Sandbox, account: &Account) -> Choice {
    let kind = match account.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    Choice {
        value: account.username.clone(),
        face: face(sandbox, &account.username),
        title: account.display_name.clone(),
        detail: format!("@{} · {kind} · {} followers", account.username, account.followers),
        owner: None,
    }
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
