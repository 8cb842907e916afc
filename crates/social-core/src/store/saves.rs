//! Saving turns: a result as the turn leaves it, with its ledger entries.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{Attempt, Checkpoint, HeldReason, HoldScope, PlatformId, Receipt, ResultState, Window};
use crate::platform::Shows;
use crate::store::post_results::checkpoint_place;
use crate::store::social_accounts::Hold;
use crate::store::together::Fenced;
use crate::store::{Lease, Store, StoreError, Tx, received_webhooks, seconds, social_accounts};

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

/// The columns a state is written as.
#[derive(Default)]
struct Columns<'a> {
    step: Option<&'a Checkpoint>,
    after: Option<Duration>,
    midnight_in: Option<&'static str>,
    failures: u32,
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
            ResultState::Held { step, until, code, message, .. } => {
                let (after, midnight_in) = until.map(|(window, _)| window.after()).unzip();
                let (midnight_in, error) = (midnight_in.flatten(), Some((code.as_str(), *message)));
                Self { step: step.as_ref(), after, midnight_in, error, ..Self::default() }
            }
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
            ResultState::Expired => Self {
                error: Some((
                    "too_late",
                    "The post could not go out in time: its maxLateness was over. Nothing was published; retry to publish it now.",
                )),
                ..Self::default()
            },
            ResultState::Cancelled => Self::default(),
            ResultState::Failed { code, message } => Self { error: Some((code, message)), ..Self::default() },
        }
    }
}

/// A turn as it will stand in its row, with its ledger entries.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a row as it will stand, column by column")]
pub(super) struct Save {
    id: Uuid,
    lease: Uuid,
    account: Uuid,
    platform: PlatformId,
    state: &'static str,
    due: Option<f64>,
    midnight_in: Option<&'static str>,
    keeps_lease: bool,
    step: Option<String>,
    checkpoint: Option<String>,
    committed: bool,
    recallable: bool,
    was_recalled: bool,
    failures: i32,
    rejected_version: Option<i64>,
    publish_id: Option<String>,
    is_new_publish: bool,
    platform_post_id: Option<String>,
    platform_url: Option<String>,
    bytes_sent: Option<i64>,
    bytes_total: Option<i64>,
    held: Option<(HeldReason, Option<(Window, HoldScope)>)>,
    error_code: Option<String>,
    error_message: Option<String>,
    attempts: Vec<Attempt>,
}

impl Store {
    /// Saves a turn and its ledger entries in one statement, fenced by the lease. With `keep`, the lease goes on
    /// for that long; otherwise the result is nobody's.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save(
        &self,
        lease: &mut Lease,
        state: &ResultState,
        shows: &Shows,
        attempts: &[Attempt],
        keep: Option<Duration>,
    ) -> Result<Saved, StoreError> {
        let columns = Columns::of(state);
        let asked_at = self.clock.now();
        let save = self.save_of(lease, state, &columns, shows, attempts, keep);
        let publish_id = save.publish_id.clone();
        if !self.saves.write(self, save).await? {
            return Ok(Saved::Lost);
        }
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

    fn save_of(
        &self,
        lease: &Lease,
        state: &ResultState,
        columns: &Columns<'_>,
        shows: &Shows,
        attempts: &[Attempt],
        keep: Option<Duration>,
    ) -> Save {
        let receipt = columns.receipt.cloned().unwrap_or_default();
        let publish_id = receipt.publish_id.or_else(|| shows.publish_id.clone());
        let total = lease.video.as_ref().map(|video| video.file.size);
        let done = matches!(state, ResultState::Processing { .. } | ResultState::Published { .. })
            .then_some(total)
            .flatten();
        Save {
            id: lease.id.0,
            lease: lease.token,
            account: lease.account.0,
            platform: lease.platform.clone(),
            state: state.name().name(),
            due: keep.or(columns.after).map(seconds),
            midnight_in: columns.midnight_in,
            keeps_lease: keep.is_some(),
            step: columns.step.map(|step| step.name.clone()),
            checkpoint: columns
                .step
                .map(|step| self.vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body)),
            committed: shows.committed,
            recallable: shows.recallable,
            was_recalled: lease.recall_requested,
            failures: i32::try_from(columns.failures).unwrap_or(i32::MAX),
            rejected_version: lease.rejected_version,
            is_new_publish: publish_id.is_some() && publish_id != lease.publish_id,
            publish_id,
            platform_post_id: receipt.post_id,
            platform_url: receipt.url,
            bytes_sent: done.or(shows.bytes_sent).map(bigint),
            bytes_total: total.map(bigint),
            held: match state {
                ResultState::Held { reason, until, .. } => Some((*reason, *until)),
                _ => None,
            },
            error_code: columns.error.map(|(code, _)| code.to_owned()),
            error_message: columns.error.map(|(_, message)| message.to_owned()),
            attempts: attempts.to_vec(),
        }
    }
}

