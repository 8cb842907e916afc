//! Results, and the queue they are.

use std::time::Duration;

use sqlx::types::Json;
use uuid::Uuid;

use crate::entropy;
use crate::model::{
    AccountId, Attempt, Checkpoint, HeldReason, OwnerId, PlatformId, PostId, Receipt, ResultId, ResultState,
    StateName,
};
use crate::platform::{self, Shows};
use crate::secret::AccessToken;
use crate::store::social_accounts::access_place;
use crate::store::{Store, StoreError, Tx, seconds, social_accounts};
use crate::vault::{Place, SealBroken};
use crate::video::PinnedVideo;

/// The right to step one result, with all that stepping it takes.
#[derive(Debug)]
pub struct Lease {
    /// The result.
    pub id: ResultId,
    /// Its post.
    pub post: PostId,
    /// Their owner.
    pub owner: OwnerId,
    /// The account it is for.
    pub account: AccountId,
    /// The account's platform.
    pub platform: PlatformId,
    /// The step to make; `None`: it has not begun.
    pub step: Option<Checkpoint>,
    /// The platform's name for the act of publishing, if it has one already.
    pub publish_id: Option<String>,
    /// Whether a `Once` call was sent and nobody said what became of it.
    pub in_flight: bool,
    /// How often the step failed in a row.
    pub failures: u32,
    /// The state it was leased in.
    pub state: StateName,
    /// The version of the account's grant that the platform rejected, if this step met that.
    pub rejected_version: Option<i64>,
    /// Where the video is.
    pub video_url: String,
    /// What to say on this account.
    pub caption: String,
    /// The title.
    pub title: Option<String>,
    /// The platform's own options.
    pub options: serde_json::Value,
    /// The video as first seen; `None`: nobody looked yet.
    pub video: Option<PinnedVideo>,
    /// The account's handle.
    pub username: Option<String>,
    /// The account's token; `None` if it needs to be connected again.
    pub access_token: Option<AccessToken>,
    /// Counts the grants the account has had.
    pub token_version: i64,
    /// Whether the access token dies within five minutes.
    pub dies_soon: bool,
    token: Uuid,
}

/// What a claim found.
#[derive(Debug)]
pub enum Leased {
    /// Work.
    Ready(Box<Lease>),
    /// A row whose secrets do not open. It was put back for five minutes: the operator must give the key.
    Unreadable(ResultId, SealBroken),
}

/// What a saved turn leaves of the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The result is still ours.
    Kept,
    /// The result is saved and nobody's.
    Released,
    /// The lease was lost before: nothing was saved, and nothing more may be sent.
    Lost,
}

fn checkpoint_place(owner: &OwnerId, row: Uuid) -> Place<'_> {
    Place { column: "post_results.checkpoint", owner: owner.as_str(), row }
}

/// The columns a state is written as.
#[derive(Default)]
struct Columns<'a> {
    step: Option<&'a Checkpoint>,
    after: Option<Duration>,
    failures: u32,
    held: Option<HeldReason>,
    receipt: Option<&'a Receipt>,
    error: Option<(&'a str, &'a str)>,
}

impl<'a> Columns<'a> {
    fn of(state: &'a ResultState) -> Self {
        match state {
            ResultState::Queued { after, failures } => {
                Self { after: Some(*after), failures: *failures, ..Self::default() }
            }
            ResultState::Publishing { step, after, failures }
            | ResultState::Processing { step, after, failures } => {
                Self { step: Some(step), after: Some(*after), failures: *failures, ..Self::default() }
            }
            ResultState::Held { step, reason, until } => {
                Self { step: step.as_ref(), after: *until, held: Some(*reason), ..Self::default() }
            }
            ResultState::Published { receipt, look_again }
            | ResultState::DeliveredToInbox { receipt, look_again } => Self {
                step: look_again.as_ref().map(|(step, _)| step),
                after: look_again.as_ref().map(|(_, after)| *after),
                receipt: Some(receipt),
                ..Self::default()
            },
            ResultState::InDoubt { step, code, message } => {
                Self { step: Some(step), error: Some((code, message)), ..Self::default() }
            }
            ResultState::Failed { code, message } => Self { error: Some((code, message)), ..Self::default() },
        }
    }
}

