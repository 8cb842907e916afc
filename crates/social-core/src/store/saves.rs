//! Saving turns: a result as the turn leaves it, with its ledger entries.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{Attempt, Checkpoint, HoldScope, Receipt, ResultState};
use crate::platform::Shows;
use crate::store::call::Call;
use crate::store::post_results::checkpoint_place;
use crate::store::together::Fenced;
use crate::store::{Lease, Store, StoreError, holds, seconds};

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
    token: Uuid,
    lease: Uuid,
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
    held: Option<(&'static str, Option<&'static str>)>,
    error_code: Option<String>,
    error_message: Option<String>,
    attempts: Vec<Attempt>,
}

impl Store {
    /// Saves a turn and its ledger entries in one transaction, fenced by the lease. With `keep`, the lease goes on
    /// for that long; otherwise the result is nobody's.
    ///
    /// It may be called again with the same lease until it succeeds: what was saved is not saved twice.
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
        lease.save = self.token();
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
            token: lease.save,
            lease: lease.token,
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
                ResultState::Held { reason, until, .. } => {
                    Some((reason.name(), until.map(|(_, scope)| scope_name(scope))))
                }
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
        store.rows(save_results(saves)).await
    }
}

fn scope_name(scope: HoldScope) -> &'static str {
    match scope {
        HoldScope::Account => "account",
        HoldScope::Platform => "platform",
    }
}

/// One array to each column.
fn each<'a, T>(saves: &[&'a Save], column: impl Fn(&'a Save) -> T) -> Vec<T> {
    saves.iter().map(|save| column(save)).collect()
}

/// The same for the calls to go into the ledger, each with its result.
fn calls<'a, T>(saves: &[&'a Save], column: impl Fn(Uuid, &'a Attempt) -> T) -> Vec<T> {
    let calls = saves.iter().flat_map(|save| save.attempts.iter().map(|attempt| (save.id, attempt)));
    calls.map(|(id, attempt)| column(id, attempt)).collect()
}

/// The call of some saves. One that was made already is found made.
fn save_results<'a>(saves: &[&'a Save]) -> Call<'a> {
    let (platforms, spacings) = holds::paces();
    Call::repeatable("save_results")
        .with("saves", each(saves, |save| save.token))
        .with("ids", each(saves, |save| save.id))
        .with("leases", each(saves, |save| save.lease))
        .with("states", each(saves, |save| save.state))
        .with("dues", each(saves, |save| save.due))
        .with("midnights", each(saves, |save| save.midnight_in))
        .with("keep_leases", each(saves, |save| save.keeps_lease))
        .with("steps", each(saves, |save| save.step.as_deref()))
        .with("checkpoints", each(saves, |save| save.checkpoint.as_deref()))
        .with("commitments", each(saves, |save| save.committed))
        .with("recallables", each(saves, |save| save.recallable))
        .with("recalls", each(saves, |save| save.was_recalled))
        .with("failure_counts", each(saves, |save| save.failures))
        .with("rejected_versions", each(saves, |save| save.rejected_version))
        .with("publish_ids", each(saves, |save| save.publish_id.as_deref()))
        .with("new_publishes", each(saves, |save| save.is_new_publish))
        .with("platform_post_ids", each(saves, |save| save.platform_post_id.as_deref()))
        .with("platform_urls", each(saves, |save| save.platform_url.as_deref()))
        .with("sent_bytes", each(saves, |save| save.bytes_sent))
        .with("total_bytes", each(saves, |save| save.bytes_total))
        .with("held_reasons", each(saves, |save| save.held.map(|(reason, _)| reason)))
        .with("hold_scopes", each(saves, |save| save.held.and_then(|(_, scope)| scope)))
        .with("error_codes", each(saves, |save| save.error_code.as_deref()))
        .with("error_messages", each(saves, |save| save.error_message.as_deref()))
        .with("call_results", calls(saves, |id, _| id))
        .with("call_steps", calls(saves, |_, call| call.step.as_str()))
        .with("call_effects", calls(saves, |_, call| call.effect.name()))
        .with("call_outcomes", calls(saves, |_, call| call.outcome.name()))
        .with("call_statuses", calls(saves, |_, call| call.http_status.map(i32::from)))
        .with("call_codes", calls(saves, |_, call| call.code.as_deref()))
        .with("call_log_ids", calls(saves, |_, call| call.log_id.as_deref()))
        .with("call_first_bytes", calls(saves, |_, call| call.first_byte.map(bigint)))
        .with("call_bytes", calls(saves, |_, call| call.bytes.map(bigint)))
        .with("call_checksums", calls(saves, |_, call| call.checksum.as_deref()))
        .with("call_durations", calls(saves, |_, call| milliseconds(call.duration)))
        .with("platforms", platforms)
        .with("spacings", spacings)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
