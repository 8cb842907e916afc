//! Giving a grant back (RFC 7009), and erasing it.

use std::time::Duration;

use super::Flow;
use crate::http::Call;
use crate::model::{Account, OwnerId};
use crate::platform::RevokedGrant;
use crate::store::{GrantedAccount, StoreError};

/// The pauses between tries to give a grant back: a person waits meanwhile.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];

impl Flow {
    /// Gives an account's grant back at the platform as far as that goes, then erases it. One person's permission may open
    /// several accounts, and several owners may have connected the same one: it is given back with the last of them.
    /// `false`: the owner has no such account.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn disconnect(&self, owner: &OwnerId, granted: GrantedAccount) -> Result<bool, StoreError> {
        let GrantedAccount { account, grant, is_shared } = granted;
        // What does not open cannot be given back, but it can be erased.
        if let Ok(Some(held)) = grant
            && let Some((worker, settings)) = self.platform(&account.platform)
            && !is_shared
        {
            let grant = RevokedGrant {
                access_token: &held.access_token,
                refresh_token: held.refresh_token.as_ref(),
                granted_by: held.granted_by.as_deref(),
            };
            if let Some(call) = worker.revoke_call(settings, &grant) {
                self.give_back(&account, call).await;
            }
        }
        self.store.disconnect_account(owner, account.id).await
    }

    /// Tries a few times. Whatever the platform says in the end, what we hold is erased.
    async fn give_back(&self, account: &Account, call: Call) {
        let mut pauses = PAUSES.into_iter();
        loop {
            let trouble = match self.http.send(call.clone(), None, self.soon()).await {
                // A refusal is an answer: what cannot be given back is mostly gone already.
                Ok(reply) if reply.status < 500 && reply.status != 429 => return,
                Ok(reply) => format!("http_{}", reply.status),
                Err(error) => error.to_string(),
            };
            let Some(pause) = pauses.next() else {
                tracing::warn!(account.id = %account.id, error.code = trouble, "account {} could not be revoked at the platform: {trouble}", account.id);
                return;
            };
            tokio::time::sleep(pause).await;
        }
    }
}
