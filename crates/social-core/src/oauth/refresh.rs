//! Refreshing a grant (RFC 6749 §6): one holder at a time, the new pair saved before anything else.

use std::time::Duration;

use super::Flow;
use crate::clock::Deadline;
use crate::model::{AccountId, OwnerId, PlatformId};
use crate::platform::{OAuthErrorKind, TokenGrant};
use crate::secret::AccessToken;
use crate::store::StoreError;

/// A token that may be used now.
#[derive(Debug)]
pub struct Refreshed {
    /// The token.
    pub access_token: AccessToken,
    /// The version of the grant it belongs to.
    pub version: i64,
}

/// Why there is no token that may be used now.
#[derive(Debug, thiserror::Error)]
pub enum RefreshFailed {
    /// Somebody else is refreshing it: look again shortly.
    #[error("the token is being refreshed elsewhere")]
    Busy,
    /// The platform has trouble, or refuses our client: the account is not to blame.
    #[error("the token could not be refreshed: {0}")]
    Later(String),
    /// The grant has ended: its owner must connect the account again.
    #[error("the grant has ended")]
    Ended,
    /// The database declined.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long to leave a token that somebody else is refreshing.
pub const BUSY_PAUSE: Duration = Duration::from_secs(2);

impl Flow {
    /// A token of the account that is good for the next minutes. `rejected` is a version the platform has just
    /// declined: its token is replaced however young it is.
    /// A refresh is over by `deadline`.
    ///
    /// # Errors
    /// See [`RefreshFailed`].
    pub async fn fresh_token(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        account: AccountId,
        rejected: Option<i64>,
        deadline: Deadline,
    ) -> Result<Refreshed, RefreshFailed> {
        let Some(held) = self.store.grant(owner, account).await? else { return Err(RefreshFailed::Ended) };
        if !held.dies_soon && rejected != Some(held.version) {
            return Ok(Refreshed { access_token: held.access_token, version: held.version });
        }
        let Some((worker, settings)) = self.platform(platform) else {
            return Err(RefreshFailed::Later("platform_off".to_owned()));
        };
        let Some(refresh_token) = held.refresh_token else {
            self.end(owner, account, held.version).await?;
            return Err(RefreshFailed::Ended);
        };
        let Some(lease) = self.store.lease_refresh(owner, account, held.version).await? else {
            return Err(RefreshFailed::Busy);
        };
        // No transaction is open while we ask.
        let oauth = worker.oauth();
        let call = oauth.token_call(settings, &TokenGrant::Refresh(&refresh_token));
        let failed = match self.http.send(call, None, deadline.min(self.soon())).await {
            Ok(reply) => match oauth.read_grant(&reply) {
                Ok(grant) => {
                    // The old pair may be dead by now: a moment's trouble with the database must not cost the new.
                    let mut saved = self.store.save_refresh(&lease, &grant).await;
                    for _ in 0..3 {
                        if !matches!(saved, Err(StoreError::Database(_))) {
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        saved = self.store.save_refresh(&lease, &grant).await;
                    }
                    if saved? {
                        return Ok(Refreshed { access_token: grant.access_token, version: held.version + 1 });
                    }
                    // Connected again or disconnected meanwhile: that grant counts, not ours.
                    return Err(RefreshFailed::Busy);
                }
                Err(error) if error.kind == OAuthErrorKind::GrantEnded => {
                    // The lease excluded everybody else, so this is the token's own end and no race.
                    tracing::info!(account.id = %account, error.code = error.code, "the grant of account {account} has ended");
                    return Err(if self.end(owner, account, held.version).await? {
                        RefreshFailed::Ended
                    } else {
                        RefreshFailed::Busy
                    });
                }
                Err(error) => error.code,
            },
            Err(error) => error.to_string(),
        };
        self.store.release_refresh(&lease).await?;
        tracing::warn!(account.id = %account, error.code = failed, "the token of account {account} could not be refreshed: {failed}");
        Err(RefreshFailed::Later(failed))
    }

    async fn end(&self, owner: &OwnerId, account: AccountId, version: i64) -> Result<bool, StoreError> {
        self.store.end_grant(owner, account, version).await
    }

    /// Refreshes one account that would otherwise die idle, if there is one.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn refresh_idle(&self) -> Result<(), StoreError> {
        let Some((owner, platform, account)) = self.store.find_idle_account().await? else { return Ok(()) };
        match self.fresh_token(&owner, &platform, account, None, self.soon()).await {
            Err(RefreshFailed::Store(error)) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}
