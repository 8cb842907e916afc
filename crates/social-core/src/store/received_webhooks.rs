//! Webhooks as received. One that names a publish we do not know yet is parked, not dropped.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::http::Effect;
use crate::model::{AttemptOutcome, Checkpoint, OwnerId, PlatformId, PublishEvent, StateName};
use crate::platform::ENDED;
use crate::store::holds::Parking;
use crate::store::post_results::checkpoint_place;
use crate::store::{Store, StoreError, Tx, holds};

/// A verified delivery.
#[derive(Debug)]
pub struct ReceivedWebhook<'a> {
    /// SHA-256 of the raw body: deliveries carry no id, so equal bodies are one delivery.
    pub body_hash: &'a [u8],
    /// Who sent it.
    pub platform: &'a PlatformId,
    /// Our client at the platform.
    pub client_id: &'a str,
    /// The account it is about, by its id there.
    pub remote_id: Option<&'a str>,
    /// The event's name.
    pub name: &'a str,
    /// What happened.
    pub event: &'a PublishEvent,
    /// When, by the platform's clock.
    pub created_at: Timestamp,
}

/// The step that asks for the link of a post, from the step that was next, the publish and its account's handle. It only
/// reads.
pub type LinkLook = dyn Fn(Option<&Checkpoint>, &str, Option<&str>) -> Checkpoint + Sync;

/// How the link of a post is had.
pub struct PostLinks<'a> {
    /// Its address, from its account's handle and its id.
    pub address: &'a (dyn Fn(&str, &str) -> String + Sync),
    /// The step that asks for it.
    pub look: &'a LinkLook,
}

impl std::fmt::Debug for PostLinks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostLinks")
    }
}

/// A result whose publish a webhook names.
struct Named {
    id: Uuid,
    owner_id: String,
    username: Option<String>,
    state: String,
    step: Option<String>,
    checkpoint: Option<String>,
    is_due: bool,
    has_link: bool,
    has_video: bool,
}

