//! Results: what each turn leaves of them.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{AccountStatus, Attempt, Checkpoint, HeldReason, OwnerId, Receipt, ResultState};
use crate::platform::Shows;
use crate::store::{Lease, Store, StoreError, Tx, seconds, social_accounts};
use crate::vault::Place;

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

pub(super) fn checkpoint_place(owner: &OwnerId, row: Uuid) -> Place<'_> {
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
            ResultState::Held { step, reason, until, code, message } => Self {
                step: step.as_ref(),
                after: *until,
                held: Some(*reason),
                error: Some((code, message)),
                ..Self::default()
            },
            ResultState::Published { receipt, look_again, failures }
            | ResultState::DeliveredToInbox { receipt, look_again, failures } => Self {
                failures: *failures,
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
        let asked_at = self.clock.now();
        let mut tx = self.begin_as_worker().await?;
        let saved = sqlx::query_scalar!(
            r#"
            with saved as (
                update post_results
                set state = $3, due_at = social_now() + make_interval(secs => $4),
                    lease_token = case when $5 then lease_token end,
                    step = $6, checkpoint = $7, in_flight = false, committed = $26, failures = $8, rejected_version = $9,
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
            shows.committed,
        )
        .fetch_one(&mut tx)
        .await?;
        if saved == 0 {
            tx.rollback().await?;
            return Ok(Saved::Lost);
        }
        if let ResultState::Held { reason, until, code, message, .. } = state {
            match until {
                Some(until) => hold_siblings(&mut tx, lease, *reason, *until, (code, message)).await?,
                None => park_unless_connected(&mut tx, lease).await?,
            }
        }
        if publish_id.is_some() && publish_id != lease.publish_id {
            nudge_if_announced(&mut tx, lease, publish_id.as_deref()).await?;
        }
        tx.commit().await?;
        if let Some(keep) = keep {
            lease.until = Deadline::after(asked_at, keep);
        }
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

/// Parks what else the account has under way, unless its owner has connected it again since: then this result
/// goes on as well.
async fn park_unless_connected(tx: &mut Tx, lease: &Lease) -> Result<(), sqlx::Error> {
    // Locked, so that a connection just being made either sees the parked results or is seen here.
    let status =
        sqlx::query_scalar!("select status from social_accounts where id = $1 for share", lease.account.0)
            .fetch_one(&mut *tx)
            .await?;
    if status == AccountStatus::Active.name() {
        social_accounts::release(tx, lease.account.0).await
    } else {
        social_accounts::park(tx, lease.account.0).await
    }
}

/// Holds what else the account has waiting: a window is the account's, not the result's.
async fn hold_siblings(
    tx: &mut Tx,
    lease: &Lease,
    reason: HeldReason,
    until: Duration,
    (code, message): (&str, &str),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        update post_results
        set state = 'held', held_reason = $2, due_at = social_now() + make_interval(secs => $3), slot_at = null,
            error_code = $4, error_message = $5, updated_at = social_now()
        where account_id = $1 and state = 'queued' and lease_token is null
            and due_at < social_now() + make_interval(secs => $3)
        "#,
        lease.account.0,
        reason.name(),
        seconds(until),
        code,
        message,
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
