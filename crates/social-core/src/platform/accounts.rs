//! The accounts of a grant, as a platform lists them.

use crate::model::AccountMetadata;
use crate::secret::AccessToken;

/// An account as its platform knows it.
#[derive(Debug, Clone, Copy)]
pub struct AccountRef<'a> {
    /// Its id at the platform.
    pub id: &'a str,
    /// Its handle.
    pub username: Option<&'a str>,
    /// What the platform returned about it when it was connected.
    pub metadata: &'a AccountMetadata,
}

/// An account that can publish.
#[derive(Debug, Clone)]
pub struct RemoteAccount {
    /// Its id at the platform.
    pub id: String,
    /// Its handle.
    pub username: Option<String>,
    /// What else the platform returns.
    pub metadata: AccountMetadata,
    /// A token of its own, where the grant's token cannot publish. It has no known expiry and cannot be
    /// refreshed.
    pub token: Option<AccessToken>,
}

/// An account that the grant's owner must not publish to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its id at the platform.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One page of the accounts of a grant.
#[derive(Debug, Clone, Default)]
pub struct RemoteAccounts {
    /// The accounts that can publish.
    pub accounts: Vec<RemoteAccount>,
    /// The accounts that cannot.
    pub left_out: Vec<LeftOut>,
    /// The platform code's own name for the next page; `None`: this was the last.
    pub next: Option<String>,
}

impl RemoteAccount {
    /// Returns an account with nothing but its id.
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
