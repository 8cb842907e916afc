//! A result: one post on one account, the unit of work.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::http::Effect;
use crate::model::{AccountId, Consent, HeldReason, HoldScope, PlatformId, RequestId, Window};

/// A result's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct ResultId(pub Uuid);

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A step in stored form: all data needed to resume after a crash.
///
/// The body may hold upload URLs, which are credentials. So it is encrypted at rest and prints as its name.
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
    /// The platform's id of the publish.
    pub publish_id: Option<String>,
    /// The platform's id of the published post.
    pub post_id: Option<String>,
    /// Its public URL.
    pub url: Option<String>,
}

/// The state of a result after a step. Each state holds only the data it needs.
///
/// Times are durations from the moment of saving, because the database's clock decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResultState {
    /// Not started: due `after` a while.
    Queued {
        /// How long to wait.
        after: Duration,
        /// How often it failed to start, in a row.
        failures: u32,
    },
    /// In progress: `step` is next, `after` a while.
    Publishing {
        /// The next step.
        step: Checkpoint,
        /// How long to wait first.
        after: Duration,
        /// How often this step failed in a row.
        failures: u32,
    },
    /// Sent; the platform has yet to report the final status.
    Processing {
        /// The step that queries it.
        step: Checkpoint,
        /// How long to wait first.
        after: Duration,
        /// How often the query failed in a row.
        failures: u32,
    },
    /// Waits for a quota, a pause or a person.
    Held {
        /// The step to resume from; `None`: from the beginning.
        step: Option<Checkpoint>,
        /// Why.
        reason: HeldReason,
        /// For how long, and which other results with it; `None`: until a person acts.
        until: Option<(Window, HoldScope)>,
        /// The stable code of the reason.
        code: String,
        /// What to do, or that nothing needs to be done.
        message: &'static str,
    },
    /// The platform reported it as public.
    Published {
        /// The proof of publication.
        receipt: Receipt,
        /// A later check, for data that the platform returns only then.
        look_again: Option<(Checkpoint, Duration)>,
        /// How often that check failed in a row.
        failures: u32,
    },
    /// It is in the account's inbox, where its owner finishes it.
    DeliveredToInbox {
        /// The proof of delivery.
        receipt: Receipt,
        /// A later check whether its owner has posted it.
        look_again: Option<(Checkpoint, Duration)>,
        /// How often that check failed in a row.
        failures: u32,
    },
    /// The outcome is unknown: a person must check.
    InDoubt {
        /// The step whose outcome is unknown.
        step: Checkpoint,
        /// The stable code.
        code: String,
        /// What to do.
        message: &'static str,
    },
    /// It was too late before it could be sent: see [`crate::model::Post::max_lateness`].
    Expired,
    /// It was cancelled, also at the platform.
    Cancelled,
    /// It is not published and will not be.
    Failed {
        /// The stable code.
        code: String,
        /// What to do.
        message: String,
    },
}

/// The name of a state, in rows and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum StateName {
    /// Waits for its time.
    Queued,
    /// Waits for a quota, a pause or a person.
    Held,
    /// Is being uploaded.
    Publishing,
    /// Was sent; the platform processes it.
    Processing,
    /// Is public.
    Published,
    /// Is in the account's inbox.
    DeliveredToInbox,
    /// Has an unknown outcome.
    InDoubt,
    /// Is not published.
    Failed,
    /// Was cancelled.
    Cancelled,
    /// Was too late.
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

    /// Returns its name in the database.
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

    /// Returns the state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl ResultState {
    /// Returns the state's name.
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

    /// Returns the step from which it resumes.
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
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PostResult {
    /// Its id.
    pub id: ResultId,
    /// Its account.
    pub account_id: AccountId,
    /// The account's platform.
    pub platform: PlatformId,
    /// Its state.
    pub state: StateName,
    /// The caption on this account, if it differs from the post's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub caption: Option<String>,
    /// The platform's own options, in its own spelling. The endpoint's view adds them, with their types.
    #[serde(skip)]
    pub options: serde_json::Value,
    /// What a person agreed to, if the product recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub consent: Option<Consent>,
    /// The current step.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub step: Option<String>,
    /// When its next step is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    pub due_at: Option<Timestamp>,
    /// How many bytes the platform has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bytes_sent: Option<i64>,
    /// The size of the video.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub bytes_total: Option<i64>,
    /// The platform's id of the publish.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub publish_id: Option<String>,
    /// The platform's id of the published post, as text: a JavaScript number cannot hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub platform_post_id: Option<String>,
    /// Its public URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub platform_url: Option<String>,
    /// Why it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held_reason: Option<HeldReason>,
    /// When the hold ends; absent while it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    pub held_until: Option<Timestamp>,
    /// What went wrong and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<ResultError>,
    /// Whether it can still be cancelled: nothing was sent that could publish it.
    pub cancellable: bool,
    /// When the platform reported it as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, nullable = false)]
    pub published_at: Option<Timestamp>,
}

/// What went wrong with a result and what to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResultError {
    /// The stable code.
    pub code: String,
    /// The sentence for a person.
    pub message: String,
}

impl PostResult {
    /// Reports whether it waits until a person acts.
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
    /// The platform did what the call requested.
    Ok,
    /// The platform responded with an error.
    Refused,
    /// It was never sent.
    NotSent,
    /// It was sent, and no complete response came.
    NoReply,
    /// The process ended while it was in flight.
    Crashed,
    /// The source of the video failed.
    SourceFailed,
}

impl AttemptOutcome {
    /// Returns its name in the database.
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

/// One call made for a result, as the attempt log stores it.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The step of the call.
    pub step: String,
    /// The effect of sending it twice.
    pub effect: Effect,
    /// How far it got.
    pub outcome: AttemptOutcome,
    /// The HTTP status, if a response came.
    pub http_status: Option<u16>,
    /// The platform's error code, or ours.
    pub code: Option<String>,
    /// The platform's id of the call, which its support asks for.
    pub log_id: Option<String>,
    /// The first byte of the video that it carried.
    pub first_byte: Option<u64>,
    /// How many bytes of the video were written to its connection.
    pub bytes: Option<u64>,
    /// A checksum of those bytes, as `algorithm:hexadecimal`.
    pub checksum: Option<String>,
    /// How long it took.
    pub duration: Duration,
    /// The request of the worker that logs it.
    pub request_id: RequestId,
}
