//! A result: a post's life on one account, the unit of work.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::http::Effect;
use crate::model::{AccountId, HeldReason, HoldScope, PlatformId, Window};

/// A result's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ResultId(pub Uuid);

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A step written down: all that is needed to go on after a crash.
///
/// The body may hold upload addresses, which are credentials: it is sealed at rest and prints as its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The step's name, readable in the row.
    pub name: String,
    /// The step itself, as JSON.
    pub body: String,
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checkpoint({})", self.name)
    }
}

/// The platform's proof of publication.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The platform's name for the act of publishing.
    pub publish_id: Option<String>,
    /// The platform's name for what was published.
    pub post_id: Option<String>,
    /// Where people can see it.
    pub url: Option<String>,
}

/// What a turn leaves a result in: each state with what it needs and nothing else.
///
/// Times are given as durations from the moment of saving, because the database's clock decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultState {
    /// Not begun: to be looked at `after` a while.
    Queued {
        /// How long to wait.
        after: Duration,
        /// How often it could not begin, in a row.
        failures: u32,
    },
    /// Under way: `step` is next, `after` a while.
    Publishing {
        /// The step to make.
        step: Checkpoint,
        /// How long to wait first.
        after: Duration,
        /// How often this step failed in a row.
        failures: u32,
    },
    /// Sent; the platform has yet to say its final word.
    Processing {
        /// The step that asks.
        step: Checkpoint,
        /// How long to wait first.
        after: Duration,
        /// How often asking failed in a row.
        failures: u32,
    },
    /// Waiting for a window or a person.
    Held {
        /// Where to go on; `None`: from the beginning.
        step: Option<Checkpoint>,
        /// Why.
        reason: HeldReason,
        /// For how long, and whose else; `None`: until somebody acts.
        until: Option<(Window, HoldScope)>,
        /// The stable code of what it waits for.
        code: String,
        /// What to do, or that nothing needs to be done.
        message: &'static str,
    },
    /// The platform said it is public.
    Published {
        /// The proof.
        receipt: Receipt,
        /// A later look for what the platform tells only then.
        look_again: Option<(Checkpoint, Duration)>,
        /// How often that look failed in a row.
        failures: u32,
    },
    /// It lies in the account's inbox for its owner to finish.
    DeliveredToInbox {
        /// The proof.
        receipt: Receipt,
        /// A later look whether its owner has posted it.
        look_again: Option<(Checkpoint, Duration)>,
        /// How often that look failed in a row.
        failures: u32,
    },
    /// Whether it was published cannot be known from here: a person must look.
    InDoubt {
        /// Where the doubt arose.
        step: Checkpoint,
        /// The stable code.
        code: String,
        /// What to do.
        message: &'static str,
    },
    /// Its time was over before it could be sent: see [`crate::model::Post::max_lateness`].
    Expired,
    /// It was called off, also at the platform.
    Cancelled,
    /// It is not published and will not be.
    Failed {
        /// The stable code.
        code: String,
        /// What to do.
        message: String,
    },
}

/// The name of a state, as rows and replies hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum StateName {
    /// Waits for its time.
    Queued,
    /// Waits for a window or a person.
    Held,
    /// Is being sent.
    Publishing,
    /// Was sent.
    Processing,
    /// Is public.
    Published,
    /// Lies in the account's inbox.
    DeliveredToInbox,
    /// Nobody knows.
    InDoubt,
    /// Is not published.
    Failed,
    /// Was called off.
    Cancelled,
    /// Came too late.
    Expired,
}