impl Fenced for Save {
    fn row(&self) -> Uuid {
        self.id
    }

    async fn write_all(store: &Store, saves: &[&Self]) -> Result<Vec<Uuid>, StoreError> {
        let mut tx = store.begin_as_worker().await?;
        let written = update(&mut tx, saves).await?;
        let kept = |save: &&&Save| written.contains(&save.id);
        for save in saves.iter().filter(kept) {
            match save.held {
                Some((reason, Some((window, scope)))) => {
                    let hold = Hold {
                        account: save.account,
                        platform: (scope == HoldScope::Platform).then(|| save.platform.as_str()),
                        reason,
                        window,
                        code: save.error_code.as_deref(),
                        message: save.error_message.as_deref(),
                    };
                    social_accounts::hold(&mut tx, &hold).await?;
                }
                Some((_, None)) => social_accounts::park_unless_connected(&mut tx, save.account).await?,
                None => {}
            }
            if save.is_new_publish {
                received_webhooks::nudge_if_announced(
                    &mut tx,
                    save.id,
                    &save.platform,
                    save.publish_id.as_deref(),
                )
                .await?;
            }
        }
        tx.commit().await?;
        Ok(written)
    }
}

/// One array to each column.
fn each<T>(saves: &[&Save], column: impl Fn(&Save) -> T) -> Vec<T> {
    saves.iter().map(|save| column(save)).collect()
}

/// The same for the calls to go into the ledger, each with its result.
fn calls<T>(saves: &[&Save], column: impl Fn(Uuid, &Attempt) -> T) -> Vec<T> {
    let calls = saves.iter().flat_map(|save| save.attempts.iter().map(|attempt| (save.id, attempt)));
    calls.map(|(id, attempt)| column(id, attempt)).collect()
}

