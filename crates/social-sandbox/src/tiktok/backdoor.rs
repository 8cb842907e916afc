//! TikTok as a test sees it from behind.

use super::account::Visibility;
use super::control::disconnect;
use super::limits::Limits;
use super::publication::{Begun, Published};
use super::webhook::announce;
use crate::sandbox::Sandbox;

/// What can be looked at, and what can be done, without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct TikTok<'sandbox> {
    sandbox: &'sandbox Sandbox,
}

impl<'sandbox> TikTok<'sandbox> {
    pub(crate) fn of(sandbox: &'sandbox Sandbox) -> Self {
        Self { sandbox }
    }

    /// Everything published, oldest first: also what is still in processing and nothing can stop.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let all = world.order.iter().filter_map(|id| world.publications.get(id));
            all.filter_map(|one| one.published(&world.accounts.get(&one.open_id)?.username)).collect()
        })
    }

    /// The handle of the creator an access token was given for, whether or not it still lives.
    #[must_use]
    pub fn holder(&self, access_token: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let access = world.access.get(access_token)?;
            Some(world.accounts.get(&access.open_id)?.username.clone())
        })
    }

    /// Every init that was accepted, oldest first, whatever became of it.
    #[must_use]
    pub fn begun(&self) -> Vec<Begun> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let all = world.order.iter().filter_map(|id| world.publications.get(id));
            all.filter_map(|one| Some(one.begun(&world.accounts.get(&one.open_id)?.username))).collect()
        })
    }

    /// How often an endpoint was called, whatever came of it; see [`super::ENDPOINTS`].
    #[must_use]
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sandbox.calls(super::PLATFORM, endpoint)
    }

    /// Makes an account, or changes the visibility of the one with this handle; answers its `open_id`.
    #[must_use]
    pub fn create_account(&self, handle: &str, visibility: Visibility) -> String {
        self.sandbox.change(|state, _| {
            let account = state.tiktok.account_named(handle, visibility);
            account.visibility = visibility;
            account.open_id.clone()
        })
    }

    /// The `open_id` behind a handle; an `open_id` is answered as it is.
    #[must_use]
    pub fn open_id(&self, account: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let known = world.accounts.get(account).or_else(|| world.by_username(account));
            known.map(|account| account.open_id.clone())
        })
    }

    /// Lets the account's access tokens expire now; whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn expire_tokens(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        self.sandbox.change(|state, now| state.tiktok.expire_access(&id, now));
        true
    }

    /// Lets the account's refresh tokens expire now; whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn expire_refresh_tokens(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        self.sandbox.change(|state, now| state.tiktok.expire_refresh(&id, now));
        true
    }

    /// Ends the account's grant, as its owner would in TikTok's settings; whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn revoke(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        disconnect(self.sandbox, &id);
        true
    }

    /// The creator posts a draft from the inbox.
    pub fn finish_draft(&self, publish_id: &str) {
        let notices = self.sandbox.change(|state, _| state.tiktok.finish_draft(publish_id));
        announce(self.sandbox, notices);
    }

    /// The limits as they are.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.sandbox.read(|state, _| state.tiktok.limits.clone())
    }

    /// Replaces the limits.
    pub fn set_limits(&self, limits: Limits) {
        self.sandbox.change(|state, _| state.tiktok.limits = limits);
    }
}
