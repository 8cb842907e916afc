//! A post: one video with its caption and options.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AccountId, OwnerId, PostResult, StateName};

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
    /// Its results, one for each account.
    pub results: Vec<PostResult>,
}

/// A post's state, computed from its results only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
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
    /// Returns the state that follows from these results.
    #[must_use]
    pub fn of(results: &[PostResult]) -> Self {
        use StateName as S;
        let any = |wanted: &[S]| results.iter().any(|result| wanted.contains(&result.state));
        let all = |wanted: &[S]| results.iter().all(|result| wanted.contains(&result.state));
        if results.iter().any(PostResult::waits_for_a_person) {
            Self::NeedsAttention
        } else if all(&[S::Cancelled]) {
            Self::Cancelled
        } else if all(&[S::Queued, S::Cancelled]) {
            Self::Scheduled
        } else if any(&[S::Queued, S::Held, S::Publishing, S::Processing]) {
            Self::Publishing
        } else if all(&[S::Published, S::DeliveredToInbox, S::Cancelled]) {
            Self::Published
        } else if any(&[S::Published, S::DeliveredToInbox]) {
            Self::Partial
        } else if all(&[S::Expired, S::Cancelled]) {
            Self::Expired
        } else {
            Self::Failed
        }
    }
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
}
