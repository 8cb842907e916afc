//! A platform whose steps are stored as text, so that one list holds all platforms.

use std::time::Duration;

use serde_json::Value;

use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Checkpoint, Grant, PlatformId};
use crate::platform::accounts::{AccountRef, RemoteAccounts};
use crate::platform::error::{ErrorTable, PlatformError};
use crate::platform::profile::{OAuthProfile, RevokedGrant};
use crate::platform::token_reply::OAuthError;
use crate::platform::worker::{
    CallContext, Draft, Pace, Problem, Progress, Publication, Shows, SocialWorker,
};
use crate::secret::AccessToken;
use crate::video::{Limits, VideoFacts};

/// A checkpoint that this version of the program cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint of step {0} cannot be read")]
pub struct UnreadableCheckpoint(pub String);

/// [`SocialWorker`] with its step stored as text, so that one list holds all platforms.
pub trait AnyWorker: Send + Sync {
    /// See [`SocialWorker::ID`].
    fn id(&self) -> PlatformId;
    /// See [`SocialWorker::VARS`].
    fn vars(&self) -> PlatformVars;
    /// See [`SocialWorker::OAUTH`].
    fn oauth(&self) -> OAuthProfile;
    /// See [`SocialWorker::SURFACES`].
    fn surfaces(&self) -> &'static [Limits];
    /// See [`SocialWorker::limits`].
    fn limits(&self, options: &Value, facts: &VideoFacts) -> &'static Limits;
    /// See [`SocialWorker::PACE`].
    fn pace(&self) -> Pace;
    /// See [`SocialWorker::ERRORS`].
    fn errors(&self) -> &'static [ErrorTable];
    /// See [`SocialWorker::AI_LABEL`].
    fn ai_label(&self) -> &'static str;
    /// See [`SocialWorker::shows`].
    fn shows(&self, step: &Checkpoint) -> Result<Shows, UnreadableCheckpoint>;
    /// See [`SocialWorker::check`].
    fn check(&self, draft: &Draft<'_>) -> Vec<Problem>;
    /// See [`SocialWorker::first`].
    fn first(&self, publication: &Publication<'_>, settings: &PlatformSettings) -> Checkpoint;
    /// See [`SocialWorker::call`].
    fn call(&self, step: &Checkpoint, cx: &CallContext<'_>) -> Result<Call, UnreadableCheckpoint>;
    /// See [`SocialWorker::advance`].
    fn advance(
        &self,
        step: &Checkpoint,
        reply: &Reply,
        cx: &CallContext<'_>,
    ) -> Result<Result<Progress<Checkpoint>, PlatformError>, UnreadableCheckpoint>;
    /// See [`SocialWorker::reconcile`].
    fn reconcile(
        &self,
        step: &Checkpoint,
        refusal: Option<&PlatformError>,
    ) -> Result<Option<Checkpoint>, UnreadableCheckpoint>;
    /// See [`SocialWorker::is_proof`].
    fn is_proof(&self, step: &Checkpoint, refusal: &PlatformError) -> Result<bool, UnreadableCheckpoint>;
    /// See [`SocialWorker::recall`].
    fn recall(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint>;
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
    /// See [`SocialWorker::longest`].
    fn longest(&self, options: &Value, choices: &Value) -> Option<Duration>;
    /// See [`SocialWorker::has_choices`].
    fn has_choices(&self, options: &Value) -> bool;
    /// See [`SocialWorker::check_choices`].
    fn check_choices(&self, options: &Value, choices: &Value) -> Vec<Problem>;
}

pub(super) fn write<W: SocialWorker>(worker: &W, step: &W::Step) -> Checkpoint {
    #[expect(clippy::expect_used, reason = "a step is plain data with text keys, which JSON always holds")]
    let body = serde_json::to_string(step).expect("a step is plain data");
    Checkpoint { name: worker.name(step).to_owned(), body }
}

pub(super) fn read<W: SocialWorker>(step: &Checkpoint) -> Result<W::Step, UnreadableCheckpoint> {
    serde_json::from_str(&step.body).map_err(|_| UnreadableCheckpoint(step.name.clone()))
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

    fn limits(&self, options: &Value, facts: &VideoFacts) -> &'static Limits {
        SocialWorker::limits(self, options, facts)
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

    fn shows(&self, step: &Checkpoint) -> Result<Shows, UnreadableCheckpoint> {
        Ok(SocialWorker::shows(self, &read::<W>(step)?))
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<Problem> {
        SocialWorker::check(self, draft)
    }

    fn first(&self, publication: &Publication<'_>, settings: &PlatformSettings) -> Checkpoint {
        write(self, &SocialWorker::first(self, publication, settings))
    }

    fn call(&self, step: &Checkpoint, cx: &CallContext<'_>) -> Result<Call, UnreadableCheckpoint> {
        Ok(SocialWorker::call(self, &read::<W>(step)?, cx))
    }

    fn advance(
        &self,
        step: &Checkpoint,
        reply: &Reply,
        cx: &CallContext<'_>,
    ) -> Result<Result<Progress<Checkpoint>, PlatformError>, UnreadableCheckpoint> {
        let progress = SocialWorker::advance(self, read::<W>(step)?, reply, cx);
        Ok(progress.map(|progress| progress.map(|step| write(self, &step))))
    }

    fn reconcile(
        &self,
        step: &Checkpoint,
        refusal: Option<&PlatformError>,
    ) -> Result<Option<Checkpoint>, UnreadableCheckpoint> {
        Ok(SocialWorker::reconcile(self, &read::<W>(step)?, refusal).map(|step| write(self, &step)))
    }

    fn is_proof(&self, step: &Checkpoint, refusal: &PlatformError) -> Result<bool, UnreadableCheckpoint> {
        Ok(SocialWorker::is_proof(self, &read::<W>(step)?, refusal))
    }

    fn recall(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint> {
        Ok(SocialWorker::recall(self, &read::<W>(step)?).map(|step| write(self, &step)))
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

    fn longest(&self, options: &Value, choices: &Value) -> Option<Duration> {
        SocialWorker::longest(self, options, choices)
    }

    fn has_choices(&self, options: &Value) -> bool {
        SocialWorker::has_choices(self, options)
    }

    fn check_choices(&self, options: &Value, choices: &Value) -> Vec<Problem> {
        SocialWorker::check_choices(self, options, choices)
    }
}