impl Store {
    /// Claims up to `limit` due results for `lease`, in one statement.
    ///
    /// Results under way come as they are due. Results that are to begin take turns within their account: one
    /// may begin every so often ([`platform::Pace`]), and those that are due together are given the following
    /// turns as their due times. So an account with ten thousand due results stands in nobody's way: its rows
    /// leave the head of the queue at the first look. A row whose account another claim is just looking at is
    /// left for the next.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn lease_due(&self, limit: usize, lease: Duration) -> Result<Vec<Leased>, StoreError> {
        let token = Uuid::from_bytes(entropy::bytes(&*self.entropy));
        let (platforms, spacings): (Vec<String>, Vec<f64>) = platform::WORKERS
            .iter()
            .map(|worker| (worker.id().to_string(), seconds(worker.pace().spacing)))
            .unzip();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut tx = self.begin_as_worker().await?;
        let rows = sqlx::query!(
            r#"
            with clock as materialized (
                select social_now() as now
            ),
            due as materialized (
                select id, account_id, platform, due_at, step is null and slot_at is null as wants_turn
                from post_results
                where due_at <= (select now from clock)
                order by due_at, id
                limit $1::bigint * 10
                for update skip locked
            ),
            turns as materialized (
                select a.id, greatest(a.next_start_at, (select now from clock)) as first
                from social_accounts a
                where a.id in (select account_id from due where wants_turn)
                for no key update skip locked
            ),
            ranked as materialized (
                select due.id, due.account_id, due.due_at, due.wants_turn, pace.spacing,
                    turns.first + make_interval(secs => pace.spacing * (
                        row_number() over (partition by due.account_id, due.wants_turn order by due.due_at, due.id) - 1
                    )) as turn_at
                from due
                left join turns on due.wants_turn and turns.id = due.account_id
                left join unnest($2::text[], $3::float8[]) as pace (platform, spacing) on pace.platform = due.platform
            ),
            picked as materialized (
                select id from ranked
                where not wants_turn or turn_at <= (select now from clock)
                order by due_at, id
                limit $1::bigint
            ),
            postponed as materialized (
                select id, turn_at from ranked where wants_turn and turn_at > (select now from clock)
            ),
            taken as (
                update social_accounts a
                set next_start_at = used.next
                from (
                    select account_id, max(turn_at + make_interval(secs => spacing)) as next
                    from ranked
                    where wants_turn and (id in (select id from picked) or id in (select id from postponed))
                    group by account_id
                ) used
                where a.id = used.account_id
            ),
            moved as (
                update post_results r
                set due_at = postponed.turn_at, slot_at = postponed.turn_at
                from postponed
                where r.id = postponed.id
            ),
            leased as (
                update post_results r
                set failures = failures + case when lease_token is null then 0 else 1 end,
                    lease_token = $4, due_at = clock.now + make_interval(secs => $5),
                    slot_at = coalesce(slot_at, clock.now), updated_at = clock.now
                from clock
                where r.id in (select id from picked)
                returning r.*
            )
            select r.id as "id!", r.post_id as "post_id!", r.owner_id as "owner_id!", r.account_id as "account_id!",
                r.platform as "platform!", r.state as "state!", r.step, r.checkpoint, r.publish_id, r.in_flight as "in_flight!",
                r.failures as "failures!", r.rejected_version, coalesce(r.caption, p.caption) as "caption!",
                r.options as "options!: Json<serde_json::Value>", p.video_url, p.title,
                p.video as "video: Json<PinnedVideo>", a.username, a.token_version,
                case when a.status = 'active' then a.access_token end as access_token,
                coalesce(a.token_expires_at <= (select now from clock) + interval '5 minutes', false) as "dies_soon!"
            from leased r
            join social_posts p on p.id = r.post_id
            join social_accounts a on a.id = r.account_id
            "#,
            limit,
            &platforms,
            &spacings,
            token,
            seconds(lease),
        )
        .fetch_all(&mut tx)
        .await?;
        let mut leases = Vec::with_capacity(rows.len());
        let mut unreadable = Vec::new();
        for row in rows {
            let id = ResultId(row.id);
            let owner =
                OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("post_results.owner_id"))?;
            let opened = row
                .checkpoint
                .as_deref()
                .map(|sealed| self.vault.open(checkpoint_place(&owner, row.id), sealed))
                .transpose()
                .and_then(|body| {
                    let token = row
                        .access_token
                        .as_deref()
                        .map(|sealed| self.vault.open(access_place(owner.as_str(), row.account_id), sealed))
                        .transpose()?;
                    Ok((body, token))
                });
            let (body, access_token) = match opened {
                Ok(opened) => opened,
                Err(broken) => {
                    unreadable.push(row.id);
                    leases.push(Leased::Unreadable(id, broken));
                    continue;
                }
            };
            leases.push(Leased::Ready(Box::new(Lease {
                id,
                post: PostId(row.post_id),
                account: AccountId(row.account_id),
                platform: PlatformId::named(row.platform),
                step: row.step.zip(body).map(|(name, body)| Checkpoint { name, body }),
                publish_id: row.publish_id,
                in_flight: row.in_flight,
                failures: u32::try_from(row.failures).unwrap_or_default(),
                state: StateName::named(&row.state).ok_or(StoreError::Inconsistent("post_results.state"))?,
                rejected_version: row.rejected_version,
                video_url: row.video_url,
                caption: row.caption,
                title: row.title,
                options: row.options.0,
                video: row.video.map(|video| video.0),
                username: row.username,
                access_token: access_token.map(AccessToken::new),
                token_version: row.token_version,
                dies_soon: row.dies_soon,
                owner,
                token,
            })));
        }
        if !unreadable.is_empty() {
            sqlx::query!(
                "update post_results set lease_token = null, due_at = social_now() + interval '5 minutes' where id = any($1)",
                &unreadable,
            )
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(leases)
    }

    /// Puts a result back as it is, to be leased again when somebody has the time.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn put_back(&self, lease: &Lease, after: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!(
            r#"
            update post_results
            set lease_token = null, due_at = social_now() + make_interval(secs => $3), updated_at = social_now()
            where id = $1 and lease_token = $2
            "#,
            lease.id.0,
            lease.token,
            seconds(after),
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stops looking again at a result that is over.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn stop_looking(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!(
            r#"
            update post_results
            set lease_token = null, due_at = null, step = null, checkpoint = null, in_flight = false, failures = 0,
                updated_at = social_now()
            where id = $1 and lease_token = $2 and state in ('published', 'delivered_to_inbox')
            "#,
            lease.id.0,
            lease.token,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes, before a `Once` call is sent, that it will be, and for which step: whoever finds this mark knows
    /// that it may have been sent. `false`: the lease is lost, and it must not be sent.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn mark_in_flight(&self, lease: &Lease, step: &Checkpoint) -> Result<bool, StoreError> {
        let sealed = self.vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body);
        let mut tx = self.begin_as_worker().await?;
        let marked = sqlx::query!(
            r#"
            update post_results
            set in_flight = true, step = $3, checkpoint = $4,
                state = case when state in ('queued', 'held') then 'publishing' else state end, held_reason = null,
                updated_at = social_now()
            where id = $1 and lease_token = $2 and not in_flight and due_at > social_now()
            "#,
            lease.id.0,
            lease.token,
            step.name,
            sealed,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(marked.rows_affected() == 1)
    }

    /// Saves a turn and its ledger entry in one statement, fenced by the lease. With `keep`, the lease goes on
    /// for that long; otherwise the result is nobody's.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save(
        &self,
        lease: &mut Lease,
        state: &ResultState,
        shows: &Shows,
        attempt: Option<&Attempt>,
        keep: Option<Duration>,
    ) -> Result<Saved, StoreError> {
        let columns = Columns::of(state);
        let sealed =
            columns.step.map(|step| self.vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body));
        let receipt = columns.receipt.cloned().unwrap_or_default();
        let publish_id = receipt.publish_id.or_else(|| shows.publish_id.clone());
        let total = lease.video.as_ref().map(|video| video.file.size);
        let done = matches!(state, ResultState::Processing { .. } | ResultState::Published { .. })
            .then_some(total)
            .flatten();
        let bytes_sent = done.or(shows.bytes_sent);
        let mut tx = self.begin_as_worker().await?;
        let saved = sqlx::query_scalar!(
            r#"
            with saved as (
                update post_results
                set state = $3, due_at = social_now() + make_interval(secs => $4),
                    lease_token = case when $5 then lease_token end,
                    step = $6, checkpoint = $7, in_flight = false, failures = $8, rejected_version = $9,
                    slot_at = case when $3 = 'held' then null else slot_at end,
                    publish_id = coalesce($10, publish_id),
                    platform_post_id = coalesce($11, platform_post_id), platform_url = coalesce($12, platform_url),
                    bytes_sent = coalesce($13, bytes_sent), bytes_total = coalesce($14, bytes_total),
                    held_reason = $15, error_code = $16, error_message = $17,
                    published_at = case when $3 = 'published' then coalesce(published_at, social_now()) end,
                    updated_at = social_now()
                where id = $1 and lease_token = $2
                returning id, post_id, owner_id
            ),
            noted as (
                insert into publish_attempts
                    (result_id, post_id, owner_id, at, step, effect, outcome, http_status, platform_code, log_id, bytes, duration_ms)
                select id, post_id, owner_id, social_now(), $18, $19, $20, $21, $22, $23, $24, $25
                from saved
                where $18::text is not null
            )
            select count(*) as "saved!" from saved
            "#,
            lease.id.0,
            lease.token,
            state.name().name(),
            keep.or(columns.after).map(seconds),
            keep.is_some(),
            columns.step.map(|step| step.name.as_str()),
            sealed,
            i32::try_from(columns.failures).unwrap_or(i32::MAX),
            lease.rejected_version,
            publish_id,
            receipt.post_id,
            receipt.url,
            bytes_sent.map(bigint),
            total.map(bigint),
            columns.held.map(HeldReason::name),
            columns.error.map(|(code, _)| code),
            columns.error.map(|(_, message)| message),
            attempt.map(|attempt| attempt.step.as_str()),
            attempt.map(|attempt| attempt.effect.name()),
            attempt.map(|attempt| attempt.outcome.name()),
            attempt.and_then(|attempt| attempt.http_status.map(i32::from)),
            attempt.and_then(|attempt| attempt.code.as_deref()),
            attempt.and_then(|attempt| attempt.log_id.as_deref()),
            attempt.and_then(|attempt| attempt.bytes.map(bigint)),
            attempt.map_or(0, |attempt| i64::try_from(attempt.duration.as_millis()).unwrap_or(i64::MAX)),
        )
        .fetch_one(&mut tx)
        .await?;
        if saved == 0 {
            tx.rollback().await?;
            return Ok(Saved::Lost);
        }
        if let ResultState::Held { reason, until, .. } = state {
            hold_siblings(&mut tx, lease, *reason, *until).await?;
        }
        if publish_id.is_some() && publish_id != lease.publish_id {
            nudge_if_announced(&mut tx, lease, publish_id.as_deref()).await?;
        }
        tx.commit().await?;
        lease.step = columns.step.cloned();
        lease.failures = columns.failures;
        lease.state = state.name();
        lease.in_flight = false;
        lease.publish_id = publish_id.or_else(|| lease.publish_id.take());
        Ok(if keep.is_some() { Saved::Kept } else { Saved::Released })
    }

    /// How long the oldest due result has been waiting, in seconds.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn oldest_due(&self) -> Result<i64, StoreError> {
        let mut tx = self.begin_as_worker().await?;
        let age = sqlx::query_scalar!(
            r#"
            select coalesce(extract(epoch from social_now() - min(due_at)), 0)::bigint as "age!"
            from post_results
            where due_at is not null
            "#,
        )
        .fetch_one(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(age.max(0))
    }
}

