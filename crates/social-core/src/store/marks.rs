//! The mark of a call that is about to be sent.

use uuid::Uuid;

use crate::model::Checkpoint;
use crate::store::call::Call;
use crate::store::group_commit::Fenced;
use crate::store::lease::{Lease, checkpoint_place};
use crate::vault::Vault;

/// The mark of a call that is about to be sent.
#[derive(Debug)]
pub(super) struct Mark {
    id: Uuid,
    lease: Uuid,
    step: String,
    checkpoint: String,
}

impl Mark {
    pub(super) fn of(lease: &Lease, step: &Checkpoint, vault: &Vault) -> Self {
        Self {
            id: lease.id.0,
            lease: lease.token,
            step: step.name.clone(),
            checkpoint: vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body),
        }
    }
}

impl Fenced for Mark {
    fn row(&self) -> Uuid {
        self.id
    }

    fn call<'a>(marks: &[&'a Self]) -> Call<'a> {
        Call::repeatable("mark_in_flight")
            .with("ids", marks.iter().map(|mark| mark.id).collect::<Vec<_>>())
            .with("leases", marks.iter().map(|mark| mark.lease).collect::<Vec<_>>())
            .with("steps", marks.iter().map(|mark| mark.step.as_str()).collect::<Vec<_>>())
            .with("checkpoints", marks.iter().map(|mark| mark.checkpoint.as_str()).collect::<Vec<_>>())
    }
}
