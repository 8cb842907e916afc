//! Handles the authorization response: checks the state and the browser first, then the platform's response.

use std::borrow::Cow;
use std::time::Duration;

use super::exchange::Exchange;
use super::{Cookie, Flow, Reason, Redirect, sha256};
use crate::clock::Deadline;
use crate::model::{Account, AccountId, AccountStatus, Connection, Grant, Origin, PlatformId, ReturnTo};
use crate::platform::{LeftOut, RemoteAccount, RemoteAccounts, split_scopes};
use crate::secret::{AuthorizationCode, State};
use crate::store::{Connected, Connecting, Standing, StoreError, Visit};

/// 15 s: how long a repeated request waits for the first one, which mostly takes one or two.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// 250 ms: how often it checks.
const WAIT_PAUSE: Duration = Duration::from_millis(250);
/// 2 s: the time left in an invocation when it stops waiting, for a last check and the response.
const TIME_TO_ANSWER: Duration = Duration::from_secs(2);
/// 2 s: how long a platform may take to describe an account before the account is saved without that.
const TIME_TO_TELL: Duration = Duration::from_secs(2);
/// Five: how often the accounts are read again because another process changed them in the same moment.
const MOST_TRIES: usize = 5;

/// The parameters of the callback, URL-decoded exactly once.
#[derive(Debug, Default)]
pub struct AuthorizationResponse {
    /// The state of the authorization request.
    pub state: Option<State>,
    /// The authorization code.
    pub code: Option<AuthorizationCode>,
    /// The platform's error code, if it refused.
    pub error: Option<String>,
    /// The number of a platform's own error, which some platforms send instead.
    pub error_code: Option<String>,
    /// The granted scopes, if the platform names them here.
    pub scopes: Option<String>,
    /// The platform of this callback endpoint; `None`: any.
    pub platform: Option<PlatformId>,
    /// Where the request came from.
    pub origin: Origin,
}

impl Flow {
    /// Handles a request to the callback. It never fails: there is always a page to redirect to. The first
    /// request of the right browser finishes the authorization, by `deadline` if there is one. Later requests
    /// of that browser get the same redirect.
    pub async fn callback(
        &self,
        response: AuthorizationResponse,
        cookies: &(dyn Fn(&str) -> Option<String> + Sync),
        deadline: Option<Deadline>,
    ) -> Redirect {
        let nowhere = |reason| Redirect::new(ReturnTo::default(), response.platform.as_ref(), Err(reason));
        let Some(state) = &response.state else { return nowhere(Reason::InvalidResponse) };
        let cookie = Cookie::of(state, self.config.mode, &self.config.app_url);
        let state_hash = sha256(state.expose());
        let cookie_hash = cookies(cookie.name()).map(|value| sha256(&value)).unwrap_or_default();
        let (visited, standing) = match self.visit(&state_hash, &cookie_hash, deadline).await {
            Ok(Visit::First(connection, known)) => {
                let origin = response.origin.clone();
                let visit = FirstVisit { state_hash: &state_hash, connection: *connection, known, origin };
                return self.land(visit, response).await;
            }
            Ok(Visit::Later(visited, standing)) => (visited, standing),
            Ok(Visit::Unknown) => return nowhere(Reason::StateUnknown),
            Err(error) => return nowhere(internal(&error)),
        };
        let reason = match standing {
            Standing::Landed(query) => return Redirect { return_to: visited.return_to, query },
            Standing::OtherBrowser => Reason::OtherBrowser,
            Standing::Expired => Reason::StateExpired,
            // It is still in progress: it is very slow, or its process ended. The page shows the outcome in
            // both cases.
            Standing::Used | Standing::UnderWay => Reason::StateUsed,
        };
        Redirect::new(visited.return_to, Some(&visited.platform), Err(reason))
    }

    /// Claims a state. While the first request is in progress, a repeated one waits for it, so that both get
    /// the same redirect.
    async fn visit(
        &self,
        state_hash: &[u8],
        cookie_hash: &[u8],
        deadline: Option<Deadline>,
    ) -> Result<Visit, StoreError> {
        let now = self.clock.now();
        let time =
            deadline.map_or(LONGEST_WAIT, |deadline| deadline.left(now).saturating_sub(TIME_TO_ANSWER));
        let pauses = time.min(LONGEST_WAIT).as_millis() / WAIT_PAUSE.as_millis();
        for _ in 0..pauses {
            let visit = self.store.visit_state(state_hash, cookie_hash).await?;
            if !matches!(visit, Visit::Later(_, Standing::UnderWay)) {
                return Ok(visit);
            }
            tokio::time::sleep(WAIT_PAUSE).await;
        }
        self.store.visit_state(state_hash, cookie_hash).await
    }

