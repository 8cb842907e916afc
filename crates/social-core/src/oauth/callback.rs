//! The authorization response: state first, then the browser, then what the platform says.

use subtle::ConstantTimeEq as _;

use super::asking::Asking;
use super::{Cookie, Flow, sha256};
use crate::model::{Account, AccountId, AccountStatus, Connection, Grant, PlatformId, ReturnTo};
use crate::platform::{LeftOut, RemoteAccount, split_scopes};
use crate::secret::{AuthorizationCode, State};
use crate::store::{StateRefused, StoreError};

/// What came to the callback, URL-decoded exactly once.
#[derive(Debug, Default)]
pub struct AuthorizationResponse {
    /// The name of the request it answers.
    pub state: Option<State>,
    /// The one-time ticket.
    pub code: Option<AuthorizationCode>,
    /// The platform's error code, if the answer is no.
    pub error: Option<String>,
    /// The number of an error of its own, where a platform sends one instead.
    pub error_code: Option<String>,
    /// What was granted, where the platform says so here.
    pub scopes: Option<String>,
    /// The platform whose callback this is; `None`: any.
    pub face: Option<PlatformId>,
}

/// Why nothing was connected: a code for the page to explain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Neither a code nor an error came, or no state.
    InvalidResponse,
    /// We never made this state.
    StateUnknown,
    /// This state has served already.
    StateUsed,
    /// The ten minutes are over.
    StateExpired,
    /// Another browser began this.
    OtherBrowser,
    /// Another platform's callback was called.
    OtherPlatform,
    /// Another account than the one to be connected again was chosen.
    OtherAccount,
    /// The person said no.
    AccessDenied,
    /// The platform said no, or the operator's settings are wrong.
    ExchangeFailed,
    /// The platform ended the sign-in with an error of its own.
    PlatformRefused,
    /// A permission that publishing needs was not given.
    MissingScope,
    /// The grant opens no account that can be published to.
    NoAccount,
    /// The platform gave a token that dies soon and nothing to refresh it with.
    NotLasting,
    /// The platform could not be reached or is having trouble.
    PlatformUnavailable,
    /// Our own fault.
    Internal,
}

impl Reason {
    /// The code in the redirect.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidResponse => "invalid_response",
            Self::StateUnknown => "state_unknown",
            Self::StateUsed => "state_used",
            Self::StateExpired => "state_expired",
            Self::OtherBrowser => "other_browser",
            Self::OtherPlatform => "other_platform",
            Self::OtherAccount => "other_account",
            Self::AccessDenied => "access_denied",
            Self::ExchangeFailed => "exchange_failed",
            Self::PlatformRefused => "platform_refused",
            Self::MissingScope => "missing_scope",
            Self::NoAccount => "no_account",
            Self::NotLasting => "not_lasting",
            Self::PlatformUnavailable => "platform_unavailable",
            Self::Internal => "internal_error",
        }
    }
}

/// A finished connection.
#[derive(Debug)]
pub struct Connected {
    /// The accounts that were connected.
    pub accounts: Vec<Account>,
}

/// Where the popup goes, and with what news.
#[derive(Debug)]
pub struct Landing {
    /// The page.
    pub return_to: ReturnTo,
    /// The platform, as far as it is known.
    pub platform: Option<PlatformId>,
    /// `Set-Cookie` that takes the binding cookie back.
    pub clear_cookie: Option<String>,
    /// What came of it.
    pub outcome: Result<Connected, Reason>,
    /// The accounts that may not be published to, whatever came of the others.
    pub left_out: Vec<LeftOut>,
}

