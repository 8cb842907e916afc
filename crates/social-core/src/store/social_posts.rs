//! What users asked for, and what they change about it.

use serde::Deserialize;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{
    Account, AccountId, Consent, HeldReason, OwnerId, PlatformId, Post, PostFilter, PostId, PostResult,
    PostState, ResultError, ResultId, StateName,
};
use crate::store::call::{Call, columns};
use crate::store::social_accounts::{AccountRow, accounts};
use crate::store::{Store, StoreError};
use crate::video::PinnedVideo;

/// 2 MiB: a page of posts. AWS Lambda returns at most 6 MB, in which a body can be twice as long.
const MOST_BYTES: i64 = 2 * 1024 * 1024;

/// A post, as `post_json` shows it.
#[derive(Debug, Deserialize)]
pub(super) struct PostRow {
    id: Uuid,
    owner_id: String,
    video_url: String,
    caption: String,
    title: Option<String>,
    #[serde(with = "chrono::serde::ts_microseconds")]
    publish_at: Timestamp,
    max_lateness: Option<i64>,
    external_id: Option<String>,
    ai_generated: Option<bool>,
    version: i64,
    #[serde(with = "chrono::serde::ts_microseconds")]
    created_at: Timestamp,
    #[serde(with = "chrono::serde::ts_microseconds")]
    updated_at: Timestamp,
    state: String,
    results: Vec<ResultRow>,
}

#[derive(Debug, Deserialize)]
struct ResultRow {
    id: Uuid,
    account_id: Uuid,
    platform: String,
    caption: Option<String>,
    options: serde_json::Value,
    consent: Option<Consent>,
    state: String,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    due_at: Option<Timestamp>,
    leased: bool,
    lapses: bool,
    step: Option<String>,
    publish_id: Option<String>,
    platform_post_id: Option<String>,
    platform_url: Option<String>,
    bytes_sent: Option<i64>,
    bytes_total: Option<i64>,
    held_reason: Option<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    cancellable: bool,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    published_at: Option<Timestamp>,
}

impl TryFrom<ResultRow> for PostResult {
    type Error = StoreError;

    fn try_from(row: ResultRow) -> Result<Self, StoreError> {
        let state = StateName::named(&row.state).ok_or(StoreError::Inconsistent("post_results.state"))?;
        let held_reason = match row.held_reason.as_deref() {
            Some(name) => {
                Some(HeldReason::named(name).ok_or(StoreError::Inconsistent("post_results.held_reason"))?)
            }
            None => None,
        };
        // While a worker holds the row, `due_at` is the lease's end and nobody's business.
        let due_at = row.due_at.filter(|_| !row.leased);
        Ok(Self {
            id: ResultId(row.id),
            account_id: AccountId(row.account_id),
            platform: PlatformId::named(row.platform),
            state,
            caption: row.caption,
            options: row.options,
            consent: row.consent,
            step: row.step,
            due_at: due_at.filter(|_| state != StateName::Held),
            bytes_sent: row.bytes_sent,
            bytes_total: row.bytes_total,
            publish_id: row.publish_id,
            platform_post_id: row.platform_post_id,
            platform_url: row.platform_url,
            held_reason,
            // What waits for its owner has no time of its own: at most one at which it lapses.
            held_until: due_at
                .filter(|_| held_reason.is_some_and(|reason| reason != HeldReason::NeedsReconnect)),
            error: row.error_code.map(|code| {
                let promise = held_reason.map_or("", |reason| reason.promise(row.lapses));
                ResultError { code, message: row.error_message.unwrap_or_default() + promise }
            }),
            cancellable: row.cancellable,
            published_at: row.published_at,
        })
    }
}

impl TryFrom<PostRow> for Post {
    type Error = StoreError;

