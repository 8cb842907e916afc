//! Instagram's state, for tests.

use super::account::AccountType;
use super::limits::Limits;
use super::published::Published;
use crate::sandbox::Sandbox;

/// The subcode of a token whose app its owner has removed.
const REMOVED: i64 = 458;

/// Reads and changes Instagram's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Instagram<'sandbox> {
    sandbox: &'sandbox Sandbox,
}

impl<'sandbox> Instagram<'sandbox> {
    pub(crate) fn of(sandbox: &'sandbox Sandbox) -> Self {
        Self { sandbox }
    }

    /// Returns everything published, oldest first.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.sandbox.read(|state, _| state.instagram.published.clone())
    }

    /// Returns how often an endpoint was called, with any outcome; see [`super::ENDPOINTS`].
    #[must_use]
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sandbox.calls(super::PLATFORM, endpoint)
    }

    /// Creates an account, or changes the type of the one with this handle. Returns its id.
    #[must_use]
    pub fn create_account(&self, handle: &str, kind: AccountType) -> String {
        self.sandbox.change(|state, _| {
            let account = state.instagram.account_named(handle, kind);
            account.kind = kind;
            account.id.clone()
        })
    }

    /// Returns the id of a handle; an id is returned unchanged.
    #[must_use]
    pub fn account_id(&self, account: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.instagram;
            let known = world.accounts.get(account).or_else(|| world.by_username(account));
            known.map(|account| account.id.clone())
        })
    }

    /// Expires the account's tokens. Returns whether there is such an account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn expire_tokens(&self, account: &str) -> bool {
        let Some(id) = self.account_id(account) else { return false };
        self.sandbox.change(|state, now| state.instagram.grants.expire(&id, now));
        true
    }

    /// Ends the account's grant, as its owner would in Instagram's settings. Returns whether there is such an
    /// account.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its accounts need not look")]
    pub fn revoke(&self, account: &str) -> bool {
        let Some(id) = self.account_id(account) else { return false };
        self.sandbox.change(|state, _| state.instagram.grants.end(&id, REMOVED));
        true
    }

    /// Records this many posts for the account, published elsewhere within the day.
    pub fn post_elsewhere(&self, account: &str, posts: usize) {
        let id = self.account_id(account);
        self.sandbox.change(|state, now| {
            if let Some(account) = id.and_then(|id| state.instagram.accounts.get_mut(&id)) {
                account.posts.extend(std::iter::repeat_n(now, posts));
            }
        });
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.sandbox.read(|state, _| state.instagram.limits.clone())
    }

    /// Replaces the limits.
    pub fn set_limits(&self, limits: Limits) {
        self.sandbox.change(|state, _| state.instagram.limits = limits);
    }
}
