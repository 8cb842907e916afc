//! What a platform is to the engine: a worker that describes calls and reads replies.

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

/// What a worker may know of the result it steps.
#[derive(Debug, Clone, Copy)]
pub struct Publication<'a> {
    /// Where the video is.
    pub video_url: &'a str,
    /// The video as it was when first looked at.
    pub video: &'a PinnedVideo,
    /// What to say.
    pub caption: &'a str,
    /// The title, for platforms that have one.
    pub title: Option<&'a str>,
    /// The platform's own options, checked when the post was made.
    pub options: &'a Value,
    /// The account it is for.
    pub account: AccountRef<'a>,
    /// The result's id: the same at every try, and no other's.
    pub result: ResultId,
}

/// What a call is made with.
#[derive(Debug, Clone, Copy)]
pub struct CallContext<'a> {
    /// What is being published.
    pub publication: Publication<'a>,
    /// The platform's settings.
    pub settings: &'a PlatformSettings,
    /// The account's token.
    pub token: &'a AccessToken,
    /// The time, by this process's clock: good for hours, not for seconds.
    pub now: Timestamp,
}

/// Where a reply leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<S> {
    /// To this step, at once.
    Next(S),
    /// To this step, after a while. Waiting is not failing.
    Wait(S, Duration),
    /// It is public; perhaps a later look tells more.
    Published(Receipt, Option<(S, Duration)>),
    /// It lies in the account's inbox; perhaps a later look finds that its owner has posted it.
    DeliveredToInbox(Receipt, Option<(S, Duration)>),
    /// It was called off, at our word.
    Recalled,
    /// The platform gave this attempt up. If the error's disposition allows going on, then from this step.
    Restart(S, PlatformError),
    /// The platform will not say what became of it: a person must look.
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

/// How a step looks from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shows {
    /// Whether the platform may already hold everything it needs to publish: from here on, giving up is no
    /// proof that nothing was published.
    pub committed: bool,
    /// Whether the platform can still be asked to stop: see [`SocialWorker::recall`].
    pub recallable: bool,
    /// How many bytes the platform has.
    pub bytes_sent: Option<u64>,
    /// The platform's name for the act of publishing, once it has one.
    pub publish_id: Option<String>,
}

/// What a user asks of one account, before it is a post.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What to say.
    pub caption: &'a str,
    /// The title.
    pub title: Option<&'a str>,
    /// The platform's own options; `Null` when none were given.
    pub options: &'a Value,
    /// What the account's owner granted.
    pub scopes: &'a [String],
    /// When it is to be published: now, or later.
    pub due: Timestamp,
}

/// Whether a problem keeps a draft from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It does not, but its owner will want to know.
    Warning,
}

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The field, as in the request: `caption`, or an option such as `tiktok.privacy_level`.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Problem {
    /// Names the field as the request does: the post's own caption and title are fields of the post, everything else
    /// is the result's.
    pub fn place(&mut self, at: usize, has_own_caption: bool) {
        let is_posts = self.field == "title" || self.field == "caption" && !has_own_caption;
        if !is_posts {
            self.field = format!("results[{at}].{}", self.field);
        }
    }
}

/// How often an account may begin to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two beginnings.
    pub spacing: Duration,
}

/// What the owner of a grant that has ended is told, where nothing more is known.
pub const ENDED: &str = "The permission for this account has ended. Reconnect the account.";

/// What the owner of an account is told of its posts, once they have disconnected it.
pub const DISCONNECTED: &str = "The account was disconnected. Reconnect the account.";

