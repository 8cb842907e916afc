//! Webhooks as received. One that names a publish we do not know yet is parked, not dropped.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::http::Effect;
use crate::model::{AttemptOutcome, PlatformId, PublishEvent};
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

impl Store {
    /// Records a delivery and applies it, once. `link` makes the address of a post from its account's handle.
    ///
    /// Polling is its equal: whichever comes second finds nothing left to do.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn receive_webhook(
        &self,
        webhook: &ReceivedWebhook<'_>,
        link: &(dyn Fn(&str, &str) -> String + Sync),
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
                (event, Some(publish_id)) => apply(&mut tx, webhook, event, publish_id, link).await?,
                (_, None) => {}
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// A webhook may have named this publish before we could: then the platform has news, so look at once.
pub(super) async fn nudge_if_announced(
    tx: &mut Tx,
    result: Uuid,
    platform: &PlatformId,
    publish_id: Option<&str>,
) -> Result<(), sqlx::Error> {
    let announced = sqlx::query!(
        "update received_webhooks set applied = true where publish_id = $1 and platform = $2 and not applied",
        publish_id,
        platform.as_str(),
    )
    .execute(&mut *tx)
    .await?;
    if announced.rows_affected() > 0 {
        sqlx::query!(
            r#"
            update post_results set due_at = social_now()
            where id = $1 and lease_token is null and state in ('publishing', 'processing')
            "#,
            result,
        )
        .execute(tx)
        .await?;
    }
    Ok(())
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
        holds::park(tx, account).await?;
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

/// Applies an event to the results of its publish. A worker that is just asking the platform loses its lease:
/// the platform has told.
async fn apply(
    tx: &mut Tx,
    webhook: &ReceivedWebhook<'_>,
    event: &PublishEvent,
    publish_id: &str,
    link: &(dyn Fn(&str, &str) -> String + Sync),
) -> Result<(), sqlx::Error> {
    if event.is_success() {
        name_lost_publish(tx, webhook, publish_id).await?;
    }
    let results = sqlx::query!(
        r#"
        select r.id, a.username
        from post_results r
        join social_accounts a on a.id = r.account_id
        where r.publish_id = $1 and r.platform = $2 and ($3::text is null or a.account_id = $3)
        for no key update of r
        "#,
        publish_id,
        webhook.platform.as_str(),
        webhook.remote_id,
    )
    .fetch_all(&mut *tx)
    .await?;
    for result in &results {
        let (post_id, url) = match event {
            PublishEvent::PubliclyAvailable { post_id, .. } => {
                (Some(post_id.as_str()), result.username.as_deref().map(|handle| link(handle, post_id)))
            }
            _ => (None, None),
        };
        if event.is_success() {
            note_call_under_way(tx, result.id).await?;
        }
        match event {
            PublishEvent::Complete { .. } | PublishEvent::PubliclyAvailable { .. } => {
                sqlx::query!(
                    r#"
                    update post_results
                    set state = 'published', published_at = coalesce(published_at, social_now()),
                        platform_post_id = coalesce($2, platform_post_id), platform_url = coalesce($3, platform_url),
                        bytes_sent = bytes_total, in_flight = false, lease_token = null, failures = 0, held_reason = null,
                        error_code = null, error_message = null,
                        -- A step that asks may ask for what else there is to know; any other is never made again.
                        due_at = case when committed and step is not null and $2::text is null then social_now() end,
                        step = case when committed then step end,
                        checkpoint = case when committed then checkpoint end,
                        updated_at = social_now()
                    where id = $1
                        and state <> 'queued'
                    "#,
                    result.id,
                    post_id,
                    url,
                )
                .execute(&mut *tx)
                .await?;
            }
            PublishEvent::InboxDelivered { .. } => {
                sqlx::query!(
                    r#"
                    update post_results
                    set state = 'delivered_to_inbox', in_flight = false, lease_token = null, failures = 0,
                        held_reason = null, error_code = null, error_message = null, due_at = null,
                        bytes_sent = bytes_total, updated_at = social_now()
                    where id = $1 and state in ('publishing', 'processing', 'held', 'in_doubt')
                    "#,
                    result.id,
                )
                .execute(&mut *tx)
                .await?;
            }
            // The status tells the reason and whether to begin again: ask it now.
            PublishEvent::Failed { .. } => {
                sqlx::query!(
                    r#"
                    update post_results set due_at = social_now(), updated_at = social_now()
                    where id = $1 and lease_token is null and state in ('publishing', 'processing')
                    "#,
                    result.id,
                )
                .execute(&mut *tx)
                .await?;
            }
            PublishEvent::NoLongerPublic { .. }
            | PublishEvent::AuthorizationRemoved
            | PublishEvent::Other => {}
        }
    }
    if !results.is_empty() {
        sqlx::query!("update received_webhooks set applied = true where body_hash = $1", webhook.body_hash)
            .execute(tx)
            .await?;
    }
    Ok(())
}
