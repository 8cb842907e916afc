//! How accounts of a platform are connected: exchange, extend, introspect, list, revoke, query the options.

use std::time::Duration;

use serde_json::Value;

use super::accounts::{AccountRef, RemoteAccounts};
use super::error::PlatformError;
use super::facts::Facts;
use super::profile::RevokedGrant;
use super::token_reply::OAuthError;
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::model::Grant;
use crate::secret::AccessToken;

/// The sentence for the owner of a grant that has ended, if nothing more is known.
pub const ENDED: &str = "The permission for this account has ended. Reconnect the account.";

/// The sentence for the owner of a disconnected account, about its posts.
pub const DISCONNECTED: &str = "The account was disconnected. Reconnect the account.";

/// How accounts of a platform are connected. What its [`Facts`] describe needs no code.
pub trait Connector: Send + Sync {
    /// Returns what is known about the platform.
    fn facts(&self) -> &'static Facts;
    /// Decodes the grant of a token endpoint: as in the RFC, unless the platform differs.
    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        self.facts().oauth.read_grant(reply)
    }
    /// Returns the call that queries the granted scopes and the person; `None`: the token response named
    /// them.
    fn introspection_call(&self, _settings: &PlatformSettings, _grant: &Grant) -> Option<Call> {
        None
    }
    /// Returns the grant with the data of the introspection.
    fn read_introspection(&self, _grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        Err(PlatformError::unreadable(reply))
    }
    /// Returns the call that lists the accounts of a grant: the first page, or the page named by the one
    /// before.
    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call;
    /// Returns the accounts on that page, and whether they can publish.
    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError>;
    /// Returns the call that revokes a grant; `None`: the platform does not support it.
    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        self.facts().oauth.revoke_call(settings, grant)
    }
    /// Returns the sentence for the owner of a grant that ended after this time.
    fn why_ended(&self, _lasted: Duration) -> &'static str {
        ENDED
    }

    /// Returns the call that queries an account's posting options; `None`: the platform has none.
    fn options_call(
        &self,
        _settings: &PlatformSettings,
        _account: &AccountRef<'_>,
        _token: &AccessToken,
    ) -> Option<Call> {
        None
    }
    /// Decodes an account's posting options, in the platform's own spelling.
    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        Err(PlatformError::unreadable(reply))
    }
}