impl StateName {
    const ALL: [Self; 10] = [
        Self::Queued,
        Self::Held,
        Self::Publishing,
        Self::Processing,
        Self::Published,
        Self::DeliveredToInbox,
        Self::InDoubt,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Publishing => "publishing",
            Self::Processing => "processing",
            Self::Published => "published",
            Self::DeliveredToInbox => "delivered_to_inbox",
            Self::InDoubt => "in_doubt",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl ResultState {
    /// The state's name.
    #[must_use]
    pub fn name(&self) -> StateName {
        match self {
            Self::Queued { .. } => StateName::Queued,
            Self::Publishing { .. } => StateName::Publishing,
            Self::Processing { .. } => StateName::Processing,
            Self::Held { .. } => StateName::Held,
            Self::Published { .. } => StateName::Published,
            Self::DeliveredToInbox { .. } => StateName::DeliveredToInbox,
            Self::InDoubt { .. } => StateName::InDoubt,
            Self::Expired => StateName::Expired,
            Self::Cancelled => StateName::Cancelled,
            Self::Failed { .. } => StateName::Failed,
        }
    }

    /// The step it goes on from.
    #[must_use]
    pub fn step(&self) -> Option<&Checkpoint> {
        match self {
            Self::Publishing { step, .. } | Self::Processing { step, .. } | Self::InDoubt { step, .. } => {
                Some(step)
            }
            Self::Held { step, .. } => step.as_ref(),
            Self::Queued { .. }
            | Self::Published { .. }
            | Self::DeliveredToInbox { .. }
            | Self::Expired
            | Self::Cancelled
            | Self::Failed { .. } => None,
        }
    }
}

/// A result as its owner sees it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostResult {
    /// Its id.
    pub id: ResultId,
    /// The account it is for.
    pub account_id: AccountId,
    /// The account's platform.
    pub platform: PlatformId,
    /// Its state.
    pub state: StateName,
    /// What to say on this account, where it differs from the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The platform's own options, in its own spelling.
    pub options: serde_json::Value,
    /// The step it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// When it is to be looked at next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// How many bytes the platform has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_sent: Option<i64>,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes_total: Option<i64>,
    /// The platform's name for the act of publishing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_id: Option<String>,
    /// The platform's name for what was published, as text: it exceeds what a JavaScript number holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_post_id: Option<String>,
    /// Where people can see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_url: Option<String>,
    /// Why it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_reason: Option<HeldReason>,
    /// Until when it is held; absent while it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// What went wrong and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ResultError>,
    /// Whether it can still be called off: nothing was sent that could publish it.
    pub cancellable: bool,
    /// When the platform called it published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
}

/// What went wrong with a result and what to do.
#[derive(Debug, Clone, Serialize)]
pub struct ResultError {
    /// The stable code.
    pub code: String,
    /// The sentence for a person.
    pub message: String,
}

impl PostResult {
    /// Whether it stands still until somebody acts.
    #[must_use]
    pub fn waits_for_a_person(&self) -> bool {
        self.state == StateName::InDoubt
            || (self.state == StateName::Held && self.held_reason == Some(HeldReason::NeedsReconnect))
    }
}

/// How far a call got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AttemptOutcome {
    /// The platform did what was asked.
    Ok,
    /// The platform answered and declined.
    Refused,
    /// It was never sent.
    NotSent,
    /// It was sent and no whole answer came.
    NoReply,
    /// The process died while it was in flight.
    Crashed,
    /// The source of the video failed.
    SourceFailed,
}

impl AttemptOutcome {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::NotSent => "notSent",
            Self::NoReply => "noReply",
            Self::Crashed => "crashed",
            Self::SourceFailed => "sourceFailed",
        }
    }
}

/// One call made for a result, as the ledger keeps it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The step it was made for.
    pub step: String,
    /// What sending it twice would have done.
    pub effect: Effect,
    /// How far it got.
    pub outcome: AttemptOutcome,
    /// The HTTP status, if a reply came.
    pub http_status: Option<u16>,
    /// The platform's error code, or ours.
    pub code: Option<String>,
    /// The platform's name for the call, which its support asks for.
    pub log_id: Option<String>,
    /// From which byte of the video on it carried some.
    pub first_byte: Option<u64>,
    /// How many bytes of the video were handed to its connection.
    pub bytes: Option<u64>,
    /// A checksum of them, as `algorithm:hexadecimal`.
    pub checksum: Option<String>,
    /// How long it took.
    pub duration: Duration,
}
