//! Posts in responses.

use std::mem;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::times;
use crate::clock::Timestamp;
use crate::model::{Post, PostId, PostResult, PostState};
use crate::platform::{self, ResultOptions};

/// A post, with one result for each account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Post)]
pub(super) struct PostView {
    /// Its id.
    id: PostId,
    /// The URL of the video.
    video_url: String,
    /// The caption, for results without their own.
    caption: String,
    /// The title, for platforms that support one.
    #[schema(required = true)]
    title: Option<String>,
    /// When to publish.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    publish_at: Timestamp,
    /// How late it may still be published, in seconds; `null`: no limit.
    #[schema(required = true)]
    max_lateness: Option<i64>,
    /// Your own name for it.
    #[schema(required = true)]
    external_id: Option<String>,
    /// Whether its video was made by AI, if the request set that for all results.
    #[schema(required = true)]
    ai_generated: Option<bool>,
    /// Counts edits, so that two editors notice each other.
    version: i64,
    /// Its state, which follows from its results.
    state: PostState,
    /// When it was created.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// One for each account.
    results: Vec<ResultView>,
}

/// A result: one post on one account.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PostResult)]
struct ResultView {
    #[serde(flatten)]
    #[schema(inline)]
    result: PostResult,
    /// The platform's own options, in its own spelling.
    #[schema(value_type = ResultOptions)]
    options: serde_json::Value,
    /// What its options say about AI.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool)]
    ai_generated: Option<serde_json::Value>,
}

/// One page of posts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostPage {
    /// The newest first.
    pub(super) posts: Vec<PostView>,
    /// The `cursor` of the next page; `null` on the last page.
    #[schema(required = true)]
    pub(super) next_cursor: Option<Uuid>,
}

impl From<Post> for PostView {
    fn from(post: Post) -> Self {
        Self {
            id: post.id,
            video_url: post.video_url,
            caption: post.caption,
            title: post.title,
            publish_at: post.publish_at,
            max_lateness: post.max_lateness,
            external_id: post.external_id,
            ai_generated: post.ai_generated,
            version: post.version,
            state: post.state,
            created_at: post.created_at,
            updated_at: post.updated_at,
            results: post.results.into_iter().map(ResultView::from).collect(),
        }
    }
}

impl From<PostResult> for ResultView {
    /// The AI label of its platform's option appears under the name that all platforms share.
    fn from(mut result: PostResult) -> Self {
        let options = mem::take(&mut result.options);
        let label = platform::find(result.platform.as_str()).map(|facts| facts.ai_label);
        let ai_generated = label.and_then(|label| options.get(label)).cloned();
        Self { result, options, ai_generated }
    }
}
