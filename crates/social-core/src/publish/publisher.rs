//! The worker: what it works with, and the limits of one invocation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::cut_off::CutOff;
use crate::clock::Deadline;
use crate::oauth::Flow;
use crate::store::StoreError;
use crate::video::Sources;

/// 5 s: a lease lasts longer than its last call by the time that saving may take.
pub(super) const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// 150 s: the longest call, for a slow chunk, gets 120 s.
pub(super) const LONGEST_LEASE: Duration = Duration::from_secs(150);
/// The limits of one invocation.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// When the invocation must end.
    pub deadline: Deadline,
    /// How many results it processes in parallel.
    pub concurrency: usize,
}

/// Leases results, sends their calls and saves the outcomes.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The database, the HTTP client, the settings, and fresh tokens.
    pub flow: Flow,
    /// The HTTP client for videos.
    pub sources: Sources,
    /// Set when the process must stop: calls in flight are allowed to finish, and no others start.
    pub stopping: Arc<AtomicBool>,
    /// The leases of the steps that the end of the process cut off.
    pub cut_off: CutOff,
}

impl Publisher {
    /// Returns the time left in the invocation.
    pub(super) fn left(&self, budget: &Budget) -> Duration {
        if self.stopping.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        budget.deadline.left(self.flow.clock.now())
    }

    /// Hands back the leases of steps that were cut off, so that other workers resume them at once. Returns how many there
    /// were.
    ///
    /// Call it when nothing of those steps can still run, which is when their runtime has ended: until then the HTTP client
    /// may write another piece of a body. A call that was sent remains recorded as in flight, as after a crash.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot be reached. The leases then end by themselves.
    pub async fn hand_back(&self) -> Result<i64, StoreError> {
        let leases = self.cut_off.take();
        if leases.is_empty() { Ok(0) } else { self.flow.store.hand_back(&leases).await }
    }

    /// Returns how long a lease should last if it is taken or renewed now.
    pub(super) fn lease_time(&self, budget: &Budget) -> Duration {
        (self.left(budget) + LEASE_MARGIN + LEASE_MARGIN).min(LONGEST_LEASE)
    }
}
