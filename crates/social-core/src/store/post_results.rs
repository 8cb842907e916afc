//! Results under a lease: what a worker notes of them before and during a call.

use std::time::Duration;

use uuid::Uuid;

use crate::model::Checkpoint;
use crate::store::call::Call;
use crate::store::group_commit::Fenced;
use crate::store::leases::{Lease, checkpoint_place, put_back};
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
        let mark = Mark {
            id: lease.id.0,
            lease: lease.token,
            step: step.name.clone(),
            checkpoint: self.vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body),
        };
        self.marks.write(self, mark).await
    }
}

/// The mark of a call that is about to be sent.
#[derive(Debug)]
pub(super) struct Mark {
    id: Uuid,
    lease: Uuid,
    step: String,
    checkpoint: String,
}

impl Fenced for Mark {
    fn row(&self) -> Uuid {
        self.id
    }

    async fn write_all(store: &Store, marks: &[&Self]) -> Result<Vec<Uuid>, StoreError> {
        let call = Call::repeatable("mark_in_flight")
            .with("ids", marks.iter().map(|mark| mark.id).collect::<Vec<_>>())
            .with("leases", marks.iter().map(|mark| mark.lease).collect::<Vec<_>>())
            .with("steps", marks.iter().map(|mark| mark.step.as_str()).collect::<Vec<_>>())
            .with("checkpoints", marks.iter().map(|mark| mark.checkpoint.as_str()).collect::<Vec<_>>());
        store.rows(call).await
    }
}
