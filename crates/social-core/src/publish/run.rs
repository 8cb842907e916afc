//! Runs the steps of one leased result, until it waits or is over.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::ending::Endings;
use super::job::{After, Job, UNREADABLE_PAUSE};
use super::publisher::{Budget, Publisher};
use super::slots::Slot;
use crate::model::{RequestId, StateName};
use crate::platform::PlatformOptions;
use crate::store::{Lease, StoreError};
use crate::trace;

/// What an invocation gives to each result that it leases.
pub(super) struct Worker<'a> {
    pub(super) budget: &'a Budget,
    pub(super) request: &'a RequestId,
    /// The time limit of a new invocation.
    pub(super) slice: Duration,
    pub(super) slot: Slot,
    pub(super) endings: Endings,
}

impl Publisher {
    /// Keeps a panic or failure to its own result. The lease expires, and another worker takes over.
    pub(super) fn guarded<'a>(
        &'a self,
        lease: Box<Lease>,
        worker: Worker<'a>,
    ) -> impl Future<Output = Option<StateName>> + use<'a> {
        // From now on, and not only from the first poll.
        let watch = self.cut_off.watch(lease.key());
        async move {
            let ended = self.ends_well(lease, worker).await;
            watch.end();
            ended
        }
    }

    async fn ends_well(&self, lease: Box<Lease>, worker: Worker<'_>) -> Option<StateName> {
        let (id, was) = (lease.id, lease.state);
        match AssertUnwindSafe(self.step_through(lease, worker)).catch_unwind().await {
            // A later check of a published result is no second publication.
            Ok(Ok(over)) => over.map(|state| if state == was { StateName::Processing } else { state }),
            Ok(Err(error)) => {
                tracing::error!(result.id = %id, error.code = error.code(), "result {id} waits until its lease expires: {error}");
                None
            }
            Err(_) => {
                tracing::error!(result.id = %id, error.code = "panicked", "stepping result {id} panicked");
                None
            }
        }
    }

    /// Steps a result until it waits, is over, loses its lease, or the time is up.
    async fn step_through(
        &self,
        lease: Box<Lease>,
        worker: Worker<'_>,
    ) -> Result<Option<StateName>, StoreError> {
        let Some((_, settings)) = self.flow.platform(&lease.platform) else {
            tracing::warn!(platform = %lease.platform, "result {} waits: {} is disabled", lease.id, lease.platform);
            self.flow.store.put_back(&lease, Duration::from_mins(5)).await?;
            return Ok(Some(lease.state));
        };
        let options = match PlatformOptions::read(&lease.platform, &lease.options) {
            Ok(options) => options,
            // Another version stored them. Without them, the post could become public where it must not.
            Err(error) => {
                tracing::error!(result.id = %lease.id, error.code = error.code(), "result {} waits for a version of the program that can read it: {error}", lease.id);
                self.flow.store.put_back(&lease, UNREADABLE_PAUSE).await?;
                return Ok(Some(lease.state));
            }
        };
        let mut job = Job {
            publisher: self,
            budget: *worker.budget,
            request: worker.request,
            options: &options,
            settings,
            lease,
            slot: Some(worker.slot),
            endings: worker.endings,
            is_first: true,
            unsaved: Vec::new(),
            slice: worker.slice,
            is_new: false,
            reading: None,
        };
        loop {
            let Lease { platform, post, id, .. } = &*job.lease;
            let span = trace::step(platform, *post, *id, worker.request);
            match job.run_step().instrument(span).await? {
                After::Again => job.is_first = false,
                After::Over(state) => return Ok(state),
            }
        }
    }
}
