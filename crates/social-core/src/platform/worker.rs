//! What a platform is to the engine: a worker that describes calls and reads replies.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Checkpoint, Grant, PlatformId, Receipt};
use crate::platform::error::PlatformError;
use crate::platform::profile::{OAuthProfile, RemoteAccount};
use crate::secret::AccessToken;
use crate::video::{Limits, PinnedVideo};

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
    /// The account's handle.
    pub username: Option<&'a str>,
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
    fn map<T>(self, f: impl FnOnce(S) -> T) -> Progress<T> {
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

/// How often an account may begin to publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The least time between two beginnings.
    pub spacing: Duration,
}

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
    /// What videos it takes.
    const LIMITS: Limits;
    /// How often an account may begin to publish.
    const PACE: Pace;

    /// The step's name, for rows and logs.
    fn name(&self, step: &Self::Step) -> &'static str;
    /// How the step looks from outside.
    fn shows(&self, step: &Self::Step) -> Shows;
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
    /// The step that finds out what became of a lost call; `None`: only a person can.
    fn reconcile(&self, step: &Self::Step) -> Option<Self::Step>;
    /// The step that asks the platform to stop what it has been given; `None`: it cannot be asked.
    fn recall(&self, _step: &Self::Step) -> Option<Self::Step> {
        None
    }

    /// The call that asks which accounts a grant opens.
    fn profile_call(&self, settings: &PlatformSettings, grant: &Grant) -> Call;
    /// The accounts a grant opens.
    fn accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        reply: &Reply,
    ) -> Result<Vec<RemoteAccount>, PlatformError>;
    /// The call that asks what an account's owner may choose from now; `None`: the platform does not say.
    fn options_call(&self, _settings: &PlatformSettings, _token: &AccessToken) -> Option<Call> {
        None
    }
    /// What an account's owner may choose from, in the platform's own spelling.
    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        Err(PlatformError::unreadable(reply))
    }
}

/// A checkpoint that this version of the program cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint of step {0} cannot be read")]
pub struct UnreadableCheckpoint(pub String);

/// [`SocialWorker`] with its step written down, so that one list holds all platforms.
pub trait AnyWorker: Send + Sync {
    /// See [`SocialWorker::ID`].
    fn id(&self) -> PlatformId;
    /// See [`SocialWorker::VARS`].
    fn vars(&self) -> PlatformVars;
    /// See [`SocialWorker::OAUTH`].
    fn oauth(&self) -> OAuthProfile;
    /// See [`SocialWorker::LIMITS`].
    fn limits(&self) -> Limits;
    /// See [`SocialWorker::PACE`].
    fn pace(&self) -> Pace;
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
    fn reconcile(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint>;
    /// See [`SocialWorker::recall`].
    fn recall(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint>;
    /// See [`SocialWorker::profile_call`].
    fn profile_call(&self, settings: &PlatformSettings, grant: &Grant) -> Call;
    /// See [`SocialWorker::accounts`].
    fn accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        reply: &Reply,
    ) -> Result<Vec<RemoteAccount>, PlatformError>;
    /// See [`SocialWorker::options_call`].
    fn options_call(&self, settings: &PlatformSettings, token: &AccessToken) -> Option<Call>;
    /// See [`SocialWorker::read_options`].
    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError>;
}

fn write<W: SocialWorker>(worker: &W, step: &W::Step) -> Checkpoint {
    #[expect(clippy::expect_used, reason = "a step is plain data with text keys, which JSON always holds")]
    let body = serde_json::to_string(step).expect("a step is plain data");
    Checkpoint { name: worker.name(step).to_owned(), body }
}

fn read<W: SocialWorker>(step: &Checkpoint) -> Result<W::Step, UnreadableCheckpoint> {
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

    fn limits(&self) -> Limits {
        W::LIMITS
    }

    fn pace(&self) -> Pace {
        W::PACE
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

    fn reconcile(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint> {
        Ok(SocialWorker::reconcile(self, &read::<W>(step)?).map(|step| write(self, &step)))
    }

    fn recall(&self, step: &Checkpoint) -> Result<Option<Checkpoint>, UnreadableCheckpoint> {
        Ok(SocialWorker::recall(self, &read::<W>(step)?).map(|step| write(self, &step)))
    }

    fn profile_call(&self, settings: &PlatformSettings, grant: &Grant) -> Call {
        SocialWorker::profile_call(self, settings, grant)
    }

    fn accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        reply: &Reply,
    ) -> Result<Vec<RemoteAccount>, PlatformError> {
        SocialWorker::accounts(self, settings, grant, reply)
    }

    fn options_call(&self, settings: &PlatformSettings, token: &AccessToken) -> Option<Call> {
        SocialWorker::options_call(self, settings, token)
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        SocialWorker::read_options(self, reply)
    }
}
