//! Revokes a grant (RFC 7009) and deletes its tokens.

use std::time::Duration;

use super::Flow;
use crate::http::Call;
use crate::model::{Account, Origin, OwnerId};
use crate::platform::RevokedGrant;
use crate::store::{GrantedAccount, StoreError};

/// The pauses between attempts to revoke a grant, while a person waits.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];

impl Flow {
    /// Revokes an account's grant at the platform where possible, then deletes it. `false`: the owner has no
    /// such account.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    /// When the database declines.
    pub async fn disconnect(
        &self,
        owner: &OwnerId,
        granted: GrantedAccount,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let GrantedAccount { account, grant, is_shared } = granted;
        // A grant that cannot be decrypted cannot be revoked, but it can be deleted.
        if let Ok(Some(held)) = grant
            && let Some((connector, settings)) = self.connector(&account.platform)
            && !is_shared
        {
            let grant = RevokedGrant {
                access_token: &held.access_token,
                refresh_token: held.refresh_token.as_ref(),
                granted_by: held.granted_by.as_deref(),
            };
            if let Some(call) = connector.revoke_call(settings, &grant) {
                self.give_back(&account, call).await;
            }
        }
        self.store.disconnect_account(owner, account.id, origin).await
    }

    /// Tries a few times. Whatever the platform responds, our copy is deleted.
    async fn give_back(&self, account: &Account, call: Call) {
        let mut pauses = PAUSES.into_iter();
        loop {
            let trouble = match self.http.send(call.clone(), None, self.soon()).await {
                // An error response is final: a grant that cannot be revoked has mostly ended already.
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
