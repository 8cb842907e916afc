//! What users asked for, and what they change about it.

use serde::{Deserialize, Serialize};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::config::Rate;
use crate::model::{
    Account, AccountId, Consent, HeldReason, NewPost, NewResult, Origin, OwnerId, PlatformId, Post,
    PostFilter, PostId, PostResult, PostState, ResultError, ResultId, StateName,
};
use crate::platform::ENDED;
use crate::store::call::{Call, columns};
use crate::store::holds::Parking;
use crate::store::social_accounts::{AccountRow, accounts};
use crate::store::{Store, StoreError};
use crate::video::PinnedVideo;

/// 2 MiB: a page of posts. AWS Lambda returns at most 6 MB, in which a body can be twice as long.
const MOST_BYTES: i64 = 2 * 1024 * 1024;

/// What became of a create request.
#[derive(Debug)]
pub enum Created {
    /// The post was made.
    New(Post),
    /// The same request was answered before: this is its post.
    Same(Post),
    /// The key was used for another request.
    KeyReused,
}

/// What a create request is to be answered by.
#[derive(Debug)]
pub enum Prepared {
    /// Its key was used before.
    Answered(Box<Created>),
    /// It is new. These are the accounts it names, as far as the owner has them.
    New(Vec<Account>),
}

/// The accounts that a create request was checked against, read some time ago.
#[derive(Debug, Clone, Copy)]
pub struct SeenAccounts<'a> {
    /// As they were.
    pub accounts: &'a [Account],
    /// How many posts the owner may create.
    pub rate: Rate,
}

/// An idempotency key with the hash of the request that it was sent with.
pub type Key<'a> = (&'a str, &'a [u8]);

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

impl TryFrom<PostOutcome> for Created {
    type Error = StoreError;

    fn try_from(row: PostOutcome) -> Result<Self, StoreError> {
        match (row.outcome.as_str(), row.shown) {
            ("new", Some(post)) => Ok(Self::New(post.0.try_into()?)),
            ("same", Some(post)) => Ok(Self::Same(post.0.try_into()?)),
            ("key_reused", _) => Ok(Self::KeyReused),
            _ => Err(StoreError::Inconsistent("idempotency_keys.post_id")),
        }
    }
}

columns! {
    struct PreparedRow {
        outcome: String,
        shown: Option<Json<PostRow>>,
        accounts: Json<Vec<AccountRow>>,
    }
}

columns! {
    struct DraftRow {
        shown: Option<Json<PostRow>>,
        accounts: Json<Vec<AccountRow>>,
    }
}

/// An account that was seen, as `create_post` compares it.
#[derive(Debug, Serialize)]
struct SeenRow<'a> {
    account: Uuid,
    status: &'static str,
    scopes: &'a [String],
}

/// A result to be made, as `create_post` takes it.
#[derive(Debug, Serialize)]
pub(super) struct NewRow<'a> {
    id: Uuid,
    account: Uuid,
    caption: Option<&'a str>,
    options: &'a serde_json::Value,
    consent: Option<&'a Consent>,
}

impl<'a> From<&'a Account> for SeenRow<'a> {
    fn from(account: &'a Account) -> Self {
        Self { account: account.id.0, status: account.status.name(), scopes: &account.scopes }
    }
}

impl Store {
    /// What a create request is to be answered by: what its key was used for before, or the accounts it names.
    /// Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn prepare_post(
        &self,
        owner: &OwnerId,
        key: Option<Key<'_>>,
        named: &[Uuid],
        rate: Rate,
    ) -> Result<Prepared, StoreError> {
        let call = Call::repeatable("prepare_post")
            .with("owner", owner.as_str())
            .with("wanted_key", key.map(|(key, _)| key))
            .with("hash", key.map(|(_, body_hash)| body_hash))
            .with("wanted", named)
            .with("per_minute", rate.per_minute());
        let PreparedRow { outcome, shown, accounts: found } = self.value(call).await?;
        if outcome == "new" {
            return Ok(Prepared::New(accounts(found.0)?));
        }
        Ok(Prepared::Answered(Box::new(PostOutcome { outcome, shown }.try_into()?)))
    }

    /// Makes a post with its results, once per idempotency key. The request was prepared just now, which also counted
    /// it. Repeatable: its id is chosen here.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn create_post(
        &self,
        owner: &OwnerId,
        new: &NewPost,
        key: Option<Key<'_>>,
        origin: &Origin,
    ) -> Result<Created, StoreError> {
        self.value::<PostOutcome>(self.creation(owner, new, key, origin)).await?.try_into()
    }

    /// The same without preparation, if the accounts are still as they were seen. `None`: they are not, and nothing was
    /// made or counted.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn create_post_as_seen(
        &self,
        owner: &OwnerId,
        new: &NewPost,
        key: Option<Key<'_>>,
        origin: &Origin,
        seen: SeenAccounts<'_>,
    ) -> Result<Option<Created>, StoreError> {
        let accounts: Vec<SeenRow<'_>> = seen.accounts.iter().map(SeenRow::from).collect();
        let call = self.creation(owner, new, key, origin);
        let call = call.with("seen", Json(accounts)).with("per_minute", seen.rate.per_minute());
        let row: PostOutcome = self.value(call).await?;
        if row.outcome == "changed" { Ok(None) } else { row.try_into().map(Some) }
    }

    fn creation<'a>(
        &self,
        owner: &'a OwnerId,
        new: &'a NewPost,
        key: Option<Key<'a>>,
        origin: &'a Origin,
    ) -> Call<'a> {
        let parking = Parking::because(ENDED);
        Call::repeatable("create_post")
            .with("owner", owner.as_str())
            .with("post", self.id())
            .with("video_url", new.video_url.as_str())
            .with("caption", new.caption.as_str())
            .with("title", new.title.as_deref())
            .with("publish_at", new.publish_at)
            .with("max_lateness", new.max_lateness)
            .with("external_id", new.external_id.as_deref())
            .with("ai_generated", new.ai_generated)
            .with("results", self.new_rows(&new.results))
            .with("code", parking.code)
            .with("message", parking.message)
            .with("key", key.map(|(key, _)| key))
            .with("hash", key.map(|(_, body_hash)| body_hash))
            .with("origin", Json(origin))
    }

    /// Returns the results of a request as the database reads them.
    pub(super) fn new_rows<'a>(&self, results: &'a [NewResult]) -> Json<Vec<NewRow<'a>>> {
        let row = |result: &'a NewResult| NewRow {
            id: self.id(),
            account: result.account.0,
            caption: result.caption.as_deref(),
            options: &result.options,
            consent: result.consent.as_ref(),
        };
        Json(results.iter().map(row).collect())
    }

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
