//! Results whose secrets cannot be decrypted, mostly because a key is missing.
//!
//! They are rescheduled, because the operator may restore the key. If that does not happen, the account must be connected
//! again. Nothing is deleted: with the key, everything continues ([`Store::reseal_page`]).

use std::time::Duration;

use uuid::Uuid;

use crate::model::ResultId;
use crate::store::call::{Call, seconds};
use crate::store::lease::{Lease, put_back};
use crate::store::{Store, StoreError};

/// Five minutes: when to check again.
const PAUSE: Duration = Duration::from_mins(5);

/// A day: an operator must have time to restore a key. Before that, every user would be asked to reconnect for nothing.
const GRACE: Duration = Duration::from_hours(24);

/// What cannot be read of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The tokens of its account.
    Account,
    /// Its checkpoint.
    Checkpoint,
    /// Its row, which another version of the program wrote.
    Row,
}

/// Unreadable results of one claim.
#[derive(Debug, Default)]
pub(super) struct Unreadable(Vec<(Uuid, Blame)>);

impl Unreadable {
    pub(super) fn push(&mut self, result: ResultId, blame: Blame) {
        self.0.push((result.0, blame));
    }
}

/// Why results wait, and for whom.
struct Reason {
    code: &'static str,
    message: &'static str,
}

/// For the owner of an account.
const LOST: Reason = Reason {
    code: "tokens_unreadable",
    message: "We can no longer read the stored permission for this account. Reconnect the account.",
};

/// For the owner of a result that had started.
const DOUBT: Reason = Reason {
    code: "checkpoint_unreadable",
    message: "We can no longer read this post's progress. Check the account, then tell us.",
};

impl Store {
    /// Reschedules unreadable results while a lease holds them. After a day of that, it gives up on their secrets: the
    /// account must be connected again, or the result is in doubt. A second call finds none.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub(super) async fn set_aside(&self, aside: &Unreadable, lease: Uuid) -> Result<(), StoreError> {
        let (rows, sealed): (Vec<_>, Vec<_>) = aside.0.iter().partition(|(_, blame)| *blame == Blame::Row);
        let ids = |of: &[(Uuid, Blame)]| of.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        if !rows.is_empty() {
            self.run(put_back(&ids(&rows), lease, PAUSE)).await?;
        }
        if sealed.is_empty() {
            return Ok(());
        }
        let of_accounts: Vec<bool> = sealed.iter().map(|(_, blame)| *blame == Blame::Account).collect();
        let call = Call::repeatable("set_aside")
            .with("results", ids(&sealed))
            .with("of_accounts", of_accounts)
            .with("lease", lease)
            .with("pause", seconds(PAUSE))
            .with("grace", seconds(GRACE))
            .with("code", LOST.code)
            .with("message", LOST.message)
            .with("doubt_code", DOUBT.code)
            .with("doubt_message", DOUBT.message);
        self.run(call).await
    }

    /// Does the same for one result, whose account's tokens cannot be decrypted.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn set_account_aside(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut aside = Unreadable::default();
        aside.push(lease.id, Blame::Account);
        self.set_aside(&aside, lease.token).await
    }
}
