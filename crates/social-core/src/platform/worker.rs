//! The interface between a platform and the rest: its facts, and how to connect its accounts.

use std::time::Duration;

use serde_json::Value;

use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Grant, PlatformId};
use crate::platform::accounts::{AccountRef, RemoteAccounts};
use crate::platform::error::{ErrorTable, PlatformError};
use crate::platform::profile::{OAuthProfile, RevokedGrant};
use crate::platform::steps::Steps;
use crate::platform::token_reply::OAuthError;
use crate::secret::AccessToken;
use crate::video::Limits;

/// How often an account may start to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The shortest time between two starts.
    pub spacing: Duration,
}

/// The sentence for the owner of a grant that has ended, if nothing more is known.
pub const ENDED: &str = "The permission for this account has ended. Reconnect the account.";

/// The sentence for the owner of a disconnected account, about its posts.
pub const DISCONNECTED: &str = "The account was disconnected. Reconnect the account.";

/// A platform: its facts, its rules, its steps, and how to connect its accounts.
pub trait SocialWorker: Steps {
    /// The platform's name.
    const ID: PlatformId;
    /// The variables it reads.
    const VARS: PlatformVars;
    /// Its OAuth, as data.
    const OAUTH: OAuthProfile;
    /// The limits of its formats.
    const SURFACES: &'static [Limits];
    /// How often an account may start to publish.
    const PACE: Pace;
    /// Every code in its documentation, of calls and of statuses.
    const ERRORS: &'static [ErrorTable];
    /// The option, true or false, that labels a video as AI-generated.
    const AI_LABEL: &'static str;

    // Connecting: exchange, extend, introspect, list the accounts. Platforms that `OAUTH` describes need no
    // code.

    /// Decodes the grant of a token endpoint: as in the RFC, unless the platform differs.
    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        Self::OAUTH.read_grant(reply)
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
        Self::OAUTH.revoke_call(settings, grant)
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
