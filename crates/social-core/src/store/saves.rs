//! A result as a step run leaves it, with its ledger entries.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::model::{Attempt, Checkpoint, HoldScope, Receipt, RequestId, ResultId, ResultState};
use crate::platform::Shows;
use crate::store::call::{Call, Records, seconds};
use crate::store::group_commit::Fenced;
use crate::store::holds;
use crate::store::lease::{Lease, checkpoint_place};
use crate::vault::Vault;

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
pub(super) struct Columns<'a> {
    pub(super) step: Option<&'a Checkpoint>,
    after: Option<Duration>,
    midnight_in: Option<&'static str>,
    pub(super) failures: u32,
    receipt: Option<&'a Receipt>,
    error: Option<(&'a str, &'a str)>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(state: &'a ResultState) -> Self {
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
                    "The post was due, but it couldn't begin within the delay that you allowed. Nothing was posted. Retry to publish it now.",
                )),
                ..Self::default()
            },
            ResultState::Cancelled => Self::default(),
            ResultState::Failed { code, message } => Self { error: Some((code, message)), ..Self::default() },
        }
    }
}

/// A result as it will stand in its row, by the names that `save_steps` reads, with its ledger entries.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a row as it will stand, column by column")]
pub(super) struct Save {
    #[serde(rename = "save")]
    known_as: Uuid,
    id: Uuid,
    lease: Uuid,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    midnight_in: Option<&'static str>,
    keeps_lease: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<String>,
    committed: bool,
    recallable: bool,
    was_recalled: bool,
    failures: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) publish_id: Option<String>,
    is_new_publish: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_post_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_sent: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_total: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_scope: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip)]
    attempts: Vec<Attempt>,
}

impl Save {
    pub(super) fn of(
        lease: &Lease,
        state: &ResultState,
        columns: &Columns<'_>,
        shows: &Shows,
        attempts: &[Attempt],
        keep: Option<Duration>,
        vault: &Vault,
    ) -> Self {
        let receipt = columns.receipt.cloned().unwrap_or_default();
        let publish_id = receipt.publish_id.or_else(|| shows.publish_id.clone());
        let total = lease.video.as_ref().map(|video| video.file.size);
        let done = matches!(state, ResultState::Processing { .. } | ResultState::Published { .. })
            .then_some(total)
            .flatten();
        let (held_reason, hold_scope) = match state {
            ResultState::Held { reason, until, .. } => {
                (Some(reason.name()), until.map(|(_, scope)| scope_name(scope)))
            }
            _ => (None, None),
        };
        Self {
            known_as: lease.save,
            id: lease.id.0,
            lease: lease.token,
            state: state.name().name(),
            due: keep.or(columns.after).map(seconds),
            midnight_in: columns.midnight_in,
            keeps_lease: keep.is_some(),
            step: columns.step.map(|step| step.name.clone()),
            checkpoint: columns
                .step
                .map(|step| vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body)),
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
            held_reason,
            hold_scope,
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

    /// A save that was made already is found made.
    fn call<'a>(saves: &[&'a Self]) -> Call<'a> {
        let (platforms, spacings) = holds::paces();
        with_saves(Call::repeatable("save_steps"), saves)
            .with("platforms", platforms)
            .with("spacings", spacings)
    }
}

/// Gives saves to a call. It saves what a platform may report only once.
fn with_saves<'a>(call: Call<'a>, saves: &[&'a Save]) -> Call<'a> {
    let ids: Vec<Uuid> = saves.iter().map(|save| save.id).collect();
    let calls = saves
        .iter()
        .flat_map(|save| save.attempts.iter().map(|call| LedgerEntry::of(save.id, call)))
        .collect();
    call.patient()
        .with("ids", ids)
        .with("saves", Records(saves.to_vec()))
        .with("calls", Records::<LedgerEntry<'a>>(calls))
}

/// A result as its last step run under a lease leaves it: to be saved by the call that claims the next one.
#[derive(Debug)]
pub struct Ended(pub(super) Save);

impl Ended {
    /// The result.
    #[must_use]
    pub fn result(&self) -> ResultId {
        ResultId(self.0.id)
    }
}

/// Gives what has ended to a claim.
pub(super) fn with_ended<'a>(claim: Call<'a>, ended: &'a [Ended]) -> Call<'a> {
    if ended.is_empty() {
        return claim;
    }
    let saves: Vec<&Save> = ended.iter().map(|Ended(save)| save).collect();
    with_saves(claim, &saves)
}

fn scope_name(scope: HoldScope) -> &'static str {
    match scope {
        HoldScope::Account => "account",
        HoldScope::Platform => "platform",
    }
}

/// A call for the ledger, by the names that `save_steps` reads.
#[derive(Debug, Serialize)]
struct LedgerEntry<'a> {
    result: Uuid,
    step: &'a str,
    effect: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<&'a str>,
    duration_ms: i64,
    request_id: &'a RequestId,
}

impl<'a> LedgerEntry<'a> {
    fn of(result: Uuid, call: &'a Attempt) -> Self {
        Self {
            result,
            step: &call.step,
            effect: call.effect.name(),
            outcome: call.outcome.name(),
            http_status: call.http_status,
            platform_code: call.code.as_deref(),
            log_id: call.log_id.as_deref(),
            first_byte: call.first_byte.map(bigint),
            bytes: call.bytes.map(bigint),
            checksum: call.checksum.as_deref(),
            duration_ms: milliseconds(call.duration),
            request_id: &call.request_id,
        }
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn bigint(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
