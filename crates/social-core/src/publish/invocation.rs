//! The worker's loop: leases due results and runs their steps. Nothing else retries.

use std::iter;
use std::mem;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc::UnboundedReceiver;

use super::ending::{Ending, Endings, TakenAlong};
use super::publisher::{Budget, LEASE_MARGIN, LONGEST_LEASE, Publisher};
use super::report::Report;
use super::run::Worker;
use super::slots::Slots;
use crate::clock::Deadline;
use crate::model::{PlatformId, RequestId, StateName};
use crate::platform::FACTS;
use crate::store::{Claim, Ended, Leased, Pulse, Reach, StoreError};

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

/// One invocation of the worker.
struct Invocation<'a> {
    publisher: &'a Publisher,
    budget: &'a Budget,
    reach: Reach<'a>,
    request: &'a RequestId,
    slice: Duration,
    jobs: FuturesUnordered<BoxFuture<'a, Option<StateName>>>,
    slots: Slots,
    endings: Endings,
    ended: UnboundedReceiver<Ending>,
    /// A query that found less than the free slots is valid for a while.
    next_look: Deadline,
    report: Report,
    /// How the queue stood before.
    before: Option<Pulse>,
    oldest_due: Option<(i64, Deadline)>,
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
        let (endings, ended) = Endings::new();
        let invocation = Invocation {
            publisher: self,
            budget: &budget,
            reach,
            request,
            slice: self.left(&budget).min(LONGEST_LEASE.saturating_sub(LEASE_MARGIN)),
            jobs: FuturesUnordered::new(),
            slots: Slots::new(budget.concurrency, platforms()),
            endings,
            ended,
            next_look: Deadline(self.flow.clock.now()),
            report: Report::default(),
            before: None,
            oldest_due: None,
        };
        invocation.run().await
    }
}

impl Invocation<'_> {
    async fn run(mut self) -> Result<Report, StoreError> {
        let mut trouble = None;
        let mut offered = Vec::new();
        loop {
            let may_claim = trouble.is_none() && self.publisher.left(self.budget) > LEAST_TIME;
            let has_more = match self.take_turn(mem::take(&mut offered), may_claim).await {
                Ok(has_more) => has_more,
                Err(error) => {
                    trouble = Some(error);
                    false
                }
            };
            // Many of the due results may only have received a start slot. Then there is more to lease.
            if has_more && self.slots.free() > 0 && self.publisher.left(self.budget) > LEAST_TIME {
                continue;
            }
            if self.jobs.is_empty() {
                break;
            }
            tokio::select! {
                // Steps first: those that end at this moment go together.
                biased;
                Some(over) = self.jobs.next() => self.report.count(over),
                Some(ending) = self.ended.recv() => offered.push(ending),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        match trouble {
            Some(error) => Err(error),
            None => self.conclude().await,
        }
    }

    /// Claims for the free slots, if a look at the queue is due, and saves what has ended with it. Returns whether there may
    /// be more to claim.
    async fn take_turn(&mut self, mut offered: Vec<Ending>, may_claim: bool) -> Result<bool, StoreError> {
        offered.extend(iter::from_fn(|| self.ended.try_recv().ok()));
        // Results that waited for a free slot may start at once.
        if self.slots.has_room_again() || offered.iter().any(Ending::leaves_room_again) {
            self.next_look = Deadline(self.publisher.flow.clock.now());
        }
        let has_slot = self.slots.free() > 0 || !offered.is_empty();
        if !may_claim || !has_slot || !self.next_look.left(self.publisher.flow.clock.now()).is_zero() {
            offered.into_iter().for_each(Ending::decline);
            return Ok(false);
        }
        let (saves, along): (Vec<Ended>, Vec<TakenAlong>) =
            offered.into_iter().map(Ending::take_along).unzip();
        self.slots.has_room_again();
        match self.claim(&saves).await {
            Ok(claim) => {
                for one in along {
                    one.settle(&claim.lost);
                }
                Ok(self.lease(claim))
            }
            // One row may be to blame: each is saved alone, and the next claim is made alone.
            Err(error) if !along.is_empty() => {
                tracing::warn!("a claim that takes {} saves along failed: {error}", along.len());
                along.into_iter().for_each(TakenAlong::give_back);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Claims for the free slots. Steps run meanwhile: they may hold the connections that the claim waits for.
    async fn claim(&mut self, saves: &[Ended]) -> Result<Claim, StoreError> {
        let (room, free, lease_time) =
            (self.slots.room(), self.slots.free(), self.publisher.lease_time(self.budget));
        let (store, reach) = (&self.publisher.flow.store, self.reach);
        let is_first = self.before.is_none() && saves.is_empty();
        let mut claim = pin!(async {
            if is_first {
                store.lease_first(reach, &room, free, lease_time).await
            } else {
                store.save_and_lease(saves, reach, &room, free, lease_time).await
            }
        });
        loop {
            tokio::select! {
                claimed = &mut claim => return claimed,
                Some(over) = self.jobs.next(), if !self.jobs.is_empty() => self.report.count(over),
                // A save waits for no claim.
                Some(ending) = self.ended.recv() => ending.decline(),
            }
        }
    }

    /// Starts what was claimed. Returns whether there may be more to claim.
    fn lease(&mut self, claim: Claim) -> bool {
        self.before = self.before.take().or_else(|| claim.before.inspect(warn_if_stalled));
        let fresh_until = Deadline::after(self.publisher.flow.clock.now(), LOOK);
        self.oldest_due = claim.oldest_due.map(|oldest| (oldest, fresh_until));
        if !claim.has_more && !self.slots.has_room_again() {
            self.next_look = fresh_until;
        }
        for leased in claim.leased {
            self.report.leased += 1;
            match leased {
                Leased::Ready(lease) => {
                    let worker = Worker {
                        budget: self.budget,
                        request: self.request,
                        slice: self.slice,
                        slot: self.slots.occupy(&lease),
                        endings: self.endings.clone(),
                    };
                    self.jobs.push(self.publisher.guarded(lease, worker).boxed());
                }
                Leased::Unreadable(id, error) => {
                    self.report.waiting += 1;
                    tracing::error!(result.id = %id, error.code = error.code(), "result {id} waits for a version of the program that can read it: {error}");
                }
            }
        }
        claim.has_more
    }

    /// Says how the queue stands.
    async fn conclude(mut self) -> Result<Report, StoreError> {
        let store = &self.publisher.flow.store;
        let was_called = self.before.is_some();
        let stood = match self.before {
            Some(before) => before,
            // There was no time to claim anything.
            None => store.beat().await.inspect(warn_if_stalled)?,
        };
        self.report.since_last_call_seconds = stood.since_last_call;
        self.report.oldest_due_seconds = match self.oldest_due {
            _ if !was_called => stood.oldest_due,
            Some((oldest, fresh_until)) if !fresh_until.left(self.publisher.flow.clock.now()).is_zero() => {
                oldest
            }
            Some(_) | None => store.pulse().await?.oldest_due,
        };
        Ok(self.report)
    }
}