impl Store {
    /// Records a delivery and applies it, once.
    ///
    /// Polling is its equal: whichever comes second finds nothing left to do.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn receive_webhook(
        &self,
        webhook: &ReceivedWebhook<'_>,
        links: &PostLinks<'_>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        let post_id = match webhook.event {
            PublishEvent::PubliclyAvailable { post_id, .. } => Some(post_id.as_str()),
            _ => None,
        };
        let new = sqlx::query!(
            r#"
            insert into received_webhooks
                (body_hash, platform, account_id, event, publish_id, post_id, received_at, applied)
            values ($1, $2, $3, $4, $5, $6, social_now(), $5::text is null)
            on conflict (body_hash) do nothing
            "#,
            webhook.body_hash,
            webhook.platform.as_str(),
            webhook.remote_id,
            webhook.name,
            webhook.event.publish_id(),
            post_id,
        )
        .execute(&mut tx)
        .await?;
        if new.rows_affected() == 1 {
            match (webhook.event, webhook.event.publish_id()) {
                (PublishEvent::AuthorizationRemoved, _) => end_grants(&mut tx, webhook).await?,
                (_, Some(publish_id)) => self.apply(&mut tx, webhook, publish_id, links).await?,
                (_, None) => {}
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The platform's word that a grant has ended, unless the account was connected again since.
async fn end_grants(tx: &mut Tx, webhook: &ReceivedWebhook<'_>) -> Result<(), sqlx::Error> {
    let ended = sqlx::query_scalar!(
        r#"
        update social_accounts
        set status = 'needs_reconnect', refresh_lease = null, refresh_leased_until = null, updated_at = social_now()
        where platform = $1 and account_id = $2 and client_id = $3 and status = 'active' and connected_at < $4
        returning id
        "#,
        webhook.platform.as_str(),
        webhook.remote_id,
        webhook.client_id,
        webhook.created_at,
    )
    .fetch_all(&mut *tx)
    .await?;
    for account in ended {
        holds::park(tx, account, &Parking::because(ENDED)).await?;
    }
    Ok(())
}

/// A call that began to publish was sent, and its answer with the publish id was lost. If the platform now tells of
/// a publish that nobody knows, and just one result of the account lacks its own, it is that one's. With two, nobody
/// can tell; and of failures it is not believed, because what failed is tried again.
async fn name_lost_publish(
    tx: &mut Tx,
    webhook: &ReceivedWebhook<'_>,
    publish_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        with lost as materialized (
            select r.id
            from post_results r
            join social_accounts a on a.id = r.account_id
            join social_posts p on p.id = r.post_id
            where a.platform = $2 and a.account_id = $3 and r.publish_id is null
                and (r.state = 'in_doubt' or r.in_flight)
                and $4 between greatest(p.publish_at, r.created_at) - interval '5 minutes'
                    and r.updated_at + interval '1 day'
            for no key update of r
        )
        update post_results r set publish_id = $1
        from lost
        where r.id = lost.id and (select count(*) from lost) = 1
            and not exists (select from post_results known where known.publish_id = $1)
        "#,
        publish_id,
        webhook.platform.as_str(),
        webhook.remote_id,
        webhook.created_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A call that is out, and of which nobody will say what came of it now that the platform has: it is in the ledger all
/// the same, as one whose sender was lost.
async fn note_call_under_way(tx: &mut Tx, result: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into publish_attempts (result_id, post_id, owner_id, at, step, effect, outcome, duration_ms)
        select id, post_id, owner_id, social_now(), step, $2, $3, 0
        from post_results
        where id = $1 and in_flight
        "#,
        result,
        Effect::Once.name(),
        AttemptOutcome::Crashed.name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The results of the publish that a webhook names.
async fn named(
    tx: &mut Tx,
    webhook: &ReceivedWebhook<'_>,
    publish_id: &str,
) -> Result<Vec<Named>, sqlx::Error> {
    sqlx::query_as!(
        Named,
        r#"
        select r.id, r.owner_id, a.username, r.state, r.step, r.checkpoint, r.due_at is not null as "is_due!",
            r.platform_url is not null as "has_link!", p.video is not null as "has_video!"
        from post_results r
        join social_accounts a on a.id = r.account_id
        join social_posts p on p.id = r.post_id
        where r.publish_id = $1 and r.platform = $2 and ($3::text is null or a.account_id = $3)
        for no key update of r
        "#,
        publish_id,
        webhook.platform.as_str(),
        webhook.remote_id,
    )
    .fetch_all(tx)
    .await
}

/// A look at what is over: a step that only asks, sealed.
struct Look {
    step: String,
    checkpoint: String,
}

impl Store {
    /// Applies an event to the results of its publish. A worker that is just asking the platform loses its lease:
    /// the platform has told.
    async fn apply(
        &self,
        tx: &mut Tx,
        webhook: &ReceivedWebhook<'_>,
        publish_id: &str,
        links: &PostLinks<'_>,
    ) -> Result<(), StoreError> {
        if webhook.event.is_success() {
            name_lost_publish(tx, webhook, publish_id).await?;
        }
        let results = named(tx, webhook, publish_id).await?;
        for result in &results {
            if webhook.event.is_success() {
                note_call_under_way(tx, result.id).await?;
            }
            let look = self.look(result, publish_id, links)?;
            match webhook.event {
                PublishEvent::Complete { .. } => publish(tx, result, None, None, look).await?,
                PublishEvent::PubliclyAvailable { post_id, .. } => {
                    let url = result.username.as_deref().map(|handle| (links.address)(handle, post_id));
                    publish(tx, result, Some(post_id), url, look).await?;
                }
                PublishEvent::InboxDelivered { .. } => deliver(tx, result, look).await?,
                PublishEvent::Failed { .. } => ask_now(tx, result).await?,
                PublishEvent::NoLongerPublic { .. }
                | PublishEvent::AuthorizationRemoved
                | PublishEvent::Other => {}
            }
        }
        if !results.is_empty() {
            sqlx::query!(
                "update received_webhooks set applied = true where body_hash = $1",
                webhook.body_hash
            )
            .execute(tx)
            .await?;
        }
        Ok(())
    }

    /// The look that finds the link of a result, if it lacks one and there is a video to look with.
    fn look(
        &self,
        result: &Named,
        publish_id: &str,
        links: &PostLinks<'_>,
    ) -> Result<Option<Look>, StoreError> {
        if result.has_link || !result.has_video {
            return Ok(None);
        }
        let owner =
            OwnerId::new(&result.owner_id).ok_or(StoreError::Inconsistent("post_results.owner_id"))?;
        let place = checkpoint_place(&owner, result.id);
        // One that does not open knows nothing that could not be done without.
        let next = result.step.as_ref().zip(result.checkpoint.as_ref()).and_then(|(name, sealed)| {
            Some(Checkpoint { name: name.clone(), body: self.vault.open(place, sealed).ok()? })
        });
        let look = (links.look)(next.as_ref(), publish_id, result.username.as_deref());
        Ok(Some(Look { checkpoint: self.vault.seal(place, &look.body), step: look.name }))
    }
}

/// It is published. Whatever was to be done next is never done; what there is left to know is asked for.
async fn publish(
    tx: &mut Tx,
    result: &Named,
    post_id: Option<&str>,
    url: Option<String>,
    look: Option<Look>,
) -> Result<(), sqlx::Error> {
    let look = look.filter(|_| url.is_none());
    let is_looking = |look: &Look| {
        result.state == StateName::Published.name()
            && result.is_due
            && result.step.as_ref() == Some(&look.step)
    };
    if post_id.is_none() && look.as_ref().is_some_and(is_looking) {
        // The platform had told us already: the look comes when it was to come.
        return Ok(());
    }
    let (step, checkpoint) = look.map(|look| (look.step, look.checkpoint)).unzip();
    sqlx::query!(
        r#"
        update post_results
        set state = 'published', published_at = coalesce(published_at, social_now()),
            platform_post_id = coalesce($2, platform_post_id), platform_url = coalesce($3, platform_url),
            bytes_sent = bytes_total, in_flight = false, lease_token = null, failures = 0, held_reason = null,
            error_code = null, error_message = null, due_at = case when $4::text is not null then social_now() end,
            step = $4, checkpoint = $5, updated_at = social_now()
        where id = $1 and state <> 'queued'
        "#,
        result.id,
        post_id,
        url,
        step,
        checkpoint,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A draft lies in the inbox. Whether its owner posts it is looked for from now on.
async fn deliver(tx: &mut Tx, result: &Named, look: Option<Look>) -> Result<(), sqlx::Error> {
    let (step, checkpoint) = look.map(|look| (look.step, look.checkpoint)).unzip();
    sqlx::query!(
        r#"
        update post_results
        set state = 'delivered_to_inbox', in_flight = false, lease_token = null, failures = 0, held_reason = null,
            error_code = null, error_message = null, due_at = case when $2::text is not null then social_now() end,
            step = $2, checkpoint = $3, bytes_sent = bytes_total, updated_at = social_now()
        where id = $1 and state in ('publishing', 'processing', 'held', 'in_doubt')
        "#,
        result.id,
        step,
        checkpoint,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// It has failed: the status tells the reason and whether to begin again, so it is asked now.
async fn ask_now(tx: &mut Tx, result: &Named) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update post_results set due_at = social_now(), updated_at = social_now()
        where id = $1 and lease_token is null and state in ('publishing', 'processing')
        "#,
        result.id,
    )
    .execute(tx)
    .await?;
    Ok(())
}
