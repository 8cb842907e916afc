//! Accounts that this process has read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::model::{Account, OwnerId};

/// 1,000: what a few hundred users of one process name in their posts, in about a megabyte.
const MOST: usize = 1000;

/// Accounts that this process has read.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownAccounts(Arc<Mutex<HashMap<Uuid, Account>>>);

impl KnownAccounts {
    pub(super) fn remember(&self, accounts: &[Account]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len().saturating_add(accounts.len()) > MOST {
            known.clear();
        }
        known.extend(accounts.iter().map(|account| (account.id.0, account.clone())));
    }

    /// Returns an owner's accounts, if all of them are known.
    pub(super) fn find(&self, owner: &OwnerId, named: &[Uuid]) -> Option<Vec<Account>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let find = |id| known.get(id).filter(|account: &&Account| account.owner == *owner).cloned();
        named.iter().map(find).collect()
    }
}