    /// Finishes the authorization request and stores its redirect.
    async fn land(&self, visit: FirstVisit<'_>, response: AuthorizationResponse) -> Redirect {
        let mut left_out = Vec::new();
        let outcome = self.finish(&visit, response, &mut left_out).await;
        let redirect = visit.redirect(outcome, &left_out);
        if outcome.is_ok() {
            // It was stored with the accounts.
            return redirect;
        }
        match self.store.land_state(&visit.connection.owner, visit.state_hash, &redirect.query).await {
            // The redirect that was stored with the accounts stands, if only its response was lost.
            Ok(Some(query)) => Redirect { query, ..redirect },
            Ok(None) => redirect,
            Err(error) => {
                // A repeated request will report that the state was used.
                tracing::warn!(
                    error.code = error.code(),
                    "the redirect of the callback could not be saved: {error}"
                );
                redirect
            }
        }
    }

    async fn finish(
        &self,
        visit: &FirstVisit<'_>,
        response: AuthorizationResponse,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<(), Reason> {
        let connection = &visit.connection;
        if response.platform.as_ref().is_some_and(|own| *own != connection.platform) {
            return Err(Reason::OtherPlatform);
        }
        if let Some(error) = response.error.as_deref().filter(|error| !error.is_empty()) {
            // RFC 6749 calls a person's refusal `access_denied`. Any other error is the platform's own
            // refusal.
            let denied = error == "access_denied" || error == "user_cancelled";
            return Err(if denied { Reason::AccessDenied } else { Reason::ExchangeFailed });
        }
        let code = response.code.ok_or_else(|| match &response.error_code {
            Some(number) => refused(&connection.platform, number),
            None => Reason::InvalidResponse,
        })?;
        let (platform, settings) = self.connector(&connection.platform).ok_or(Reason::ExchangeFailed)?;
        let exchange = Exchange { flow: self, platform, settings };
        let mut grant = exchange.grant(connection, &code).await?;
        if grant.scopes.is_empty() {
            let told = response.scopes.unwrap_or_default();
            // It came in a URL, so it may hold characters that no row can.
            let is_scope = |scope: &String| !scope.contains(char::is_control);
            grant.scopes = split_scopes(&told).filter(is_scope).collect();
        }
        if !platform.facts().oauth.suffices(&grant.scopes) {
            return Err(Reason::MissingScope);
        }
        self.keep(visit, &exchange, &grant, left_out).await
    }

    /// Stores the accounts of a grant. If the token response named the account, that is stored first. A
    /// platform that fails to return more must not cost the grant.
    async fn keep(
        &self,
        visit: &FirstVisit<'_>,
        exchange: &Exchange<'_>,
        grant: &Grant,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<(), Reason> {
        let Some(id) = &grant.remote_id else {
            let remotes = exchange.accounts(grant).await?;
            *left_out = remotes.left_out;
            return self.store_all(visit, exchange, grant, &remotes.accounts, left_out).await.map(drop);
        };
        let unnamed = RemoteAccount::unnamed(id);
        visit.choose(exchange, grant, std::slice::from_ref(&unnamed), &visit.known)?;
        let mut telling = std::pin::pin!(exchange.accounts(grant));
        let named = |told: Result<RemoteAccounts, Reason>| {
            // The error is in the log. The account is connected all the same.
            told.unwrap_or_default().accounts.into_iter().find(|remote| remote.id == *id)
        };
        if let Ok(told) = tokio::time::timeout(TIME_TO_TELL, &mut telling).await {
            let remote = named(told).unwrap_or(unnamed);
            return self.store_all(visit, exchange, grant, &[remote], left_out).await.map(drop);
        }
        let accounts = self.store_all(visit, exchange, grant, &[unnamed], left_out).await?;
        if let (Some(remote), [account]) = (named(telling.await), accounts.as_slice()) {
            self.store
                .describe_account(&visit.connection.owner, account.id, &remote)
                .await
                .map_err(|error| internal(&error))?;
        }
        Ok(())
    }

    async fn store_all(
        &self,
        visit: &FirstVisit<'_>,
        exchange: &Exchange<'_>,
        grant: &Grant,
        remotes: &[RemoteAccount],
        left_out: &[LeftOut],
    ) -> Result<Vec<Account>, Reason> {
        let connecting = Connecting {
            owner: &visit.connection.owner,
            platform: &visit.connection.platform,
            client_id: &exchange.settings.client_id,
            grant,
            state_hash: visit.state_hash,
            redirect_query: &visit.redirect(Ok(()), left_out).query,
            origin: &visit.origin,
        };
        let mut known = Cow::Borrowed(visit.known.as_slice());
        for _ in 0..MOST_TRIES {
            let chosen = visit.choose(exchange, grant, remotes, &known)?;
            let kept = self.store.connect_accounts(connecting, &known, &chosen).await;
            match kept.map_err(|error| internal(&error))? {
                Connected::Kept(accounts) => return Ok(accounts),
                Connected::Changed(now) => known = Cow::Owned(now),
            }
        }
        tracing::error!("the accounts changed each time they were to be kept");
        Err(Reason::Internal)
    }

    /// Returns the deadline of a call that a person waits for: 15 s from now.
    #[must_use]
    pub fn soon(&self) -> crate::clock::Deadline {
        crate::clock::Deadline::after(self.clock.now(), std::time::Duration::from_secs(15))
    }
}

/// The first request to the callback with a state, which finishes the authorization request.
struct FirstVisit<'a> {
    state_hash: &'a [u8],
    connection: Connection,
    /// The owner's accounts on the platform.
    known: Vec<Account>,
    /// Where the request came from.
    origin: Origin,
}

impl FirstVisit<'_> {
    fn redirect(&self, outcome: Result<(), Reason>, left_out: &[LeftOut]) -> Redirect {
        let Connection { platform, return_to, .. } = &self.connection;
        Redirect::new(return_to.clone(), Some(platform), outcome).naming(left_out)
    }

