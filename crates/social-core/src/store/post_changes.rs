//! What owners change about their posts.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{OwnerId, Post, PostId, ResultId, StateName};
use crate::platform::ENDED;
use crate::store::holds::Parking;
use crate::store::social_posts::load;
use crate::store::{Store, StoreError, Tx};

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It was made.
    Done(Box<Post>),
    /// The owner has no such post.
    Unknown,
    /// The post is not in a state that allows it.
    Refused(&'static str),
}

/// What an owner changes about a post; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct PostEdit {
    /// The version that was edited.
    pub version: i64,
    /// Where the video is.
    pub video_url: Option<String>,
    /// What to say.
    pub caption: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// When to publish.
    pub publish_at: Option<Timestamp>,
    /// How late it may still go out, in seconds.
    pub max_lateness: Option<i64>,
}

impl PostEdit {
    /// Whether nothing but the video's address changes.
    fn is_address_only(&self) -> bool {
        let Self { version: _, video_url: _, caption, title, publish_at, max_lateness } = self;
        caption.is_none() && title.is_none() && publish_at.is_none() && max_lateness.is_none()
    }

    /// Whether the post stands so that it may be changed: so many results wait for their beginning, so many are over
    /// for good.
    fn fits(&self, before: &Post, waiting: u64, over: u64) -> bool {
        let of = |states: &[StateName]| {
            before.results.iter().filter(|result| states.contains(&result.state)).count()
        };
        let is = |count: usize, found: u64| u64::try_from(count) == Ok(found);
        let failed = of(&[StateName::Failed, StateName::Expired]);
        let open = before.results.len() - failed - of(&[StateName::Cancelled]);
        let published = of(&[StateName::Published, StateName::DeliveredToInbox]);
        let is_still = if published == 0 {
            is(open, waiting)
        } else {
            self.is_address_only() && is(open - published, waiting) && is(published, over)
        };
        is_still && (waiting > 0 || failed > 0)
    }
}

