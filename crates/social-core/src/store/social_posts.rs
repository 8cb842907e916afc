//! What users asked for, and what they change about it.

use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{
    AccountId, HeldReason, NewPost, OwnerId, PlatformId, Post, PostId, PostResult, ResultError, ResultId,
    StateName,
};
use crate::platform::ENDED;
use crate::store::holds::Parking;
use crate::store::{Store, StoreError, Tx};
use crate::video::PinnedVideo;

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

struct PostRow {
    id: Uuid,
    owner_id: String,
    video_url: String,
    caption: String,
    title: Option<String>,
    publish_at: Timestamp,
    max_lateness: Option<i64>,
    external_id: Option<String>,
    ai_generated: Option<bool>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

struct ResultRow {
    id: Uuid,
    post_id: Uuid,
    account_id: Uuid,
    platform: String,
    caption: Option<String>,
    options: Json<serde_json::Value>,
    state: String,
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
            options: row.options.0,
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

/// Joins posts with their results, which come in the order they were asked for.
fn assemble(posts: Vec<PostRow>, results: Vec<ResultRow>) -> Result<Vec<Post>, StoreError> {
    let mut of_post = std::collections::HashMap::<Uuid, Vec<PostResult>>::new();
    for row in results {
        of_post.entry(row.post_id).or_default().push(row.try_into()?);
    }
    posts
        .into_iter()
        .map(|row| {
            Ok(Post {
                id: PostId(row.id),
                owner: OwnerId::new(&row.owner_id)
                    .ok_or(StoreError::Inconsistent("social_posts.owner_id"))?,
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
                results: of_post.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}

async fn results_of(tx: &mut Tx, posts: &[Uuid], owner: &OwnerId) -> Result<Vec<ResultRow>, sqlx::Error> {
    sqlx::query_as!(
        ResultRow,
        r#"
        select id, post_id, account_id, platform, caption, options as "options: Json<serde_json::Value>", state, due_at,
            lease_token is not null as "leased!", coalesce(due_at >= expires_at, false) as "lapses!", step, publish_id,
            platform_post_id, platform_url, bytes_sent, bytes_total, held_reason, error_code, error_message,
            not (in_flight and (committed or recall_requested))
                and case when committed then recallable and not recall_requested and state in ('processing', 'held')
                    else state in ('queued', 'publishing', 'held') end as "cancellable!", published_at
        from post_results
        where post_id = any($1) and owner_id = $2
        order by id
        "#,
        posts,
        owner.as_str(),
    )
    .fetch_all(tx)
    .await
}

pub(super) async fn load(tx: &mut Tx, owner: &OwnerId, post: PostId) -> Result<Option<Post>, StoreError> {
    let row = sqlx::query_as!(
        PostRow,
        r#"
        select id, owner_id, video_url, caption, title, publish_at, max_lateness, external_id, ai_generated, version,
            created_at, updated_at
        from social_posts
        where id = $1 and owner_id = $2
        "#,
        post.0,
        owner.as_str(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let results = results_of(tx, &[post.0], owner).await?;
    Ok(assemble(vec![row], results)?.pop())
}

async fn find_by_key(
    tx: &mut Tx,
    owner: &OwnerId,
    key: &str,
    body_hash: &[u8],
) -> Result<Option<Created>, StoreError> {
    let row = sqlx::query!(
        "select post_id, body_hash from idempotency_keys where owner_id = $1 and key = $2",
        owner.as_str(),
        key,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.body_hash != body_hash {
        return Ok(Some(Created::KeyReused));
    }
    let post = load(tx, owner, PostId(row.post_id)).await?;
    post.map(Created::Same).map(Some).ok_or(StoreError::Inconsistent("idempotency_keys.post_id"))
}

impl Store {
    /// What a key was used for before, if it was.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn created_before(
        &self,
        owner: &OwnerId,
        key: &str,
        body_hash: &[u8],
    ) -> Result<Option<Created>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let before = find_by_key(&mut tx, owner, key, body_hash).await?;
        tx.commit().await?;
        Ok(before)
    }

    /// Makes a post with its results, once per idempotency key.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn create_post(
        &self,
        owner: &OwnerId,
        new: &NewPost,
        key: Option<(&str, &[u8])>,
    ) -> Result<Created, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let post = PostId(self.id());
        sqlx::query!(
            r#"
            insert into social_posts
                (id, owner_id, video_url, caption, title, publish_at, max_lateness, external_id, ai_generated,
                created_at, updated_at)
            values ($1, $2, $3, $4, $5, coalesce($6, social_now()), $7, $8, $9, social_now(), social_now())
            "#,
            post.0,
            owner.as_str(),
            new.video_url,
            new.caption,
            new.title,
            new.publish_at,
            new.max_lateness,
            new.external_id,
            new.ai_generated,
        )
        .execute(&mut tx)
        .await?;
        self.insert_results(&mut tx, owner, post, new).await?;
        if let Some((key, body_hash)) = key {
            let kept = sqlx::query!(
                r#"
                insert into idempotency_keys (owner_id, key, body_hash, post_id, created_at)
                values ($1, $2, $3, $4, social_now())
                on conflict (owner_id, key) do nothing
                "#,
                owner.as_str(),
                key,
                body_hash,
                post.0,
            )
            .execute(&mut tx)
            .await?;
            if kept.rows_affected() == 0 {
                // The same request, at the same moment, was faster: its post is the answer, ours never was.
                tx.rollback().await?;
                let mut tx = self.begin_as(owner).await?;
                let before = find_by_key(&mut tx, owner, key, body_hash).await?;
                tx.commit().await?;
                return before.ok_or(StoreError::Inconsistent("idempotency_keys"));
            }
        }
        let post = load(&mut tx, owner, post).await?.ok_or(StoreError::Inconsistent("social_posts"))?;
        tx.commit().await?;
        Ok(Created::New(post))
    }

    #[expect(clippy::as_conversions, reason = "sqlx's way to state a parameter's type")]
    async fn insert_results(
        &self,
        tx: &mut Tx,
        owner: &OwnerId,
        post: PostId,
        new: &NewPost,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = new.results.iter().map(|_| self.id()).collect();
        let accounts: Vec<Uuid> = new.results.iter().map(|result| result.account.0).collect();
        let captions: Vec<Option<String>> = new.results.iter().map(|result| result.caption.clone()).collect();
        let options: Vec<serde_json::Value> =
            new.results.iter().map(|result| result.options.clone()).collect();
        let parking = Parking::because(ENDED);
        // The accounts are joined under their owner: nobody publishes to another's.
        let made = sqlx::query!(
            r#"
            insert into post_results
                (id, post_id, owner_id, account_id, platform, caption, options, state, due_at, expires_at, held_reason,
                error_code, error_message, created_at, updated_at)
            select n.id, p.id, p.owner_id, a.id, a.platform, n.caption, n.options,
                case when a.status = 'active' then 'queued' else 'held' end,
                case when a.status = 'active' then p.publish_at else p.publish_at + make_interval(secs => p.max_lateness) end,
                p.publish_at + make_interval(secs => p.max_lateness),
                case when a.status <> 'active' then 'needs_reconnect' end,
                case when a.status <> 'active' then $7 end, case when a.status <> 'active' then $8 end,
                p.created_at, p.created_at
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) as n (id, account_id, caption, options)
            join social_accounts a on a.id = n.account_id and a.owner_id = $6
            join social_posts p on p.id = $5 and p.owner_id = $6
            for share of a
            "#,
            &ids,
            &accounts,
            &captions as &[Option<String>],
            &options,
            post.0,
            owner.as_str(),
            parking.code,
            parking.message,
        )
        .execute(tx)
        .await?;
        if made.rows_affected() == u64::try_from(ids.len()).unwrap_or(u64::MAX) {
            Ok(())
        } else {
            Err(StoreError::Inconsistent("post_results"))
        }
    }

    /// An owner's post.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn post(&self, owner: &OwnerId, post: PostId) -> Result<Option<Post>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let post = load(&mut tx, owner, post).await?;
        tx.commit().await?;
        Ok(post)
    }

    /// An owner's posts, newest first, from before `before`.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn posts(
        &self,
        owner: &OwnerId,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Post>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let rows = sqlx::query_as!(
            PostRow,
            r#"
            select id, owner_id, video_url, caption, title, publish_at, max_lateness, external_id, ai_generated, version,
            created_at, updated_at
            from social_posts
            where owner_id = $1 and ($2::uuid is null or id < $2)
            order by id desc
            limit $3
            "#,
            owner.as_str(),
            before,
            limit,
        )
        .fetch_all(&mut tx)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let results = results_of(&mut tx, &ids, owner).await?;
        tx.commit().await?;
        assemble(rows, results)
    }

    /// Notes what the video was when first seen; the first to see it decides, for all results of the post.
    /// `None`: the post's URL was changed meanwhile, so this is not its video.
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
        let mut tx = self.begin_as(owner).await?;
        let pinned = sqlx::query_scalar!(
            r#"
            update social_posts set video = coalesce(video, $3)
            where id = $1 and owner_id = $2 and video_url = $4
            returning video as "video!: Json<PinnedVideo>"
            "#,
            post.0,
            owner.as_str(),
            Json(video) as _,
            url,
        )
        .fetch_optional(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(pinned.map(|pinned| pinned.0))
    }
}
