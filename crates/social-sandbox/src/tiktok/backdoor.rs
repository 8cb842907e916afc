//! TikTok's state, for tests.

use super::account::Visibility;
use super::publication::Begun;
use super::webhook::announce;
use super::world::World;
use crate::sandbox::Sandbox;

/// Reads and changes TikTok's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct TikTok<'sandbox> {
    pub(crate) sandbox: &'sandbox Sandbox,
}

impl TikTok<'_> {
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
        self.sandbox.find::<World>(account)
    }

    /// Posts a draft from the inbox, as the creator.
    pub fn finish_draft(&self, publish_id: &str) {
        let notices = self.sandbox.change(|state, _| state.tiktok.finish_draft(publish_id));
        announce(self.sandbox, notices);
    }
}