#[expect(clippy::as_conversions, reason = "sqlx's way to state a parameter's type")]
async fn update(tx: &mut Tx, saves: &[&Save]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        with saved as (
        update post_results r
        set state = s.state,
            due_at = case
                when s.state = 'held' and not s.committed then least(social_after(s.due, s.midnight_in), r.expires_at)
                else social_after(s.due, s.midnight_in)
            end,
            lease_token = case when s.keeps_lease then r.lease_token end,
            step = s.step, checkpoint = s.checkpoint, in_flight = false, committed = s.committed,
            recallable = s.recallable, recall_requested = r.recall_requested and not s.was_recalled,
            failures = s.failures, rejected_version = s.rejected_version,
            slot_at = case when s.state = 'held' then null else r.slot_at end,
            publish_id = coalesce(s.publish_id, r.publish_id),
            platform_post_id = coalesce(s.platform_post_id, r.platform_post_id),
            platform_url = coalesce(s.platform_url, r.platform_url),
            bytes_sent = coalesce(s.bytes_sent, r.bytes_sent), bytes_total = coalesce(s.bytes_total, r.bytes_total),
            held_reason = s.held_reason, error_code = s.error_code, error_message = s.error_message,
            published_at = case when s.state = 'published' then coalesce(r.published_at, social_now()) end,
            updated_at = social_now()
        from unnest(
            $1::uuid[], $2::uuid[], $3::text[], $4::float8[], $5::bool[], $6::text[], $7::text[], $8::bool[],
            $9::bool[], $10::bool[], $11::int[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[],
            $17::bigint[], $18::text[], $19::text[], $20::text[], $30::text[]
        ) as s (
            id, lease, state, due, keeps_lease, step, checkpoint, committed,
            recallable, was_recalled, failures, rejected_version, publish_id, platform_post_id, platform_url, bytes_sent,
            bytes_total, held_reason, error_code, error_message, midnight_in
        )
        where r.id = s.id and r.lease_token = s.lease
        returning r.id, r.post_id, r.owner_id
        ),
        noted as (
            insert into publish_attempts
                (result_id, post_id, owner_id, at, step, effect, outcome, http_status, platform_code, log_id, bytes,
                    duration_ms)
            select saved.id, saved.post_id, saved.owner_id, social_now(), a.step, a.effect, a.outcome, a.http_status,
                a.platform_code, a.log_id, a.bytes, a.duration_ms
            from unnest(
                $21::uuid[], $22::text[], $23::text[], $24::text[], $25::int[], $26::text[], $27::text[], $28::bigint[],
                $29::bigint[]
            ) with ordinality as a (
                result_id, step, effect, outcome, http_status, platform_code, log_id, bytes, duration_ms, place
            )
            join saved on saved.id = a.result_id
            order by a.place
        )
        select id from saved
        "#,
        &each(saves, |save| save.id),
        &each(saves, |save| save.lease),
        &each(saves, |save| save.state.to_owned()),
        &each(saves, |save| save.due) as &[Option<f64>],
        &each(saves, |save| save.keeps_lease),
        &each(saves, |save| save.step.clone()) as &[Option<String>],
        &each(saves, |save| save.checkpoint.clone()) as &[Option<String>],
        &each(saves, |save| save.committed),
        &each(saves, |save| save.recallable),
        &each(saves, |save| save.was_recalled),
        &each(saves, |save| save.failures),
        &each(saves, |save| save.rejected_version) as &[Option<i64>],
        &each(saves, |save| save.publish_id.clone()) as &[Option<String>],
        &each(saves, |save| save.platform_post_id.clone()) as &[Option<String>],
        &each(saves, |save| save.platform_url.clone()) as &[Option<String>],
        &each(saves, |save| save.bytes_sent) as &[Option<i64>],
        &each(saves, |save| save.bytes_total) as &[Option<i64>],
        &each(saves, |save| save.held.map(|(reason, _)| reason.name().to_owned())) as &[Option<String>],
        &each(saves, |save| save.error_code.clone()) as &[Option<String>],
        &each(saves, |save| save.error_message.clone()) as &[Option<String>],
        &calls(saves, |id, _| id),
        &calls(saves, |_, call| call.step.clone()),
        &calls(saves, |_, call| call.effect.name().to_owned()),
        &calls(saves, |_, call| call.outcome.name().to_owned()),
        &calls(saves, |_, call| call.http_status.map(i32::from)) as &[Option<i32>],
        &calls(saves, |_, call| call.code.clone()) as &[Option<String>],
        &calls(saves, |_, call| call.log_id.clone()) as &[Option<String>],
        &calls(saves, |_, call| call.bytes.map(bigint)) as &[Option<i64>],
        &calls(saves, |_, call| i64::try_from(call.duration.as_millis()).unwrap_or(i64::MAX)),
        &each(saves, |save| save.midnight_in.map(str::to_owned)) as &[Option<String>],
    )
    .fetch_all(tx)
    .await
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
