//! Exchanges a code for a lasting grant, and lists the accounts of that grant. Each request has its own
//! reading.

use super::Flow;
use super::Reason;
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::model::{Connection, Grant};
use crate::platform::{
    Connector, Disposition, OAuthErrorKind, PlatformError, RemoteAccounts, Renewal, TokenGrant,
};
use crate::secret::AuthorizationCode;

/// 25 pages of accounts: more than a person manages, and an end if a platform names the same page for ever.
const MOST_PAGES: usize = 25;

/// The exchange with one platform while a person waits at a popup.
pub(super) struct Exchange<'a> {
    pub(super) flow: &'a Flow,
    pub(super) platform: &'static dyn Connector,
    pub(super) settings: &'a PlatformSettings,
}

impl Exchange<'_> {
    /// Exchanges a code for a grant. It extends the grant if its first token is short-lived. It queries the
    /// granted scopes if the token response does not name them.
    pub(super) async fn grant(
        &self,
        connection: &Connection,
        code: &AuthorizationCode,
    ) -> Result<Grant, Reason> {
        let oauth = &self.platform.facts().oauth;
        let offer = TokenGrant::Code {
            code,
            redirect_uri: &connection.redirect_uri,
            verifier: connection.code_verifier.as_ref(),
        };
        // Sent once, because a second use of a code ends the grant (RFC 6749 §4.1.2).
        let mut grant = self.token(oauth.token_call(self.settings, &offer)).await?;
        if let Some(extension) = &oauth.extension {
            let extended = self.token(extension.call(self.settings, &grant.access_token)).await?;
            grant = grant.traded_for(extended);
        }
        match self.platform.introspection_call(self.settings, &grant) {
            Some(call) => {
                let reply = self.send(call).await?;
                self.platform.read_introspection(grant, &reply).map_err(|error| self.refused(&error))
            }
            None => Ok(grant),
        }
    }

    /// Returns the accounts of a grant, each once, from any number of pages, and those that were left out.
    pub(super) async fn accounts(&self, grant: &Grant) -> Result<RemoteAccounts, Reason> {
        let (mut all, mut page) = (RemoteAccounts::default(), None);
        for _ in 0..MOST_PAGES {
            let reply = self.send(self.platform.accounts_call(self.settings, grant, page.as_deref())).await?;
            let listed = self
                .platform
                .read_accounts(self.settings, grant, page.as_deref(), &reply)
                .map_err(|error| self.refused(&error))?;
            for account in listed.accounts {
                if !all.accounts.iter().any(|known| known.id == account.id) {
                    all.accounts.push(account);
                }
            }
            for one in listed.left_out {
                if !all.left_out.contains(&one) {
                    all.left_out.push(one);
                }
            }
            page = listed.next;
            if page.is_none() {
                break;
            }
        }
        let RemoteAccounts { accounts, left_out, .. } = &mut all;
        // One list may contain what another leaves out.
        left_out.retain(|one| !accounts.iter().any(|account| account.id == one.id));
        Ok(all)
    }

    /// Reports whether a grant outlives its first token.
    pub(super) fn lasts(&self, grant: &Grant) -> bool {
        match self.platform.facts().oauth.renewal {
            Renewal::RefreshToken => grant.refresh_token.is_some() || grant.expires_in.is_none(),
            Renewal::AccessToken { .. } | Renewal::Never => true,
        }
    }

    async fn token(&self, call: Call) -> Result<Grant, Reason> {
        let reply = self.send(call).await?;
        self.platform.read_grant(&reply).map_err(|error| {
            let (platform, code) = (&self.platform.facts().id, error.code);
            tracing::warn!(%platform, error.code = code, "the token request was rejected with {code}");
            match error.kind {
                OAuthErrorKind::Denied => Reason::AccessDenied,
                OAuthErrorKind::Later => Reason::PlatformUnavailable,
                OAuthErrorKind::GrantEnded | OAuthErrorKind::Operator => Reason::ExchangeFailed,
            }
        })
    }

    async fn send(&self, call: Call) -> Result<Reply, Reason> {
        let path = call.url.path().to_owned();
        self.flow.http.send(call, None, self.flow.soon()).await.map_err(|error| {
            let platform = &self.platform.facts().id;
            tracing::warn!(%platform, error.code = %error, "{path} of {platform} got no response: {error}");
            Reason::PlatformUnavailable
        })
    }

    fn refused(&self, error: &PlatformError) -> Reason {
        let platform = &self.platform.facts().id;
        tracing::warn!(%platform, error.code = error.code, "the accounts of a {platform} grant could not be read: {error}");
        match error.disposition {
            Disposition::Retry { .. } | Disposition::Hold { .. } | Disposition::Ambiguous => {
                Reason::PlatformUnavailable
            }
            Disposition::RefreshToken
            | Disposition::Reconnect
            | Disposition::UserFixable
            | Disposition::Permanent => Reason::ExchangeFailed,
        }
    }
}

#[cfg(test)]
mod tests;
