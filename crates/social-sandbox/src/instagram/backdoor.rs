//! Instagram's state, for tests.

use super::account::AccountType;
use super::world::World;
use crate::sandbox::Sandbox;

/// Reads and changes Instagram's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Instagram<'sandbox> {
    pub(crate) sandbox: &'sandbox Sandbox,
}

impl Instagram<'_> {
    /// Creates an account, or changes the type of the one with this handle. Returns its id.
    #[must_use]
    pub fn create_account(&self, handle: &str, kind: AccountType) -> String {
        self.sandbox.change(|state, _| {
            let account = state.instagram.account_named(handle, kind);
            account.kind = kind;
            account.id.clone()
        })
    }

    /// Records this many posts for the account, published elsewhere within the day.
    pub fn post_elsewhere(&self, account: &str, posts: usize) {
        let id = self.sandbox.find::<World>(account);
        self.sandbox.change(|state, now| {
            if let Some(account) = id.and_then(|id| state.instagram.accounts.get_mut(&id)) {
                account.posts.extend(std::iter::repeat_n(now, posts));
            }
        });
    }
}
