//! The accounts a grant opens, as a platform tells of them.

use crate::model::AccountMetadata;
use crate::secret::AccessToken;

/// An account as its platform knows it.
#[derive(Debug, Clone, Copy)]
pub struct AccountRef<'a> {
    /// Its id at the platform.
    pub id: &'a str,
    /// Its handle.
    pub username: Option<&'a str>,
    /// What else the platform told when it was connected.
    pub metadata: &'a AccountMetadata,
}

/// An account that can be published to.
#[derive(Debug, Clone)]
pub struct RemoteAccount {
    /// Its id at the platform.
    pub id: String,
    /// Its handle.
    pub username: Option<String>,
    /// What else the platform tells.
    pub metadata: AccountMetadata,
    /// A token of its own, where the grant's is not the one to publish with. It has no end that is known, and
    /// nothing refreshes it.
    pub token: Option<AccessToken>,
}

/// An account that the grant's owner may not publish to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id at the platform.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
}

/// One page of a grant's accounts.
#[derive(Debug, Clone, Default)]
pub struct RemoteAccounts {
    /// The accounts that can be published to.
    pub accounts: Vec<RemoteAccount>,
    /// Those that cannot.
    pub left_out: Vec<LeftOut>,
    /// What the platform's own code calls the next page; `None`: this was the last.
    pub next: Option<String>,
}

impl RemoteAccount {
    /// An account of which nothing but its id is known.
    #[must_use]
    pub fn unnamed(id: &str) -> Self {
        Self { id: id.to_owned(), username: None, metadata: AccountMetadata::default(), token: None }
    }
}

impl From<RemoteAccount> for RemoteAccounts {
    fn from(account: RemoteAccount) -> Self {
        Self { accounts: vec![account], ..Self::default() }
    }
}
