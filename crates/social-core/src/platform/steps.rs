//! A platform's steps: a step describes a call and reads its response.

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::accounts::AccountRef;
use super::error::PlatformError;
use super::rules::Rules;
use crate::clock::Timestamp;
use crate::config::PlatformSettings;
use crate::http::{Call, Reply};
use crate::model::{Checkpoint, Receipt, ResultId};
use crate::secret::AccessToken;
use crate::video::PinnedVideo;

/// The data of a result that its worker may use.
#[derive(Debug)]
pub struct Publication<'a, O = ()> {
    /// The URL of the video.
    pub video_url: &'a str,
    /// The video, as first inspected.
    pub video: &'a PinnedVideo,
    /// The caption.
    pub caption: &'a str,
    /// The title, for platforms that support one.
    pub title: Option<&'a str>,
    /// The platform's own options, checked when the post was created.
    pub options: &'a O,
    /// The account.
    pub account: AccountRef<'a>,
    /// The result's id: the same for every attempt, and unique.
    pub result: ResultId,
}

/// The data for a call.
#[derive(Debug)]
pub struct CallContext<'a, O = ()> {
    /// The publication.
    pub publication: Publication<'a, O>,
    /// The platform's settings.
    pub settings: &'a PlatformSettings,
    /// The account's token.
    pub token: &'a AccessToken,
    /// The time by this process's clock: accurate to hours, not to seconds.
    pub now: Timestamp,
}

impl<'a> Publication<'a> {
    /// Returns the same publication with a platform's options.
    pub(super) fn with<O>(&self, options: &'a O) -> Publication<'a, O> {
        let Self { video_url, video, caption, title, account, result, .. } = *self;
        Publication { video_url, video, caption, title, options, account, result }
    }
}

impl<'a> CallContext<'a> {
    /// Returns the same data with a platform's options.
    fn with<O>(&self, options: &'a O) -> CallContext<'a, O> {
        let Self { ref publication, settings, token, now } = *self;
        CallContext { publication: publication.with(options), settings, token, now }
    }
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

/// A step, as others see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shows {
    /// Whether the platform may already have everything it needs to publish. After that, giving up does not
    /// prove that nothing was published.
    pub committed: bool,
    /// Whether the platform can still be asked to stop: see [`Steps::recall`].
    pub recallable: bool,
    /// How many bytes the platform has.
    pub bytes_sent: Option<u64>,
    /// The platform's id of the publish, once it has one.
    pub publish_id: Option<String>,
}

/// One step is one HTTP call. A platform's steps hold no state and do no I/O.
pub trait Steps: Rules {
    /// The checkpoint: all data needed to resume after a crash.
    type Step: Serialize + DeserializeOwned + Debug + Clone + Send + Sync;

    /// Returns the step's name, for rows and logs.
    fn name(&self, step: &Self::Step) -> &'static str;
    /// Returns the step as others see it.
    fn shows(&self, step: &Self::Step) -> Shows;
    /// Returns the first step.
    fn first(&self, publication: &Publication<'_, Self::Options>, settings: &PlatformSettings) -> Self::Step;
    /// Returns the call of the step.
    fn call(&self, step: &Self::Step, cx: &CallContext<'_, Self::Options>) -> Call;
    /// Returns the consequence of the response.
    fn advance(
        &self,
        step: Self::Step,
        reply: &Reply,
        cx: &CallContext<'_, Self::Options>,
    ) -> Result<Progress<Self::Step>, PlatformError>;
    /// Returns the platform's id of a call that succeeded. `None`: it reports one only with an error.
    fn log_id(&self, _reply: &Reply) -> Option<String> {
        None
    }
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
}

/// A checkpoint that this version of the program cannot read.
#[derive(Debug, thiserror::Error)]
#[error("the checkpoint of step {0} cannot be read")]
pub struct UnreadableCheckpoint(pub String);

/// A step of any platform, read together with its result's options.
pub trait AnyStep: Send + Sync {
    /// Returns the checkpoint that was read.
    fn checkpoint(&self) -> &Checkpoint;
    /// See [`Steps::shows`].
    fn shows(&self) -> Shows;
    /// See [`Steps::call`].
    fn call(&self, cx: &CallContext<'_>) -> Call;
    /// See [`Steps::advance`].
    fn advance(&self, reply: &Reply, cx: &CallContext<'_>) -> Result<Progress<Checkpoint>, PlatformError>;
    /// See [`Steps::log_id`].
    fn log_id(&self, reply: &Reply) -> Option<String>;
    /// See [`Steps::reconcile`].
    fn reconcile(&self, refusal: Option<&PlatformError>) -> Option<Checkpoint>;
    /// See [`Steps::is_proof`].
    fn is_proof(&self, refusal: &PlatformError) -> bool;
    /// See [`Steps::recall`].
    fn recall(&self) -> Option<Checkpoint>;
}

/// The one place where a platform's types are forgotten.
pub(super) struct Erased<'a, T: Steps> {
    platform: T,
    checkpoint: Checkpoint,
    step: T::Step,
    options: &'a T::Options,
}

impl<'a, T: Steps> Erased<'a, T> {
    pub(super) fn new(
        platform: T,
        at: &Checkpoint,
        options: &'a T::Options,
    ) -> Result<Self, UnreadableCheckpoint> {
        Ok(Self { platform, checkpoint: at.clone(), step: read::<T>(at)?, options })
    }
}

impl<T: Steps> AnyStep for Erased<'_, T> {
    fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    fn shows(&self) -> Shows {
        self.platform.shows(&self.step)
    }

    fn call(&self, cx: &CallContext<'_>) -> Call {
        self.platform.call(&self.step, &cx.with(self.options))
    }

    fn advance(&self, reply: &Reply, cx: &CallContext<'_>) -> Result<Progress<Checkpoint>, PlatformError> {
        let progress = self.platform.advance(self.step.clone(), reply, &cx.with(self.options))?;
        Ok(progress.map(|step| write(&self.platform, &step)))
    }

    fn log_id(&self, reply: &Reply) -> Option<String> {
        self.platform.log_id(reply)
    }

    fn reconcile(&self, refusal: Option<&PlatformError>) -> Option<Checkpoint> {
        self.platform.reconcile(&self.step, refusal).map(|step| write(&self.platform, &step))
    }

    fn is_proof(&self, refusal: &PlatformError) -> bool {
        self.platform.is_proof(&self.step, refusal)
    }

    fn recall(&self) -> Option<Checkpoint> {
        self.platform.recall(&self.step).map(|step| write(&self.platform, &step))
    }
}

/// Returns a step as it is stored.
pub(super) fn write<T: Steps>(platform: &T, step: &T::Step) -> Checkpoint {
    #[expect(clippy::expect_used, reason = "a step is plain data with text keys, which JSON always holds")]
    let body = serde_json::to_string(step).expect("a step is plain data");
    Checkpoint { name: platform.name(step).to_owned(), body }
}

/// Reads a stored step.
pub(super) fn read<T: Steps>(step: &Checkpoint) -> Result<T::Step, UnreadableCheckpoint> {
    serde_json::from_str(&step.body).map_err(|_| UnreadableCheckpoint(step.name.clone()))
}
