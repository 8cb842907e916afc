//! A post: one video with its caption and options.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AccountId, Consent, OwnerId, PostResult};

/// A post's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct PostId(pub Uuid);

impl std::fmt::Display for PostId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A post as its owner requested it.
#[derive(Debug, Clone)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// The user who created it.
    pub owner: OwnerId,
    /// The URL of the video.
    pub video_url: String,
    /// The caption, for results without their own.
    pub caption: String,
    /// A title, for platforms that support one.
    pub title: Option<String>,
    /// When to publish.
    pub publish_at: Timestamp,
    /// How late it may still be published, in seconds; `None`: no limit.
    pub max_lateness: Option<i64>,
    /// The product's own id for it.
    pub external_id: Option<String>,
    /// Whether its video was made by AI, if the request set that for all results.
    pub ai_generated: Option<bool>,
    /// Counts edits, so that two editors notice each other.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its state.
    pub state: PostState,
    /// Its results, one for each account.
    pub results: Vec<PostResult>,
}

/// A post's state, computed from its results only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PostState {
    /// No result has started.
    Scheduled,
    /// A result is in progress, or held until a known time.
    Publishing,
    /// A person must act: a result is in doubt, or its account must be reconnected.
    NeedsAttention,
    /// All results that were not cancelled are published.
    Published,
    /// Some results are published and some are not.
    Partial,
    /// No result is published.
    Failed,
    /// All results were cancelled.
    Cancelled,
    /// All results expired.
    Expired,
}

impl PostState {
    const ALL: [Self; 8] = [
        Self::Scheduled,
        Self::Publishing,
        Self::NeedsAttention,
        Self::Published,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Returns its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Publishing => "publishing",
            Self::NeedsAttention => "needs_attention",
            Self::Published => "published",
            Self::Partial => "partial",
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

/// Which of an owner's posts to list: all that fulfil every condition.
#[derive(Debug, Clone, Default)]
pub struct PostFilter {
    /// In one of these states.
    pub states: Option<Vec<PostState>>,
    /// With a result on one of these accounts.
    pub accounts: Option<Vec<AccountId>>,
    /// With this text in the caption, the title or the external id, in whatever case.
    pub text: Option<String>,
    /// To be published at this time or later.
    pub from: Option<Timestamp>,
    /// To be published before this time.
    pub to: Option<Timestamp>,
}

/// A post to create.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// The URL of the video.
    pub video_url: String,
    /// The caption.
    pub caption: String,
    /// A title.
    pub title: Option<String>,
    /// When to publish; absent: now.
    pub publish_at: Option<Timestamp>,
    /// How late it may still be published, in seconds.
    pub max_lateness: Option<i64>,
    /// The product's own id for it.
    pub external_id: Option<String>,
    /// Whether its video was made by AI, if the request set that for all results.
    pub ai_generated: Option<bool>,
    /// The accounts to publish to.
    pub results: Vec<NewResult>,
}

/// A result to create.
#[derive(Debug, Clone)]
pub struct NewResult {
    /// The account.
    pub account: AccountId,
    /// The caption on that account, if it differs.
    pub caption: Option<String>,
    /// The platform's own options.
    pub options: serde_json::Value,
    /// What a person agreed to, if the product recorded it.
    pub consent: Option<Consent>,
}
