//! What this process has read: what a request is checked against without a round trip.

use uuid::Uuid;

use super::known_accounts::KnownAccounts;
use super::known_posts::KnownPosts;
use crate::model::{Account, OwnerId, Post, PostId};

/// Accounts and posts that this process has read. The database then compares them with what it has, so an old one makes
/// nothing wrong.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) accounts: KnownAccounts,
    pub(super) posts: KnownPosts,
}

impl Known {
    /// Returns a version of an owner's post with the accounts of its results, if all are known.
    pub(super) fn draft(&self, owner: &OwnerId, post: PostId, version: i64) -> Option<(Post, Vec<Account>)> {
        let post = self.posts.find(owner, post, version)?;
        let named: Vec<Uuid> = post.results.iter().map(|result| result.account_id.0).collect();
        let accounts = self.accounts.find(owner, &named)?;
        Some((post, accounts))
    }
}
