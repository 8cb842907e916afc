//! Saving turns: a result as the turn leaves it, with its ledger entries.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{Attempt, Checkpoint, HeldReason, HoldScope, PlatformId, Receipt, ResultState, Window};
use crate::platform::Shows;
use crate::store::holds::{Hold, Parking};
use crate::store::post_results::checkpoint_place;
use crate::store::together::Fenced;
use crate::store::{Lease, Store, StoreError, Tx, holds, received_webhooks, seconds};

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
                    "We couldn't publish the post within its allowed delay (maxLateness). Nothing was posted. Retry to publish it now.",
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
        // What touches other rows as well is one transaction with the save.
        let is_alone = saves.iter().all(|save| save.held.is_none() && !save.is_new_publish);
        let mut tx = if is_alone { store.begin_function().await? } else { store.begin_as_worker().await? };
        let written = save_turns(&mut tx, saves).await?;
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
                    holds::hold(&mut tx, &hold).await?;
                }
                Some((_, None)) => {
                    let parking = Parking::met(save.error_code.as_deref(), save.error_message.as_deref());
                    holds::park_unless_connected(&mut tx, save.account, &parking).await?;
                }
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
        let held: Vec<Uuid> =
            saves.iter().filter(kept).filter(|save| save.held.is_some()).map(|save| save.account).collect();
        if !held.is_empty() {
            store.give_turns_back(&held).await;
        }
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
async fn save_turns(tx: &mut Tx, saves: &[&Save]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"
        select save_turns(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
            $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32
        ) as "id!"
        "#,
        &each(saves, |save| save.id),
        &each(saves, |save| save.lease),
        &each(saves, |save| save.state.to_owned()),
        &each(saves, |save| save.due) as &[Option<f64>],
        &each(saves, |save| save.midnight_in.map(str::to_owned)) as &[Option<String>],
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
        &calls(saves, |_, call| call.first_byte.map(bigint)) as &[Option<i64>],
        &calls(saves, |_, call| call.bytes.map(bigint)) as &[Option<i64>],
        &calls(saves, |_, call| call.checksum.clone()) as &[Option<String>],
        &calls(saves, |_, call| i64::try_from(call.duration.as_millis()).unwrap_or(i64::MAX)),
    )
    .fetch_all(tx)
    .await
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