    fn try_from(row: PostRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: PostId(row.id),
            owner: OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("social_posts.owner_id"))?,
            video_url: row.video_url,
            caption: row.caption,
            title: row.title,
            publish_at: row.publish_at,
            max_lateness: row.max_lateness,
            external_id: row.external_id,
            ai_generated: row.ai_generated,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            state: PostState::named(&row.state).ok_or(StoreError::Inconsistent("post_state"))?,
            results: row.results.into_iter().map(PostResult::try_from).collect::<Result<_, _>>()?,
        })
    }
}

columns! {
    /// What became of a request to create or change a post, and the post.
    pub(super) struct PostOutcome {
        pub(super) outcome: String,
        pub(super) shown: Option<Json<PostRow>>,
    }
}

columns! {
    struct DraftRow {
        shown: Option<Json<PostRow>>,
        accounts: Json<Vec<AccountRow>>,
    }
}

impl Store {
    /// An owner's post. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn post(&self, owner: &OwnerId, post: PostId) -> Result<Option<Post>, StoreError> {
        let call = Call::repeatable("read_post").with("owner", owner.as_str()).with("post", post.0);
        let row: Option<Json<PostRow>> = self.value(call).await?;
        row.map(|row| row.0.try_into()).transpose()
    }

    /// Returns the post of an owner's result. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn find_post(&self, owner: &OwnerId, result: ResultId) -> Result<Option<PostId>, StoreError> {
        let call = Call::repeatable("find_post").with("owner", owner.as_str()).with("result", result.0);
        Ok(self.value::<Option<Uuid>>(call).await?.map(PostId))
    }

    /// An owner's post with the accounts of its results. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn draft(
        &self,
        owner: &OwnerId,
        post: PostId,
    ) -> Result<Option<(Post, Vec<Account>)>, StoreError> {
        let call = Call::repeatable("read_draft").with("owner", owner.as_str()).with("post", post.0);
        let row: DraftRow = self.value(call).await?;
        let Some(post) = row.shown else { return Ok(None) };
        Ok(Some((post.0.try_into()?, accounts(row.accounts.0)?)))
    }

    /// Returns an owner's posts that `filter` lets through, newest first, from before `before`, and whether there are more.
    /// A page ends early at 2 MiB. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn posts(
        &self,
        owner: &OwnerId,
        before: Option<Uuid>,
        limit: i64,
        filter: &PostFilter,
    ) -> Result<(Vec<Post>, bool), StoreError> {
        let states =
            filter.states.as_ref().map(|states| states.iter().map(|state| state.name()).collect::<Vec<_>>());
        let accounts =
            filter.accounts.as_ref().map(|accounts| accounts.iter().map(|id| id.0).collect::<Vec<_>>());
        let call = Call::repeatable("list_posts")
            .with("owner", owner.as_str())
            .with("before", before)
            .with("most", limit)
            .with("states", states)
            .with("accounts", accounts)
            .with("needle", filter.text.as_deref())
            .with("since", filter.from)
            .with("until", filter.to)
            .with("bytes", MOST_BYTES);
        let rows: Vec<Option<Json<PostRow>>> = self.rows(call).await?;
        let has_more = rows.last().is_some_and(Option::is_none);
        let posts = rows.into_iter().flatten().map(|row| row.0.try_into()).collect::<Result<_, _>>()?;
        Ok((posts, has_more))
    }

    /// Notes what the video was when first seen; the first to see it decides, for all results of the post.
    /// `None`: the post's URL was changed meanwhile, so this is not its video. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn pin_video(
        &self,
        owner: &OwnerId,
        post: PostId,
        url: &str,
        video: &PinnedVideo,
    ) -> Result<Option<PinnedVideo>, StoreError> {
        let call = Call::repeatable("pin_video")
            .with("owner", owner.as_str())
            .with("post", post.0)
            .with("url", url)
            .with("found_video", Json(video));
        let pinned: Option<Json<PinnedVideo>> = self.value(call).await?;
        Ok(pinned.map(|pinned| pinned.0))
    }
}
