//! A post: one video and what to say with it.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{AccountId, OwnerId, PostResult, StateName};

/// A post's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct PostId(pub Uuid);

impl std::fmt::Display for PostId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What the user asked for.
#[derive(Debug, Clone)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// Who asked.
    pub owner: OwnerId,
    /// Where the video is.
    pub video_url: String,
    /// What to say, unless a result says something of its own.
    pub caption: String,
    /// A title, for platforms that have one.
    pub title: Option<String>,
    /// When to publish.
    pub publish_at: Timestamp,
    /// How late it may still go out, in seconds; `None`: however late.
    pub max_lateness: Option<i64>,
    /// The product's own name for it.
    pub external_id: Option<String>,
    /// Whether its video was made by AI, where the request said so of all its results.
    pub ai_generated: Option<bool>,
    /// Counts edits, so that two editors notice each other.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its life on each account.
    pub results: Vec<PostResult>,
}

/// A post's state, which follows from its results and from nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PostState {
    /// Nothing has begun.
    Scheduled,
    /// Something is under way, or held until a known time.
    Publishing,
    /// Somebody must act: a result is in doubt or its account must be connected again.
    NeedsAttention,
    /// All that was not cancelled is published.
    Published,
    /// Some of it is published and some is not.
    Partial,
    /// None of it is published.
    Failed,
    /// All of it was cancelled.
    Cancelled,
    /// All of it came too late.
    Expired,
}

impl PostState {
    /// The state that follows from these results.
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

/// A post to be made.
#[derive(Debug, Clone)]
pub struct NewPost {
    /// Where the video is.
    pub video_url: String,
    /// What to say.
    pub caption: String,
    /// A title.
    pub title: Option<String>,
    /// When to publish; absent: now.
    pub publish_at: Option<Timestamp>,
    /// How late it may still go out, in seconds.
    pub max_lateness: Option<i64>,
    /// The product's own name for it.
    pub external_id: Option<String>,
    /// Whether its video was made by AI, where the request said so of all its results.
    pub ai_generated: Option<bool>,
    /// The accounts to publish to.
    pub results: Vec<NewResult>,
}

/// A result to be made.
#[derive(Debug, Clone)]
pub struct NewResult {
    /// The account.
    pub account: AccountId,
    /// What to say there, where it differs.
    pub caption: Option<String>,
    /// The platform's own options.
    pub options: serde_json::Value,
}