/// One step is one HTTP call. A worker holds no state and does no I/O.
pub trait SocialWorker: Send + Sync + 'static {
    /// The checkpoint: all that is needed to go on after a crash.
    type Step: Serialize + DeserializeOwned + Debug + Send;
    /// The platform's name.
    const ID: PlatformId;
    /// The variables it reads.
    const VARS: PlatformVars;
    /// How it does OAuth: data, not code.
    const OAUTH: OAuthProfile;
    /// What videos its surfaces take.
    const SURFACES: &'static [Limits];
    /// How often an account may begin to publish.
    const PACE: Pace;
    /// Every code it knows, of its calls and of its statuses.
    const ERRORS: &'static [ErrorTable];
    /// The option, true or false, that labels a video as made by AI.
    const AI_LABEL: &'static str;

    /// The step's name, for rows and logs.
    fn name(&self, step: &Self::Step) -> &'static str;
    /// How the step looks from outside.
    fn shows(&self, step: &Self::Step) -> Shows;
    /// What the surface takes that this video is for with these options: one of [`Self::SURFACES`].
    fn limits(&self, options: &Value, facts: &VideoFacts) -> &'static Limits;
    /// What is wrong with a draft; nothing, if it can be published.
    fn check(&self, draft: &Draft<'_>) -> Vec<Problem>;
    /// Where publishing begins.
    fn first(&self, publication: &Publication<'_>, settings: &PlatformSettings) -> Self::Step;
    /// The call that makes the step.
    fn call(&self, step: &Self::Step, cx: &CallContext<'_>) -> Call;
    /// Where the reply leads.
    fn advance(
        &self,
        step: Self::Step,
        reply: &Reply,
        cx: &CallContext<'_>,
    ) -> Result<Progress<Self::Step>, PlatformError>;
    /// The step that finds out what became of a call that may have taken effect: its answer was lost, or it was
    /// `refusal`, which proves nothing. `None`: only a person can.
    fn reconcile(&self, step: &Self::Step, refusal: Option<&PlatformError>) -> Option<Self::Step>;
    /// Whether a refusal of a step that may not be sent twice proves that the call did nothing, so that nobody need
    /// ask. Only what the platform documents as decided before the call takes effect is proof.
    fn is_proof(&self, _step: &Self::Step, _refusal: &PlatformError) -> bool {
        false
    }
    /// The step that asks the platform to stop what it has been given; `None`: it cannot be asked.
    fn recall(&self, _step: &Self::Step) -> Option<Self::Step> {
        None
    }

    // Connecting: exchange, extend, introspect, list the accounts. What `OAUTH` says as data needs no code.

    /// What a token endpoint grants: the RFC's answer, unless the platform departs from it.
    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        Self::OAUTH.read_grant(reply)
    }
    /// The call that asks what was granted, and by whom; `None`: the token response has said it.
    fn introspection_call(&self, _settings: &PlatformSettings, _grant: &Grant) -> Option<Call> {
        None
    }
    /// The grant with what the introspection tells of it.
    fn read_introspection(&self, _grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        Err(PlatformError::unreadable(reply))
    }
    /// The call that asks which accounts a grant opens: the first page, or the one named by the page before.
    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call;
    /// The accounts on that page that can be published to.
    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError>;
    /// The call that gives a grant back; `None`: the platform takes none back.
    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        Self::OAUTH.revoke_call(settings, grant)
    }
    /// What to tell the owner of a grant that has ended so long after it was given.
    fn why_ended(&self, _lasted: Duration) -> &'static str {
        ENDED
    }

    /// The call that asks what an account's owner may choose from now; `None`: the platform does not say.
    fn options_call(
        &self,
        _settings: &PlatformSettings,
        _account: &AccountRef<'_>,
        _token: &AccessToken,
    ) -> Option<Call> {
        None
    }
    /// What an account's owner may choose from, in the platform's own spelling.
    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        Err(PlatformError::unreadable(reply))
    }
    /// The longest video that the account itself may post now with these options, where what its owner may choose
    /// from tells it.
    fn longest(&self, _options: &Value, _choices: &Value) -> Option<Duration> {
        None
    }
    /// Whether, with these options, it matters what the account's owner may choose from now.
    fn has_choices(&self, _options: &Value) -> bool {
        true
    }
    /// What is wrong with options, against what the account's owner may choose from now.
    fn check_choices(&self, _options: &Value, _choices: &Value) -> Vec<Problem> {
        Vec::new()
    }
}