    /// Selects the accounts to connect among those that a grant opens.
    fn choose(
        &self,
        exchange: &Exchange<'_>,
        grant: &Grant,
        remotes: &[RemoteAccount],
        known: &[Account],
    ) -> Result<Vec<RemoteAccount>, Reason> {
        if remotes.is_empty() {
            return Err(Reason::NoAccount);
        }
        let remotes = match self.connection.reconnects {
            Some(again) => renewed(remotes.to_vec(), known, again).ok_or(Reason::OtherAccount)?,
            None => remotes.to_vec(),
        };
        // A grant that cannot be refreshed is useful only beside the refresh token of the previous one.
        let has_lasting = |remote: &RemoteAccount| {
            known.iter().any(|known| known.remote_id == remote.id && known.status == AccountStatus::Active)
        };
        if !exchange.lasts(grant) && !remotes.iter().all(has_lasting) {
            return Err(Reason::NotLasting);
        }
        Ok(remotes)
    }
}

/// Selects the accounts to renew when an owner reconnects one. `None`: the grant does not open that account.
/// Other connected accounts of the grant are renewed with it. Those that the owner has disconnected stay so,
/// and so do their posts.
fn renewed(remotes: Vec<RemoteAccount>, known: &[Account], again: AccountId) -> Option<Vec<RemoteAccount>> {
    let renews = |account: &Account| account.id == again || account.status != AccountStatus::Disconnected;
    let is_opened = |account: &Account| remotes.iter().any(|remote| remote.id == account.remote_id);
    known.iter().any(|account| account.id == again && is_opened(account)).then(|| {
        let is_renewed = |remote: &RemoteAccount| {
            known.iter().any(|account| account.remote_id == remote.id && renews(account))
        };
        remotes.into_iter().filter(is_renewed).collect()
    })
}

/// Maps a platform's own error. Its number helps only the operator.
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
            version: 1,
            scopes: Vec::new(),
            metadata: AccountMetadata::default(),
            connected_at: crate::clock::Timestamp::UNIX_EPOCH,
            expires_at: None,
            ended: None,
            open_results: None,
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
