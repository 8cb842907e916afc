//! The worker's loop: leases due results and runs their steps. Nothing else retries.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tracing::Instrument as _;

use super::job::{After, Job, UNREADABLE_PAUSE};
use super::publisher::{Budget, LEASE_MARGIN, LONGEST_LEASE, Publisher};
use super::report::Report;
use super::slots::{Occupant, Slots};
use crate::clock::Deadline;
use crate::model::{PlatformId, RequestId, StateName};
use crate::platform::{FACTS, PlatformOptions};
use crate::store::{Lease, Leased, Pulse, Reach, StoreError};
use crate::trace;

/// 4 s: with less time left, nothing new is leased.
const LEAST_TIME: Duration = Duration::from_secs(4);
/// How often a busy invocation with free slots looks for more work.
const LOOK: Duration = Duration::from_millis(250);

/// Comes first, because an invocation may end without a result.
fn warn_if_stalled(before: &Pulse) {
    if before.status() == "stalled" {
        tracing::warn!(
            oldest_due_seconds = before.oldest_due,
            since_last_call_seconds = before.since_last_call,
            "the worker was not called while results were due for {} s",
            before.oldest_due
        );
    }
}

/// Returns every platform, also disabled ones. A due result of a disabled platform is rescheduled with a line
/// in the log.
fn platforms() -> Vec<PlatformId> {
    FACTS.iter().map(|facts| facts.id.clone()).collect()
}

impl Publisher {
    /// Works until nothing is due or the deadline is near. The attempt log names the `request` of each call.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot list what is due. Steps in progress finish first.
    pub async fn run(
        &self,
        budget: Budget,
        reach: Reach<'_>,
        request: &RequestId,
    ) -> Result<Report, StoreError> {
        let mut report = Report::default();
        let slice = self.left(&budget).min(LONGEST_LEASE.saturating_sub(LEASE_MARGIN));
        let mut jobs = FuturesUnordered::new();
        let mut slots = Slots::new(budget.concurrency, platforms());
        let mut trouble = None;
        let mut before = None;
        let mut oldest_due = None;
        // A query that found less than the free slots is valid for a while.
        let mut next_look = Deadline(self.flow.clock.now());
        loop {
            let mut has_more = false;
            let free = budget.concurrency.saturating_sub(jobs.len());
            let is_time = free > 0 && next_look.left(self.flow.clock.now()).is_zero();
            if is_time && trouble.is_none() && self.left(&budget) > LEAST_TIME {
                let (room, lease_time) = (slots.room(), self.lease_time(&budget));
                let mut has_room_again = false;
                let (store, is_first) = (&self.flow.store, before.is_none());
                let mut claim = pin!(async {
                    if is_first {
                        store.lease_first(reach, &room, free, lease_time).await
                    } else {
                        store.lease_due(reach, &room, free, lease_time).await
                    }
                });
                // Steps run meanwhile: they may hold the connections that the claim waits for.
                let claimed = loop {
                    tokio::select! {
                        claimed = &mut claim => break claimed,
                        Some((one, over)) = jobs.next(), if !jobs.is_empty() => {
                            has_room_again |= slots.release(&one);
                            report.count(over);
                        }
                    }
                };
                match claimed {
                    Ok(claim) => {
                        has_more = claim.has_more;
                        before = before.or_else(|| claim.before.inspect(warn_if_stalled));
                        let fresh_until = Deadline::after(self.flow.clock.now(), LOOK);
                        oldest_due = claim.oldest_due.map(|oldest| (oldest, fresh_until));
                        if !has_more && !has_room_again {
                            next_look = Deadline::after(self.flow.clock.now(), LOOK);
                        }
                        for leased in claim.leased {
                            report.leased += 1;
                            match leased {
                                Leased::Ready(lease) => {
                                    let one = Occupant::of(&lease);
                                    slots.occupy(&one);
                                    jobs.push(
                                        self.guarded(lease, &budget, slice, request)
                                            .map(move |over| (one, over)),
                                    );
                                }
                                Leased::Unreadable(id, error) => {
                                    report.waiting += 1;
                                    tracing::error!(result.id = %id, error.code = error.code(), "result {id} waits for a version of the program that can read it: {error}");
                                }
                            }
                        }
                    }
                    Err(error) => trouble = Some(error),
                }
            }
            // Many of the due results may only have received a start slot. Then there is more to lease.
            if has_more && jobs.len() < budget.concurrency && self.left(&budget) > LEAST_TIME {
                continue;
            }
            if jobs.is_empty() {
                break;
            }
            if let Ok(Some((one, over))) = tokio::time::timeout(LOOK, jobs.next()).await {
                // Results that waited for a free slot may start at once.
                if slots.release(&one) {
                    next_look = Deadline(self.flow.clock.now());
                }
                report.count(over);
            }
        }
        if let Some(error) = trouble {
            return Err(error);
        }
        let stood = match before {
            Some(before) => before,
            // There was no time to claim anything.
            None => self.flow.store.beat().await.inspect(warn_if_stalled)?,
        };
        report.since_last_call_seconds = stood.since_last_call;
        report.oldest_due_seconds = match oldest_due {
            _ if before.is_none() => stood.oldest_due,
            Some((oldest, fresh_until)) if !fresh_until.left(self.flow.clock.now()).is_zero() => oldest,
            Some(_) | None => self.flow.store.pulse().await?.oldest_due,
        };
        Ok(report)
    }

    /// Keeps a panic or failure to its own result. The lease expires, and another worker takes over.
    fn guarded<'a>(
        &'a self,
        lease: Box<Lease>,
        budget: &'a Budget,
        slice: Duration,
        request: &'a RequestId,
    ) -> impl Future<Output = Option<StateName>> + use<'a> {
        // From now on, and not only from the first poll.
        let watch = self.cut_off.watch(lease.key());
        async move {
            let ended = self.ends_well(lease, budget, slice, request).await;
            watch.end();
            ended
        }
    }

    async fn ends_well(
        &self,
        lease: Box<Lease>,
        budget: &Budget,
        slice: Duration,
        request: &RequestId,
    ) -> Option<StateName> {
        let (id, was) = (lease.id, lease.state);
        match AssertUnwindSafe(self.step_through(lease, budget, slice, request)).catch_unwind().await {
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
        budget: &Budget,
        slice: Duration,
        request: &RequestId,
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
            budget: *budget,
            request,
            options: &options,
            settings,
            lease,
            is_first: true,
            unsaved: Vec::new(),
            slice,
            is_new: false,
            reading: None,
        };
        loop {
            let Lease { platform, post, id, .. } = &*job.lease;
            let span = trace::step(platform, *post, *id, request);
            match job.run_step().instrument(span).await? {
                After::Again => job.is_first = false,
                After::Over(state) => return Ok(state),
            }
        }
    }
}
