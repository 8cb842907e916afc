//! A platform without its own types, so that one list holds all platforms.

use std::time::Duration;

use serde_json::Value;

use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Grant, PlatformId};
use crate::platform::accounts::{AccountRef, RemoteAccounts};
use crate::platform::error::{ErrorTable, PlatformError};
use crate::platform::profile::{OAuthProfile, RevokedGrant};
use crate::platform::token_reply::OAuthError;
use crate::platform::worker::{Pace, SocialWorker};
use crate::secret::AccessToken;
use crate::video::Limits;

/// [`SocialWorker`] without its own types, so that one list holds all platforms.
pub trait AnyWorker: Send + Sync {
    /// See [`SocialWorker::ID`].
    fn id(&self) -> PlatformId;
    /// See [`SocialWorker::VARS`].
    fn vars(&self) -> PlatformVars;
    /// See [`SocialWorker::OAUTH`].
    fn oauth(&self) -> OAuthProfile;
    /// See [`SocialWorker::SURFACES`].
    fn surfaces(&self) -> &'static [Limits];
    /// See [`SocialWorker::PACE`].
    fn pace(&self) -> Pace;
    /// See [`SocialWorker::ERRORS`].
    fn errors(&self) -> &'static [ErrorTable];
    /// See [`SocialWorker::AI_LABEL`].
    fn ai_label(&self) -> &'static str;
    /// See [`SocialWorker::read_grant`].
    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError>;
    /// See [`SocialWorker::introspection_call`].
    fn introspection_call(&self, settings: &PlatformSettings, grant: &Grant) -> Option<Call>;
    /// See [`SocialWorker::read_introspection`].
    fn read_introspection(&self, grant: Grant, reply: &Reply) -> Result<Grant, PlatformError>;
    /// See [`SocialWorker::accounts_call`].
    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call;
    /// See [`SocialWorker::read_accounts`].
    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError>;
    /// See [`SocialWorker::revoke_call`].
    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call>;
    /// See [`SocialWorker::why_ended`].
    fn why_ended(&self, lasted: Duration) -> &'static str;
    /// See [`SocialWorker::options_call`].
    fn options_call(
        &self,
        settings: &PlatformSettings,
        account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call>;
    /// See [`SocialWorker::read_options`].
    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError>;
}

impl<W: SocialWorker> AnyWorker for W {
    fn id(&self) -> PlatformId {
        W::ID
    }

    fn vars(&self) -> PlatformVars {
        W::VARS
    }

    fn oauth(&self) -> OAuthProfile {
        W::OAUTH
    }

    fn surfaces(&self) -> &'static [Limits] {
        W::SURFACES
    }

    fn pace(&self) -> Pace {
        W::PACE
    }

    fn errors(&self) -> &'static [ErrorTable] {
        W::ERRORS
    }

    fn ai_label(&self) -> &'static str {
        W::AI_LABEL
    }

    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        SocialWorker::read_grant(self, reply)
    }

    fn introspection_call(&self, settings: &PlatformSettings, grant: &Grant) -> Option<Call> {
        SocialWorker::introspection_call(self, settings, grant)
    }

    fn read_introspection(&self, grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        SocialWorker::read_introspection(self, grant, reply)
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call {
        SocialWorker::accounts_call(self, settings, grant, page)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        SocialWorker::read_accounts(self, settings, grant, page, reply)
    }

    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        SocialWorker::revoke_call(self, settings, grant)
    }

    fn why_ended(&self, lasted: Duration) -> &'static str {
        SocialWorker::why_ended(self, lasted)
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        SocialWorker::options_call(self, settings, account, token)
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        SocialWorker::read_options(self, reply)
    }
}
