//! Refreshes a grant (RFC 6749 §6): one process at a time, and the new pair is saved before anything else.

use std::time::Duration;

use super::Flow;
use crate::clock::Deadline;
use crate::meter::{RefreshOutcome, count_refresh};
use crate::model::{Account, AccountId, OwnerId, PlatformId};
use crate::platform::{self, ENDED, OAuthErrorKind, Renewal, TokenGrant};
use crate::secret::AccessToken;
use crate::store::{Renew, StoreError, StoredGrant};

/// A token that is ready for use.
#[derive(Debug)]
pub struct Refreshed {
    /// The token.
    pub access_token: AccessToken,
    /// The version of its grant.
    pub version: i64,
}

/// Explains why no token is ready for use.
#[derive(Debug, thiserror::Error)]
pub enum RefreshFailed {
    /// Another process is refreshing it: check again shortly.
    #[error("another process is refreshing the token")]
    Busy,
    /// The platform has errors, or refuses our client: the account is not at fault.
    #[error("the token could not be refreshed: {0}")]
    Later(String),
    /// The grant has ended: its owner must reconnect the account, and sees the reason.
    #[error("{0}")]
    Ended(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ten at a time.
const MOST_IDLE: usize = 10;
/// 10 s: this maintenance runs some twenty times a day, and a refresh takes half a second. So it keeps twelve
/// thousand accounts alive whose tokens are renewed once a month. Publishing waits for it meanwhile.
const LONGEST_SWEEP: Duration = Duration::from_secs(10);

/// 4 s: a refresh whose response is lost may cost the grant.
const LEAST_TIME: Duration = Duration::from_secs(4);

/// A minute: when to retry a token that could not be refreshed. No other post of the account retries it
/// sooner.
pub const REFRESH_PAUSE: Duration = Duration::from_mins(1);

/// How long to wait for another process that refreshes the token.
pub const BUSY_PAUSE: Duration = Duration::from_secs(2);

impl Flow {
    /// Returns a token of the account that is valid for the next minutes. `rejected` is a version that the
    /// platform has just rejected: its token is replaced even if it is new. A refresh ends by `deadline`.
    ///
    /// # Errors
    ///
    /// See [`RefreshFailed`].
    pub async fn fresh_token(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        account: AccountId,
        rejected: Option<i64>,
        deadline: Deadline,
    ) -> Result<Refreshed, RefreshFailed> {
        let renewal = self.platform(platform).map(|(facts, _)| facts.oauth.renewal);
        let held = match renewal {
            Some(Renewal::RefreshToken | Renewal::AccessToken { .. }) => {
                self.store.lease_grant(owner, account, Renew::IfNeeded { rejected }).await?
            }
            Some(Renewal::Never) | None => self.store.grant(owner, account).await?,
        };
        let Some(held) = held else {
            return Err(RefreshFailed::Ended(self.why_ended(platform, None)));
        };
        let is_rejected = rejected == Some(held.version);
        if !held.dies_soon && !is_rejected {
            return Ok(Refreshed { access_token: held.access_token, version: held.version });
        }
        match renewal {
            // Only the platform's response reveals its end.
            Some(Renewal::Never) if !is_rejected => {
                Ok(Refreshed { access_token: held.access_token, version: held.version })
            }
            // The token itself would buy the next one, and it was rejected.
            Some(Renewal::Never | Renewal::AccessToken { .. }) if is_rejected => {
                Err(self.end(owner, platform, account, &held).await?)
            }
            _ => self.renew(owner, platform, account, held, deadline).await,
        }
    }

    /// Returns the same for a grant that was just read; `None`: the account has none.
    ///
    /// # Errors
    /// See [`RefreshFailed`].
    pub async fn usable_token(
        &self,
        owner: &OwnerId,
        account: &Account,
        grant: Option<StoredGrant>,
    ) -> Result<Refreshed, RefreshFailed> {
        match grant {
            Some(held) if !held.dies_soon => {
                Ok(Refreshed { access_token: held.access_token, version: held.version })
            }
            Some(_) => self.fresh_token(owner, &account.platform, account.id, None, self.soon()).await,
            None => Err(RefreshFailed::Ended(self.why_ended(&account.platform, None))),
        }
    }

    /// Exchanges the stored grant for a new token, even if the old token is still valid. Requires its lease.
    async fn renew(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        account: AccountId,
        mut held: StoredGrant,
        deadline: Deadline,
    ) -> Result<Refreshed, RefreshFailed> {
        let Some((connector, settings)) = self.connector(platform) else {
            return Err(RefreshFailed::Later("platform_off".to_owned()));
        };
        let oauth = &connector.facts().oauth;
        let call = match (oauth.renewal, &held.refresh_token) {
            (Renewal::RefreshToken, Some(token)) => {
                Some(oauth.token_call(settings, &TokenGrant::Refresh(token)))
            }
            (Renewal::AccessToken { by, .. }, _) => Some(by.call(settings, &held.access_token)),
            (Renewal::RefreshToken, None) | (Renewal::Never, _) => None,
        };
        let Some(call) = call else { return Err(self.end(owner, platform, account, &held).await?) };
        if held.is_paused {
            return Err(RefreshFailed::Later("paused".to_owned()));
        }
        let Some(lease) = held.lease.take() else { return Err(RefreshFailed::Busy) };
        // No transaction is open during the call.
        let failed = match self.http.send(call, None, deadline.min(self.soon())).await {
            Ok(reply) => match connector.read_grant(&reply) {
                Ok(grant) => {
                    if self.store.save_refresh(&lease, &grant).await? {
                        count_refresh(platform, RefreshOutcome::Ok);
                        return Ok(Refreshed { access_token: grant.access_token, version: held.version + 1 });
                    }
                    // The account was reconnected or disconnected meanwhile, so that grant counts.
                    count_refresh(platform, RefreshOutcome::Superseded);
                    return Err(RefreshFailed::Busy);
                }
                Err(error) if error.kind == OAuthErrorKind::GrantEnded => {
                    count_refresh(platform, RefreshOutcome::GrantEnded);
                    // The lease excluded every other process, so the token itself has ended, and this is no
                    // race.
                    let ended = self.end(owner, platform, account, &held).await?;
                    tracing::info!(account.id = %account, error.code = error.code, "the grant of account {account} has ended: {ended}");
                    return Err(ended);
                }
                Err(error) => error.code,
            },
            Err(error) => error.to_string(),
        };
        count_refresh(platform, RefreshOutcome::Failed);
        self.store.pause_refresh(&lease, REFRESH_PAUSE).await?;
        tracing::warn!(account.id = %account, error.code = failed, "the token of account {account} could not be refreshed: {failed}");
        Err(RefreshFailed::Later(failed))
    }

    /// Records that a grant has ended. An account that was reconnected meanwhile has another.
    async fn end(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        account: AccountId,
        held: &StoredGrant,
    ) -> Result<RefreshFailed, StoreError> {
        let why = self.why_ended(platform, Some(held.lasted));
        Ok(if self.store.end_grant(owner, account, held.version, why).await? {
            RefreshFailed::Ended(why)
        } else {
            RefreshFailed::Busy
        })
    }

    fn why_ended(&self, platform: &PlatformId, lasted: Option<Duration>) -> &'static str {
        match (self.connector(platform), lasted) {
            (Some((connector, _)), Some(lasted)) => connector.why_ended(lasted),
            (Some(_) | None, _) => ENDED,
        }
    }

    /// Refreshes accounts whose tokens would expire unused, for at most half of the available time and ten
    /// seconds. An account whose refresh fails is left to a later run.
    ///
    /// # Errors
    ///
    /// Returns an error if the database fails.
    pub async fn refresh_idle(&self, deadline: Deadline) -> Result<(), StoreError> {
        let renewed: Vec<(PlatformId, Duration)> = platform::FACTS
            .iter()
            .filter_map(|facts| match facts.oauth.renewal {
                Renewal::AccessToken { from_age, .. } => Some((facts.id.clone(), from_age)),
                Renewal::RefreshToken | Renewal::Never => None,
            })
            .collect();
        let time = deadline.left(self.clock.now());
        let end = Deadline::after(self.clock.now(), LONGEST_SWEEP.min(time / 2));
        loop {
            let idle = self.store.find_idle_accounts(&renewed, MOST_IDLE).await?;
            let mut has_helped = false;
            for (owner, platform, account) in &idle {
                let now = self.clock.now();
                if end.left(now).is_zero() || deadline.left(now) < LEAST_TIME {
                    return Ok(());
                }
                has_helped |= self.refresh_one(owner, platform, *account, deadline).await?;
            }
            if !has_helped || idle.len() < MOST_IDLE {
                return Ok(());
            }
        }
    }

    /// Refreshes an idle account. Returns whether it needs no further look.
    async fn refresh_one(
        &self,
        owner: &OwnerId,
        platform: &PlatformId,
        account: AccountId,
        deadline: Deadline,
    ) -> Result<bool, StoreError> {
        let held = match self.store.lease_grant(owner, account, Renew::Anyway).await {
            Ok(Some(held)) => held,
            Ok(None) => return Ok(true),
            // An account that waits for its key does not stop the others.
            Err(StoreError::Seal(broken)) => {
                tracing::error!(account.id = %account, error.code = "secret_unreadable", "account {account} waits for its key: {broken}");
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        match self.renew(owner, platform, account, held, deadline).await {
            Ok(_) | Err(RefreshFailed::Ended(_)) => Ok(true),
            Err(RefreshFailed::Busy | RefreshFailed::Later(_)) => Ok(false),
            Err(RefreshFailed::Store(error)) => Err(error),
        }
    }
}
