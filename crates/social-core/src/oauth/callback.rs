//! The authorization response: state first, then the browser, then what the platform says.

use subtle::ConstantTimeEq as _;

use super::{Cookie, Flow, sha256};
use crate::model::{Account, Connection, Grant, OwnerId, PlatformId, ReturnTo};
use crate::platform::{OAuthError, OAuthErrorKind, RemoteAccount, TokenGrant};
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
    /// A permission that publishing needs was not given.
    MissingScope,
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
            Self::MissingScope => "missing_scope",
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
            self.finish(&connection, response).await
        } else {
            Err(Reason::OtherBrowser)
        };
        landing
    }

    async fn finish(
        &self,
        connection: &Connection,
        response: AuthorizationResponse,
    ) -> Result<Connected, Reason> {
        if response.face.as_ref().is_some_and(|face| *face != connection.platform) {
            return Err(Reason::OtherPlatform);
        }
        if let Some(error) = response.error.as_deref().filter(|error| !error.is_empty()) {
            // A person who cancels is `access_denied` by the RFC; what else there is, is the platform's no.
            let denied = error == "access_denied" || error == "user_cancelled";
            return Err(if denied { Reason::AccessDenied } else { Reason::ExchangeFailed });
        }
        let code = response.code.ok_or(Reason::InvalidResponse)?;
        let mut grant = self.exchange(connection, &code).await?;
        let (worker, _) = self.platform(&connection.platform).ok_or(Reason::ExchangeFailed)?;
        if grant.scopes.is_empty() {
            let told = response.scopes.unwrap_or_default();
            grant.scopes =
                told.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        }
        if !worker.oauth().suffices(&grant.scopes) {
            return Err(Reason::MissingScope);
        }
        self.keep(connection, &grant).await
    }

    /// The token request: sent once, because a code used twice ends the grant (RFC 6749 §4.1.2).
    async fn exchange(&self, connection: &Connection, code: &AuthorizationCode) -> Result<Grant, Reason> {
        let (worker, settings) = self.platform(&connection.platform).ok_or(Reason::ExchangeFailed)?;
        let offer = TokenGrant::Code {
            code,
            redirect_uri: &connection.redirect_uri,
            verifier: connection.code_verifier.as_ref(),
        };
        let oauth = worker.oauth();
        let call = oauth.token_call(settings, &offer);
        let reply = self.http.send(call, None, self.soon()).await.map_err(|error| {
            tracing::warn!(platform = %connection.platform, error.code = %error, "the token request got no reply");
            Reason::PlatformUnavailable
        })?;
        oauth.read_grant(&reply).map_err(|OAuthError { code, kind }| {
            tracing::warn!(platform = %connection.platform, error.code = code, "the token request was refused with {code}");
            match kind {
                OAuthErrorKind::Denied => Reason::AccessDenied,
                OAuthErrorKind::Later => Reason::PlatformUnavailable,
                OAuthErrorKind::GrantEnded | OAuthErrorKind::Operator => Reason::ExchangeFailed,
            }
        })
    }

    /// Keeps the grant first, then asks whose it is: a platform that has trouble telling must not cost the
    /// grant, where the token response already named the account.
    async fn keep(&self, connection: &Connection, grant: &Grant) -> Result<Connected, Reason> {
        let (worker, settings) = self.platform(&connection.platform).ok_or(Reason::ExchangeFailed)?;
        let store = async |remote: &RemoteAccount| -> Result<Account, Reason> {
            self.refuse_another(connection, &remote.id).await?;
            self.store
                .connect_account(&connection.owner, &connection.platform, &settings.client_id, remote, grant)
                .await
                .map_err(|error| internal(&error))
        };
        let mut kept = match &grant.remote_id {
            Some(id) => {
                let unnamed = RemoteAccount {
                    id: id.clone(),
                    username: None,
                    metadata: crate::model::AccountMetadata::default(),
                };
                Some(store(&unnamed).await?)
            }
            None => None,
        };
        let call = worker.profile_call(settings, grant);
        let told = match self.http.send(call, None, self.soon()).await {
            Ok(reply) => worker.accounts(settings, grant, &reply).map_err(|error| error.code),
            Err(error) => Err(error.to_string()),
        };
        match (told, kept.as_mut()) {
            (Ok(remotes), Some(account)) => {
                for remote in remotes.iter().filter(|remote| remote.id == account.remote_id) {
                    self.store
                        .describe_account(&connection.owner, account.id, remote)
                        .await
                        .map_err(|error| internal(&error))?;
                    account.username.clone_from(&remote.username);
                    account.metadata.clone_from(&remote.metadata);
                }
                Ok(Connected { accounts: kept.into_iter().collect() })
            }
            (Ok(remotes), None) => {
                let mut accounts = Vec::new();
                for remote in &remotes {
                    accounts.push(store(remote).await?);
                }
                Ok(Connected { accounts })
            }
            (Err(code), Some(_)) => {
                tracing::warn!(platform = %connection.platform, error.code = code, "the account is connected, but its profile could not be read: {code}");
                Ok(Connected { accounts: kept.into_iter().collect() })
            }
            (Err(code), None) => {
                tracing::warn!(platform = %connection.platform, error.code = code, "the accounts of the grant could not be read: {code}");
                Err(Reason::PlatformUnavailable)
            }
        }
    }

    /// To connect an account again is to connect that account.
    async fn refuse_another(&self, connection: &Connection, remote_id: &str) -> Result<(), Reason> {
        let Some(account) = connection.reconnects else { return Ok(()) };
        let known = self
            .store
            .accounts_of(&connection.owner, &[account.0])
            .await
            .map_err(|error| internal(&error))?;
        if known.iter().any(|account| account.remote_id == remote_id) {
            Ok(())
        } else {
            Err(Reason::OtherAccount)
        }
    }

    /// The deadline of a call that a person waits for: 15 s from now.
    #[must_use]
    pub fn soon(&self) -> crate::clock::Deadline {
        crate::clock::Deadline::after(self.clock.now(), std::time::Duration::from_secs(15))
    }

    /// Gives an account's grant back at the platform as far as that goes, then erases it. `false`: the owner
    /// has no such account.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn disconnect(&self, owner: &OwnerId, account: &Account) -> Result<bool, StoreError> {
        let held = match self.store.grant(owner, account.id).await {
            Ok(held) => held,
            // What does not open cannot be given back, but it can be erased.
            Err(StoreError::Seal(_)) => None,
            Err(error) => return Err(error),
        };
        if let (Some(held), Some((worker, settings))) = (held, self.platform(&account.platform))
            && let Some(call) = worker.oauth().revoke_call(settings, &held.access_token)
            && let Err(error) = self.http.send(call, None, self.soon()).await
        {
            tracing::warn!(account.id = %account.id, error.code = %error, "account {} could not be revoked at the platform", account.id);
        }
        self.store.disconnect_account(owner, account.id).await
    }
}

fn internal(error: &StoreError) -> Reason {
    tracing::error!(error.code = error.code(), "the callback failed: {error}");
    Reason::Internal
}
