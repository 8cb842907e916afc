//! TikTok's state, for tests.

use super::account::Visibility;
use super::control::disconnect;
use super::limits::Limits;
use super::publication::{Begun, Published};
use super::webhook::announce;
use crate::sandbox::Sandbox;

/// Reads and changes TikTok's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct TikTok<'sandbox> {
    sandbox: &'sandbox Sandbox,
}

impl<'sandbox> TikTok<'sandbox> {
    pub(crate) fn of(sandbox: &'sandbox Sandbox) -> Self {
        Self { sandbox }
    }

    /// Returns everything published, oldest first. It includes videos in processing that nothing can stop.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let all = world.order.iter().filter_map(|id| world.publications.get(id));
            all.filter_map(|one| one.published(&world.accounts.get(&one.open_id)?.username)).collect()
        })
    }

    /// Returns the handle of the creator of an access token, even after it has ended.
    #[must_use]
    pub fn holder(&self, access_token: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let access = world.access.get(access_token)?;
            Some(world.accounts.get(&access.open_id)?.username.clone())
        })
    }

    /// Returns every accepted init, oldest first, with any outcome.
    #[must_use]
    pub fn begun(&self) -> Vec<Begun> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let all = world.order.iter().filter_map(|id| world.publications.get(id));
            all.filter_map(|one| Some(one.begun(&world.accounts.get(&one.open_id)?.username))).collect()
        })
    }

    /// Returns how often an endpoint was called, with any outcome; see [`super::ENDPOINTS`].
    #[must_use]
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sandbox.calls(super::PLATFORM, endpoint)
    }

    /// Creates an account, or changes the visibility of the one with this handle. Returns its `open_id`.
    #[must_use]
    pub fn create_account(&self, handle: &str, visibility: Visibility) -> String {
        self.sandbox.change(|state, _| {
            let account = state.tiktok.account_named(handle, visibility);
            account.visibility = visibility;
            account.open_id.clone()
        })
    }

    /// Returns the `open_id` of a handle; an `open_id` is returned unchanged.
    #[must_use]
    pub fn open_id(&self, account: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.tiktok;
            let known = world.accounts.get(account).or_else(|| world.by_username(account));
            known.map(|account| account.open_id.clone())
        })
    }

    /// Expires the account's access tokens. Returns whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn expire_tokens(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        self.sandbox.change(|state, now| state.tiktok.expire_access(&id, now));
        true
    }

    /// Expires the account's refresh tokens. Returns whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn expire_refresh_tokens(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        self.sandbox.change(|state, now| state.tiktok.expire_refresh(&id, now));
        true
    }

    /// Ends the account's grant, as its owner would in TikTok's settings. Returns whether there is such an
    /// account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn revoke(&self, account: &str) -> bool {
        let Some(id) = self.open_id(account) else { return false };
        disconnect(self.sandbox, &id);
        true
    }

    /// Posts a draft from the inbox, as the creator.
    pub fn finish_draft(&self, publish_id: &str) {
        let notices = self.sandbox.change(|state, _| state.tiktok.finish_draft(publish_id));
        announce(self.sandbox, notices);
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.sandbox.read(|state, _| state.tiktok.limits.clone())
    }

    /// Replaces the limits.
    pub fn set_limits(&self, limits: Limits) {
        self.sandbox.change(|state, _| state.tiktok.limits = limits);
    }
}