impl Store {
    /// Changes a post of which nothing has begun, or of which what was begun has failed. What has failed stays so
    /// until it is retried; what is published keeps a post from everything but another address for the video.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn edit_post(
        &self,
        owner: &OwnerId,
        post: PostId,
        edit: &PostEdit,
    ) -> Result<Changed, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let Some(before) = load(&mut tx, owner, post).await? else { return Ok(Changed::Unknown) };
        if before.version != edit.version {
            return Ok(Changed::Refused("version_conflict"));
        }
        // Takes every result of the post from the queue's reach at once, or none.
        let moved = sqlx::query!(
            r#"
            update post_results r
            set expires_at = case when $3::timestamptz is null and $4::bigint is null then r.expires_at else lapse.at end,
                -- A turn that was given is kept, unless another time is wanted.
                slot_at = case when $3 is null then r.slot_at end, updated_at = social_now(),
                due_at = case
                    when r.state = 'queued' then coalesce($3, r.due_at)
                    when r.held_reason = 'needs_reconnect' then case when $3 is null and $4 is null then r.expires_at else lapse.at end
                    else greatest(r.due_at, coalesce($3, r.due_at))
                end
            from (
                select coalesce($3, publish_at) + make_interval(secs => coalesce($4, max_lateness)) as at
                from social_posts where id = $1 and owner_id = $2
            ) lapse
            where r.post_id = $1 and r.owner_id = $2 and r.step is null and r.lease_token is null
                and r.state in ('queued', 'held')
            "#,
            post.0,
            owner.as_str(),
            edit.publish_at,
            edit.max_lateness,
        )
        .execute(&mut tx)
        .await?;
        // Nobody looks at them any more, so nobody needs the video as it was.
        let over = sqlx::query_scalar!(
            r#"
            select count(*) as "over!"
            from post_results
            where post_id = $1 and owner_id = $2 and due_at is null and lease_token is null
                and state in ('published', 'delivered_to_inbox')
            "#,
            post.0,
            owner.as_str(),
        )
        .fetch_one(&mut tx)
        .await?;
        if !edit.fits(&before, moved.rows_affected(), u64::try_from(over).unwrap_or(0)) {
            tx.rollback().await?;
            return Ok(Changed::Refused("already_begun"));
        }
        let edited = sqlx::query!(
            r#"
            update social_posts
            set video = case when $4::text is null then video end, video_url = coalesce($4, video_url),
                caption = coalesce($5, caption), title = coalesce($6, title), publish_at = coalesce($7, publish_at),
                max_lateness = coalesce($8, max_lateness), version = version + 1, updated_at = social_now()
            where id = $1 and owner_id = $2 and version = $3
            "#,
            post.0,
            owner.as_str(),
            edit.version,
            edit.video_url,
            edit.caption,
            edit.title,
            edit.publish_at,
            edit.max_lateness,
        )
        .execute(&mut tx)
        .await?;
        if edited.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(Changed::Refused("version_conflict"));
        }
        done(tx, owner, post).await
    }

    /// Calls off what can still be called off: whatever has not been sent for good. A worker that is just
    /// uploading loses its lease, so the last byte never goes out. What the platform has, but can be asked to
    /// stop, the worker will ask it to.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn cancel_post(&self, owner: &OwnerId, post: PostId) -> Result<Changed, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let cancelled = sqlx::query!(
            r#"
            update post_results
            set state = 'cancelled', due_at = null, lease_token = null, held_reason = null, error_code = null,
                error_message = null, updated_at = social_now()
            where post_id = $1 and owner_id = $2 and not in_flight and not committed
                and state in ('queued', 'publishing', 'held')
            "#,
            post.0,
            owner.as_str(),
        )
        .execute(&mut tx)
        .await?;
        let recalled = sqlx::query!(
            r#"
            update post_results
            set recall_requested = true, updated_at = social_now(),
                due_at = case when lease_token is null and state = 'processing' then social_now() else due_at end
            where post_id = $1 and owner_id = $2 and recallable and not recall_requested and not in_flight
                and state in ('processing', 'held')
            "#,
            post.0,
            owner.as_str(),
        )
        .execute(&mut tx)
        .await?;
        // A call that is out is heard to its end. If it was not the last, the next is not marked, and so not sent.
        let stopped = sqlx::query!(
            r#"
            update post_results
            set recall_requested = true, updated_at = social_now()
            where post_id = $1 and owner_id = $2 and in_flight and not committed and not recall_requested
                and state = 'publishing'
            "#,
            post.0,
            owner.as_str(),
        )
        .execute(&mut tx)
        .await?;
        if cancelled.rows_affected() + recalled.rows_affected() + stopped.rows_affected() == 0 {
            return refuse(tx, owner, post, "nothing_to_cancel").await;
        }
        touch(&mut tx, owner, post).await?;
        let changed = done(tx, owner, post).await?;
        if let Changed::Done(post) = &changed {
            let accounts: Vec<Uuid> = post.results.iter().map(|result| result.account_id.0).collect();
            self.give_turns_back(&accounts).await;
        }
        Ok(changed)
    }

    /// Begins again with what failed: a failed result is one that provably published nothing.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn retry_post(&self, owner: &OwnerId, post: PostId) -> Result<Changed, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        // Locked, so that nobody changes it meanwhile, nor looks at its video.
        sqlx::query!(
            "select from social_posts where id = $1 and owner_id = $2 for no key update",
            post.0,
            owner.as_str(),
        )
        .fetch_optional(&mut tx)
        .await?;
        let parking = Parking::because(ENDED);
        let retried = sqlx::query!(
            r#"
            with account as materialized (
                select a.id, a.status = 'active' as is_active, p.publish_at, p.max_lateness
                from social_accounts a
                join social_posts p on p.id = $1 and p.owner_id = $2
                where a.id in (select account_id from post_results where post_id = $1 and owner_id = $2)
                for share of a
            )
            update post_results r
            set state = case when account.is_active then 'queued' else 'held' end,
                held_reason = case when not account.is_active then 'needs_reconnect' end,
                due_at = case when account.is_active then greatest(social_now(), account.publish_at) end,
                slot_at = null, step = null, checkpoint = null, in_flight = false, committed = false, failures = 0,
                -- Who asks for it again wants it however late, unless a time was set that is still to come.
                expires_at = case
                    when account.publish_at > social_now()
                        then account.publish_at + make_interval(secs => account.max_lateness)
                end,
                recallable = false, recall_requested = false, rejected_version = null, publish_id = null, bytes_sent = null,
                error_code = case when not account.is_active then $3 end,
                error_message = case when not account.is_active then $4 end, updated_at = social_now()
            from account
            where r.post_id = $1 and r.owner_id = $2 and r.state in ('failed', 'expired') and account.id = r.account_id
            "#,
            post.0,
            owner.as_str(),
            parking.code,
            parking.message,
        )
        .execute(&mut tx)
        .await?;
        if retried.rows_affected() == 0 {
            return refuse(tx, owner, post, "nothing_to_retry").await;
        }
        // The file may be another one by now: it is looked at afresh, unless another result is sending it.
        sqlx::query!(
            r#"
            update social_posts
            set video = case when exists (
                    select from post_results r where r.post_id = $1 and r.owner_id = $2
                        and (r.step is not null or r.lease_token is not null)
                        and r.state in ('publishing', 'processing', 'held', 'queued', 'published', 'delivered_to_inbox')
                ) then video end,
                version = version + 1, updated_at = social_now()
            where id = $1 and owner_id = $2
            "#,
            post.0,
            owner.as_str(),
        )
        .execute(&mut tx)
        .await?;
        done(tx, owner, post).await
    }

    /// Settles a doubt by what the owner saw.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn resolve_result(
        &self,
        owner: &OwnerId,
        post: PostId,
        result: ResultId,
        is_published: bool,
    ) -> Result<Changed, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let resolved = sqlx::query!(
            r#"
            update post_results
            set state = case when $4 then 'published' else 'failed' end, held_reason = null, due_at = null,
                published_at = case when $4 then social_now() end,
                error_code = case when not $4 then 'not_published' end,
                error_message = case when not $4 then 'You said that the video is not on the account. Retry to publish it.' end,
                updated_at = social_now()
            where id = $1 and post_id = $2 and owner_id = $3
                -- An account that does not come back cannot be asked either.
                and (state = 'in_doubt' or (state = 'held' and held_reason = 'needs_reconnect' and committed))
            "#,
            result.0,
            post.0,
            owner.as_str(),
            is_published,
        )
        .execute(&mut tx)
        .await?;
        if resolved.rows_affected() == 0 {
            return refuse(tx, owner, post, "not_in_doubt").await;
        }
        touch(&mut tx, owner, post).await?;
        done(tx, owner, post).await
    }
}

async fn touch(tx: &mut Tx, owner: &OwnerId, post: PostId) -> Result<(), StoreError> {
    sqlx::query!(
        "update social_posts set version = version + 1, updated_at = social_now() where id = $1 and owner_id = $2",
        post.0,
        owner.as_str(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn done(mut tx: Tx, owner: &OwnerId, post: PostId) -> Result<Changed, StoreError> {
    let post = load(&mut tx, owner, post).await?.ok_or(StoreError::Inconsistent("social_posts"))?;
    tx.commit().await?;
    Ok(Changed::Done(Box::new(post)))
}

async fn refuse(
    mut tx: Tx,
    owner: &OwnerId,
    post: PostId,
    code: &'static str,
) -> Result<Changed, StoreError> {
    let known = load(&mut tx, owner, post).await?.is_some();
    tx.rollback().await?;
    Ok(if known { Changed::Refused(code) } else { Changed::Unknown })
}
