//! The interface between a platform and the publishing engine: a worker describes calls and reads responses.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Grant, PlatformId, Receipt, ResultId};
use crate::platform::accounts::{AccountRef, RemoteAccounts};
use crate::platform::error::{ErrorTable, PlatformError};
use crate::platform::profile::{OAuthProfile, RevokedGrant};
use crate::platform::token_reply::OAuthError;
use crate::secret::AccessToken;
use crate::video::{Limits, PinnedVideo, VideoFacts};

/// The data of a result that its worker may use.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// The URL of the video.
    pub video_url: &'a str,
    /// The video, as first inspected.
    pub video: &'a PinnedVideo,
    /// The caption.
    pub caption: &'a str,
    /// The title, for platforms that support one.
    pub title: Option<&'a str>,
    /// The platform's own options, checked when the post was created.
    pub options: &'a Value,
    /// The account.
    pub account: AccountRef<'a>,
    /// The result's id: the same for every attempt, and unique.
    pub result: ResultId,
}

/// The data for a call.
#[derive(Debug, Clone, Copy)]
pub struct CallContext<'a> {
    /// The publication.
    pub publication: Publication<'a>,
    /// The platform's settings.
    pub settings: &'a PlatformSettings,
    /// The account's token.
    pub token: &'a AccessToken,
    /// The time by this process's clock: accurate to hours, not to seconds.
    pub now: Timestamp,
}

/// The consequence of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<S> {
    /// Run this step at once.
    Next(S),
    /// Run this step later. Waiting is not a failure.
    Wait(S, Duration),
    /// It is public; a later check may return more.
    Published(Receipt, Option<(S, Duration)>),
    /// It is in the account's inbox; a later check may find that its owner has posted it.
    DeliveredToInbox(Receipt, Option<(S, Duration)>),
    /// It was cancelled, at our request.
    Recalled,
    /// The platform ended this attempt. If the error's disposition allows another one, it starts at this
    /// step.
    Restart(S, PlatformError),
    /// The platform does not reveal the outcome: a person must check.
    Doubt(S, &'static str, &'static str),
}

impl<S> Progress<S> {
    pub(super) fn map<T>(self, f: impl FnOnce(S) -> T) -> Progress<T> {
        match self {
            Self::Next(step) => Progress::Next(f(step)),
            Self::Wait(step, after) => Progress::Wait(f(step), after),
            Self::Published(receipt, look) => {
                Progress::Published(receipt, look.map(|(step, after)| (f(step), after)))
            }
            Self::DeliveredToInbox(receipt, look) => {
                Progress::DeliveredToInbox(receipt, look.map(|(step, after)| (f(step), after)))
            }
            Self::Recalled => Progress::Recalled,
            Self::Restart(step, error) => Progress::Restart(f(step), error),
            Self::Doubt(step, code, message) => Progress::Doubt(f(step), code, message),
        }
    }
}

/// A step, as others see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shows {
    /// Whether the platform may already have everything it needs to publish. After that, giving up does not
    /// prove that nothing was published.
    pub committed: bool,
    /// Whether the platform can still be asked to stop: see [`SocialWorker::recall`].
    pub recallable: bool,
    /// How many bytes the platform has.
    pub bytes_sent: Option<u64>,
    /// The platform's id of the publish, once it has one.
    pub publish_id: Option<String>,
}

/// A user's request for one account, before it is a post.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The caption.
    pub caption: &'a str,
    /// The title.
    pub title: Option<&'a str>,
    /// The platform's own options; `Null` if absent.
    pub options: &'a Value,
    /// The granted scopes.
    pub scopes: &'a [String],
    /// When to publish: now, or later.
    pub due: Timestamp,
}

/// Whether a problem prevents a draft from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but the owner should know.
    Warning,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its severity.
    pub severity: Severity,
    /// The field, as in the request: `caption`, or an option such as `tiktok.privacy_level`.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and how to fix it.
    pub message: String,
}

impl Problem {
    /// Names the field as the request does. The post's own caption and title are fields of the post, every
    /// other field belongs to the result.
    pub fn place(&mut self, at: usize, has_own_caption: bool) {
        let is_posts = self.field == "title" || self.field == "caption" && !has_own_caption;
        if !is_posts {
            self.field = format!("results[{at}].{}", self.field);
        }
    }
}

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

/// One step is one HTTP call. A worker holds no state and does no I/O.
pub trait SocialWorker: Send + Sync + 'static {
    /// The checkpoint: all data needed to resume after a crash.
    type Step: Serialize + DeserializeOwned + Debug + Send;
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

    /// Returns the step's name, for rows and logs.
    fn name(&self, step: &Self::Step) -> &'static str;
    /// Returns the step as others see it.
    fn shows(&self, step: &Self::Step) -> Shows;
    /// Returns the limits of the format that these options select: one of [`Self::SURFACES`].
    fn limits(&self, options: &Value, facts: &VideoFacts) -> &'static Limits;
    /// Returns the problems of a draft; none, if it can be published.
    fn check(&self, draft: &Draft<'_>) -> Vec<Problem>;
    /// Returns the first step.
    fn first(&self, publication: &Publication<'_>, settings: &PlatformSettings) -> Self::Step;
    /// Returns the call of the step.
    fn call(&self, step: &Self::Step, cx: &CallContext<'_>) -> Call;
    /// Returns the consequence of the response.
    fn advance(
        &self,
        step: Self::Step,
        reply: &Reply,
        cx: &CallContext<'_>,
    ) -> Result<Progress<Self::Step>, PlatformError>;
    /// Returns the step that queries the outcome of a call that may have taken effect. Its response was lost,
    /// or it was `refusal`, which proves nothing. `None`: only a person can check.
    fn reconcile(&self, step: &Self::Step, refusal: Option<&PlatformError>) -> Option<Self::Step>;
    /// Reports whether an error response proves that a `once` call had no effect, so that no query is needed.
    /// Proof is only what the platform documents as decided before the call takes effect.
    fn is_proof(&self, _step: &Self::Step, _refusal: &PlatformError) -> bool {
        false
    }
    /// Returns the step that asks the platform to stop; `None`: it cannot be stopped.
    fn recall(&self, _step: &Self::Step) -> Option<Self::Step> {
        None
    }

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
    /// Returns the longest video that the account may post now with these options, if its posting options
    /// name it.
    fn longest(&self, _options: &Value, _choices: &Value) -> Option<Duration> {
        None
    }
    /// Reports whether the account's posting options matter with these options.
    fn has_choices(&self, _options: &Value) -> bool {
        true
    }
    /// Returns the problems of options, compared with the account's posting options.
    fn check_choices(&self, _options: &Value, _choices: &Value) -> Vec<Problem> {
        Vec::new()
    }
}
