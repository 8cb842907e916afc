//! Results under a lease: what a worker notes of them before, during and after a call.

use std::time::Duration;

use crate::clock::Deadline;
use crate::model::{Attempt, Checkpoint, ResultState};
use crate::platform::Shows;
use crate::store::call::Call;
use crate::store::lease::{Lease, put_back};
use crate::store::marks::Mark;
use crate::store::saves::{Columns, Ended, Save, Saved};
use crate::store::{Store, StoreError};

/// A call about a leased result that changes nothing once the lease is gone.
fn of_lease<'a>(function: &'static str, lease: &Lease) -> Call<'a> {
    Call::repeatable(function).with("result", lease.id.0).with("lease", lease.token)
}

impl Store {
    /// Puts a result back as it is, to be leased again when somebody has the time.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn put_back(&self, lease: &Lease, after: Duration) -> Result<(), StoreError> {
        self.run(put_back(&[lease.id.0], lease.token, after)).await
    }

    /// Says how many bytes a call under way has handed over. The save that follows it says how many there are.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn note_progress(&self, lease: &Lease, bytes_sent: u64) -> Result<(), StoreError> {
        let sent = i64::try_from(bytes_sent).unwrap_or(i64::MAX);
        self.run(of_lease("note_progress", lease).with("sent", sent)).await
    }

    /// Stops looking again at a result that is over.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn stop_looking(&self, lease: &Lease) -> Result<(), StoreError> {
        self.run(of_lease("stop_looking", lease)).await
    }

    /// Notes, before a `Once` call is sent, that it will be, and for which step: whoever finds this mark knows
    /// that it may have been sent. `false`: the lease is lost, and it must not be sent. If the answer is lost, it is asked
    /// again, and a mark that stands is one.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn mark_in_flight(&self, lease: &Lease, step: &Checkpoint) -> Result<bool, StoreError> {
        self.marks.write(&self.connections, Mark::of(lease, step, &self.vault)).await
    }

    /// Saves a step run and its ledger entries in one transaction, fenced by the lease. With `keep`, the lease goes on
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
        let save = Save::of(lease, state, &columns, shows, attempts, keep, &self.vault);
        let publish_id = save.publish_id.clone();
        if !self.saves.write(&self.connections, save).await? {
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

    /// The save of a step run that ends its lease, to be made by [`Store::save_and_lease`]. Until it is known to be made,
    /// [`Store::save`] may be called with the same lease: what was saved is not saved twice.
    #[must_use]
    pub fn ended(&self, lease: &Lease, state: &ResultState, shows: &Shows, attempts: &[Attempt]) -> Ended {
        Ended(Save::of(lease, state, &Columns::of(state), shows, attempts, None, &self.vault))
    }
}
