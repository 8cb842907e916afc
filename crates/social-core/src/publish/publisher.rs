//! The worker's loop: leases due results and runs their steps. Nothing else retries.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};

use super::hands::{For, Shares};
use super::report::Report;
use super::turn::{After, Hand, UNREADABLE_PAUSE};
use crate::clock::Deadline;
use crate::model::{PlatformId, StateName};
use crate::oauth::Flow;
use crate::platform::{PlatformOptions, WORKERS};
use crate::store::{Lease, Leased, Pulse, Reach, StoreError};
use crate::video::Sources;

/// 5 s: a lease lasts longer than its last call by the time that saving may take.
pub(super) const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// 150 s: the longest call, for a slow chunk, gets 120 s.
const LONGEST_LEASE: Duration = Duration::from_secs(150);
/// 4 s: with less time left, nothing new is leased.
const LEAST_TIME: Duration = Duration::from_secs(4);
/// How often a busy invocation with free slots looks for more work.
const LOOK: Duration = Duration::from_millis(250);

/// The limits of one invocation.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// When the invocation must end.
    pub deadline: Deadline,
    /// How many results it processes in parallel.
    pub concurrency: usize,
}

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
    WORKERS.iter().map(|worker| worker.id()).collect()
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
}

impl Publisher {
    /// Works until nothing is due or the deadline is near.
    ///
    /// # Errors
    ///
    /// Returns an error if the database cannot list what is due. Steps in progress finish first.
    pub async fn run(&self, budget: Budget, reach: Reach<'_>) -> Result<Report, StoreError> {
        let mut report = Report::default();
        let slice = self.left(&budget).min(LONGEST_LEASE.saturating_sub(LEASE_MARGIN));
        let mut hands = FuturesUnordered::new();
        let mut shares = Shares::new(budget.concurrency, platforms());
        let mut trouble = None;
        let mut before = None;
        let mut oldest_due = None;
        // A query that found less than the free slots is valid for a while.
        let mut next_look = Deadline(self.flow.clock.now());
        loop {
            let mut has_more = false;
            let free = budget.concurrency.saturating_sub(hands.len());
            let is_time = free > 0 && next_look.left(self.flow.clock.now()).is_zero();
            if is_time && trouble.is_none() && self.left(&budget) > LEAST_TIME {
                let (room, lease_time) = (shares.room(), self.lease_time(&budget));
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
                        Some((one, over)) = hands.next(), if !hands.is_empty() => {
                            has_room_again |= shares.put_down(&one);
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
                                    let one = For::of(&lease);
                                    shares.take(&one);
                                    hands.push(
                                        self.guarded(lease, &budget, slice).map(move |over| (one, over)),
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
            if has_more && hands.len() < budget.concurrency && self.left(&budget) > LEAST_TIME {
                continue;
            }
            if hands.is_empty() {
                break;
            }
            if let Ok(Some((one, over))) = tokio::time::timeout(LOOK, hands.next()).await {
                // Results that waited for a free slot may start at once.
                if shares.put_down(&one) {
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

    /// Returns the time left in the invocation.
    pub(super) fn left(&self, budget: &Budget) -> Duration {
        if self.stopping.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        budget.deadline.left(self.flow.clock.now())
    }

    /// Returns how long a lease should last if it is taken or renewed now.
    pub(super) fn lease_time(&self, budget: &Budget) -> Duration {
        (self.left(budget) + LEASE_MARGIN + LEASE_MARGIN).min(LONGEST_LEASE)
    }

    /// Keeps a panic or failure to its own result. The lease expires, and another worker takes over.
    async fn guarded(&self, lease: Box<Lease>, budget: &Budget, slice: Duration) -> Option<StateName> {
        let (id, was) = (lease.id, lease.state);
        match AssertUnwindSafe(self.step_through(lease, budget, slice)).catch_unwind().await {
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
        let mut hand = Hand {
            publisher: self,
            budget: *budget,
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
            match hand.turn().await? {
                After::Again => hand.is_first = false,
                After::Over(state) => return Ok(state),
            }
        }
    }
}