/// A webhook may have named this publish before we could: then the platform has news, so look at once.
async fn nudge_if_announced(tx: &mut Tx, lease: &Lease, publish_id: Option<&str>) -> Result<(), sqlx::Error> {
    let announced = sqlx::query!(
        "update received_webhooks set applied = true where publish_id = $1 and platform = $2 and not applied",
        publish_id,
        lease.platform.as_str(),
    )
    .execute(&mut *tx)
    .await?;
    if announced.rows_affected() > 0 {
        sqlx::query!(
            r#"
            update post_results set due_at = social_now()
            where id = $1 and lease_token is null and state in ('publishing', 'processing')
            "#,
            lease.id.0,
        )
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// Holds what else the account has waiting: a window is the account's, not the result's.
async fn hold_siblings(
    tx: &mut Tx,
    lease: &Lease,
    reason: HeldReason,
    until: Option<Duration>,
) -> Result<(), sqlx::Error> {
    let Some(until) = until else { return social_accounts::park(tx, lease.account.0).await };
    sqlx::query!(
        r#"
        update post_results
        set state = 'held', held_reason = $2, due_at = social_now() + make_interval(secs => $3), slot_at = null,
            updated_at = social_now()
        where account_id = $1 and state = 'queued' and lease_token is null
            and due_at < social_now() + make_interval(secs => $3)
        "#,
        lease.account.0,
        reason.name(),
        seconds(until),
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