impl Flow {
    /// Finishes an authorization request. Never fails: whatever happens, there is somewhere to land.
    pub async fn callback(
        &self,
        response: AuthorizationResponse,
        cookies: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Landing {
        let mut landing = Landing {
            return_to: ReturnTo::default(),
            platform: response.face.clone(),
            clear_cookie: None,
            outcome: Err(Reason::InvalidResponse),
            left_out: Vec::new(),
        };
        let Some(state) = &response.state else { return landing };
        let cookie = Cookie::of(state, self.config.mode, &self.config.app_url);
        // Before anything else, also before `error=access_denied`: a state serves once.
        let connection = match self.store.consume_state(&sha256(state.expose())).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(refused)) => {
                landing.outcome = Err(match refused {
                    StateRefused::Unknown => Reason::StateUnknown,
                    StateRefused::Used => Reason::StateUsed,
                    StateRefused::Expired => Reason::StateExpired,
                });
                return landing;
            }
            Err(error) => {
                landing.outcome = Err(internal(&error));
                return landing;
            }
        };
        landing.return_to = connection.return_to.clone();
        landing.platform = Some(connection.platform.clone());
        landing.clear_cookie = Some(cookie.clear());
        let given = cookies(cookie.name()).map(|value| sha256(&value)).unwrap_or_default();
        landing.outcome = if bool::from(given.ct_eq(&connection.cookie_hash)) {
            self.finish(&connection, response, &mut landing.left_out).await
        } else {
            Err(Reason::OtherBrowser)
        };
        landing
    }

    async fn finish(
        &self,
        connection: &Connection,
        response: AuthorizationResponse,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Connected, Reason> {
        if response.face.as_ref().is_some_and(|face| *face != connection.platform) {
            return Err(Reason::OtherPlatform);
        }
        if let Some(error) = response.error.as_deref().filter(|error| !error.is_empty()) {
            // A person who cancels is `access_denied` by the RFC; what else there is, is the platform's no.
            let denied = error == "access_denied" || error == "user_cancelled";
            return Err(if denied { Reason::AccessDenied } else { Reason::ExchangeFailed });
        }
        let code = response.code.ok_or_else(|| match &response.error_code {
            Some(number) => refused(&connection.platform, number),
            None => Reason::InvalidResponse,
        })?;
        let (worker, settings) = self.platform(&connection.platform).ok_or(Reason::ExchangeFailed)?;
        let asking = Asking { flow: self, worker, settings };
        let mut grant = asking.grant(connection, &code).await?;
        if grant.scopes.is_empty() {
            let told = response.scopes.unwrap_or_default();
            // It came in an address, so it may hold what no row can.
            let is_scope = |scope: &String| !scope.contains(char::is_control);
            grant.scopes = split_scopes(&told).filter(is_scope).collect();
        }
        if !worker.oauth().suffices(&grant.scopes) {
            return Err(Reason::MissingScope);
        }
        self.keep(connection, &asking, &grant, left_out).await
    }

    /// Keeps the accounts of a grant. Where the token response already named the account, that comes first: a
    /// platform that has trouble telling more must not cost the grant.
    async fn keep(
        &self,
        connection: &Connection,
        asking: &Asking<'_>,
        grant: &Grant,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Connected, Reason> {
        let Some(id) = &grant.remote_id else {
            let remotes = asking.accounts(grant).await?;
            *left_out = remotes.left_out;
            return self.store_all(connection, asking, grant, remotes.accounts).await;
        };
        let mut connected =
            self.store_all(connection, asking, grant, vec![RemoteAccount::unnamed(id)]).await?;
        // What went wrong is in the log; the account is connected all the same.
        let remotes = asking.accounts(grant).await.unwrap_or_default().accounts;
        for account in &mut connected.accounts {
            for remote in remotes.iter().filter(|remote| remote.id == account.remote_id) {
                self.store
                    .describe_account(&connection.owner, account.id, remote)
                    .await
                    .map_err(|error| internal(&error))?;
                account.username.clone_from(&remote.username);
                account.metadata.clone_from(&remote.metadata);
            }
        }
        Ok(connected)
    }

    async fn store_all(
        &self,
        connection: &Connection,
        asking: &Asking<'_>,
        grant: &Grant,
        mut remotes: Vec<RemoteAccount>,
    ) -> Result<Connected, Reason> {
        if remotes.is_empty() {
            return Err(Reason::NoAccount);
        }
        let Connection { owner, platform, .. } = connection;
        let ids: Vec<String> = remotes.iter().map(|remote| remote.id.clone()).collect();
        let known =
            self.store.known_accounts(owner, platform, &ids).await.map_err(|error| internal(&error))?;
        if let Some(again) = connection.reconnects {
            remotes = renewed(remotes, &known, again).ok_or(Reason::OtherAccount)?;
        }
        // A grant that cannot be refreshed is of use only beside the refresh token of the one before.
        let has_lasting = |remote: &RemoteAccount| {
            known.iter().any(|known| known.remote_id == remote.id && known.status == AccountStatus::Active)
        };
        if !asking.lasts(grant) && !remotes.iter().all(has_lasting) {
            return Err(Reason::NotLasting);
        }
        let accounts = self
            .store
            .connect_accounts(owner, platform, &asking.settings.client_id, &remotes, grant)
            .await
            .map_err(|error| internal(&error))?;
        Ok(Connected { accounts })
    }

    /// The deadline of a call that a person waits for: 15 s from now.
    #[must_use]
    pub fn soon(&self) -> crate::clock::Deadline {
        crate::clock::Deadline::after(self.clock.now(), std::time::Duration::from_secs(15))
    }
}

/// To connect an account again is to connect that account: `None`, if it is not among those the grant opens. What
/// else of them is connected is renewed with it; what its owner has disconnected stays so, and so do its posts.
fn renewed(remotes: Vec<RemoteAccount>, known: &[Account], again: AccountId) -> Option<Vec<RemoteAccount>> {
    let renews = |account: &Account| account.id == again || account.status != AccountStatus::Disconnected;
    known.iter().any(|account| account.id == again).then(|| {
        let is_renewed = |remote: &RemoteAccount| {
            known.iter().any(|account| account.remote_id == remote.id && renews(account))
        };
        remotes.into_iter().filter(is_renewed).collect()
    })
}

/// A platform's own error. Its number is of use to the operator alone.
fn refused(platform: &PlatformId, number: &str) -> Reason {
    let number = number.parse::<i64>().map_or_else(|_| "unknown".to_owned(), |number| number.to_string());
    tracing::warn!(%platform, error.code = number, "{platform} ended a sign-in with its error {number}");
    Reason::PlatformRefused
}

fn internal(error: &StoreError) -> Reason {
    tracing::error!(error.code = error.code(), "the callback failed: {error}");
    Reason::Internal
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::model::{AccountMetadata, OwnerId};

    fn account(id: u128, remote_id: &str, status: AccountStatus) -> Account {
        Account {
            id: AccountId(Uuid::from_u128(id)),
            owner: OwnerId::new("alice").unwrap(),
            platform: PlatformId::new("facebook"),
            remote_id: remote_id.to_owned(),
            username: None,
            status,
            scopes: Vec::new(),
            metadata: AccountMetadata::default(),
            connected_at: crate::clock::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn to_connect_one_account_again_brings_no_other_back() {
        let known = [
            account(1, "one", AccountStatus::Disconnected),
            account(2, "two", AccountStatus::NeedsReconnect),
            account(3, "three", AccountStatus::Disconnected),
        ];
        let again = |id| {
            let remotes = ["one", "two", "three", "four"].map(RemoteAccount::unnamed).to_vec();
            let renewed = renewed(remotes, &known, AccountId(Uuid::from_u128(id)))?;
            Some(renewed.into_iter().map(|remote| remote.id).collect::<Vec<_>>())
        };
        assert_eq!(
            again(1).unwrap(),
            ["one", "two"],
            "three was disconnected on purpose, four never connected"
        );
        assert_eq!(again(2).unwrap(), ["two"]);
        assert_eq!(again(9), None);
    }
}
