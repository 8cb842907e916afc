//! The loop: lease, send, save. The only thing that retries.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use serde::Serialize;

use super::inspect::{InspectError, inspect, judge};
use super::settle::{Outcome, Settled, Turn, outcome_name, patience, settle};
use crate::clock::{Deadline, between};
use crate::config::PlatformSettings;
use crate::entropy;
use crate::http::{Body, Effect, SendError, SourceFailed, VideoBytes};
use crate::model::{Attempt, Checkpoint, HeldReason, ResultState, StateName};
use crate::oauth::{BUSY_PAUSE, Flow, RefreshFailed};
use crate::platform::{AnyWorker, CallContext, Progress, Publication, Shows};
use crate::secret::AccessToken;
use crate::store::{Lease, Leased, Saved, StoreError};
use crate::video::{PinnedVideo, SourceError, Sources};

/// 5 s: the lease outlives the last call by what saving it may take.
const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// 150 s: the longest call, a slow chunk, is given 120 s.
const LONGEST_LEASE: Duration = Duration::from_secs(150);
/// 2 s: less time than this is left to another invocation.
const LEAST_TIME: Duration = Duration::from_secs(2);
/// 4 s: a call that must not be sent twice is started only with time to hear the answer.
const LEAST_TIME_FOR_ONCE: Duration = Duration::from_secs(4);
/// How often a busy invocation with room to spare looks for more.
const LOOK: Duration = Duration::from_secs(1);

/// How much an invocation may do.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// When it must be over.
    pub deadline: Deadline,
    /// How many results it steps at once.
    pub concurrency: usize,
}

/// What an invocation did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Results leased.
    pub leased: usize,
    /// Results that the platform called published.
    pub published: usize,
    /// Drafts that lie in an inbox.
    pub delivered: usize,
    /// Results that failed.
    pub failed: usize,
    /// Results that wait for their next step.
    pub waiting: usize,
    /// Results held for a window or a person.
    pub held: usize,
    /// Results nobody can tell about.
    pub in_doubt: usize,
    /// Leases that were lost to another worker, a webhook or the owner.
    pub lost: usize,
    /// How long the oldest due result has been waiting, in seconds.
    pub oldest_due_seconds: i64,
}

/// Leases, sends and saves.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The database, the client, the settings, and fresh tokens.
    pub flow: Flow,
    /// The client for videos.
    pub sources: Sources,
    /// Set when the process is to end: calls that are out are heard to their end, and no others are begun.
    pub stopping: Arc<AtomicBool>,
}

/// Whether the result is still ours after a turn.
enum After {
    Again,
    Over(Option<StateName>),
}

impl Publisher {
    /// Works until nothing is due or the deadline is near.
    ///
    /// # Errors
    /// When the database declines to say what is due. What was begun is finished first.
    pub async fn run(&self, budget: Budget) -> Result<Report, StoreError> {
        let mut report = Report::default();
        let mut turns = FuturesUnordered::new();
        let mut trouble = None;
        loop {
            let free = budget.concurrency.saturating_sub(turns.len());
            if free > 0 && trouble.is_none() && self.left(&budget) > LEAST_TIME_FOR_ONCE {
                match self.flow.store.lease_due(free, self.lease_time(&budget)).await {
                    Ok(leases) => {
                        for leased in leases {
                            report.leased += 1;
                            match leased {
                                Leased::Ready(lease) => turns.push(self.guarded(lease, &budget)),
                                Leased::Unreadable(id, broken) => {
                                    report.waiting += 1;
                                    tracing::error!(result.id = %id, error.code = "secret_unreadable", "result {id} waits for its key: {broken}");
                                }
                            }
                        }
                    }
                    Err(error) => trouble = Some(error),
                }
            }
            if turns.is_empty() {
                break;
            }
            if let Ok(Some(over)) = tokio::time::timeout(LOOK, turns.next()).await {
                report.count(over);
            }
        }
        match trouble {
            Some(error) => Err(error),
            None => {
                report.oldest_due_seconds = self.flow.store.oldest_due().await?;
                Ok(report)
            }
        }
    }

    fn left(&self, budget: &Budget) -> Duration {
        if self.stopping.load(Ordering::Relaxed) {
            return Duration::ZERO;
        }
        budget.deadline.left(self.flow.clock.now())
    }

    fn lease_time(&self, budget: &Budget) -> Duration {
        (self.left(budget) + LEASE_MARGIN).min(LONGEST_LEASE)
    }

    /// A turn that panics or fails takes nothing with it: its lease runs out and somebody else goes on.
    async fn guarded(&self, mut lease: Box<Lease>, budget: &Budget) -> Option<StateName> {
        let id = lease.id;
        match AssertUnwindSafe(self.step_through(&mut lease, budget)).catch_unwind().await {
            Ok(Ok(over)) => over,
            Ok(Err(error)) => {
                tracing::error!(result.id = %id, error.code = error.code(), "result {id} is left to its lease: {error}");
                None
            }
            Err(_) => {
                tracing::error!(result.id = %id, error.code = "panicked", "stepping result {id} panicked");
                None
            }
        }
    }

    /// Steps a result until it waits, is over, is lost, or the time is up.
    async fn step_through(
        &self,
        lease: &mut Lease,
        budget: &Budget,
    ) -> Result<Option<StateName>, StoreError> {
        let mut is_first = true;
        loop {
            match self.turn(lease, budget, is_first).await? {
                After::Again => is_first = false,
                After::Over(state) => return Ok(state),
            }
        }
    }

    /// One step, in this order: what is needed, a fresh token, the mark, the call, the meaning, the save.
    async fn turn(&self, lease: &mut Lease, budget: &Budget, is_first: bool) -> Result<After, StoreError> {
        let Some((worker, settings)) = self.flow.platform(&lease.platform) else {
            tracing::warn!(platform = %lease.platform, "result {} waits: {} is off", lease.id, lease.platform);
            return self.put_back(lease, Duration::from_secs(300)).await;
        };
        if lease.access_token.is_none() {
            return self.park(lease).await;
        }
        let Some(step) = lease.step.clone() else { return self.begin(lease, worker, settings, budget).await };
        let shows = match worker.shows(&step) {
            Ok(shows) => shows,
            Err(error) => {
                tracing::error!(result.id = %lease.id, error.code = "checkpoint_unreadable", "{error}");
                return self.doubt(lease, step, budget).await;
            }
        };
        // A step that keeps killing its workers never comes to fail by itself.
        if lease.failures >= patience(shows.committed) && !is_over(lease.state) {
            return self.apply(lease, worker, &step, Effect::Read, Outcome::NotSent, None, budget).await;
        }
        let (token, version) = match self.token(lease).await? {
            Ok(fresh) => fresh,
            Err(RefreshFailed::Ended) => return self.park(lease).await,
            Err(RefreshFailed::Busy) => return self.put_back(lease, BUSY_PAUSE).await,
            Err(RefreshFailed::Store(error)) => return Err(error),
            Err(RefreshFailed::Later(_)) => {
                return self.apply(lease, worker, &step, Effect::Read, Outcome::NotSent, None, budget).await;
            }
        };
        lease.token_version = version;
        lease.access_token = Some(token.clone());
        lease.dies_soon = false;
        self.send(lease, worker, settings, step, &token, budget, is_first).await
    }

    /// Looks at the video, once per post, and writes down the first step.
    async fn begin(
        &self,
        lease: &mut Lease,
        worker: &dyn AnyWorker,
        settings: &PlatformSettings,
        budget: &Budget,
    ) -> Result<After, StoreError> {
        if self.left(budget) < LEAST_TIME {
            return self.put_back(lease, Duration::ZERO).await;
        }
        let started = self.flow.clock.now();
        let inspected = match lease.video.take() {
            Some(video) => Ok(video),
            None => match inspect(&self.sources, &lease.video_url).await {
                Ok(video) => Ok(self.flow.store.pin_video(&lease.owner, lease.post, &video).await?),
                Err(error) => Err(error),
            },
        };
        let judged = inspected.and_then(|video| {
            let verdict = judge(&worker.limits(), &video, None);
            match verdict.errors.into_iter().next() {
                None => Ok(video),
                Some(finding) => Err(InspectError {
                    code: finding.code.to_owned(),
                    message: finding.message,
                    is_transient: false,
                }),
            }
        });
        match judged {
            Ok(video) => {
                lease.step = Some(worker.first(&publication(lease, &video), settings));
                lease.video = Some(video);
                Ok(After::Again)
            }
            Err(error) => {
                let failures = lease.failures.saturating_add(1);
                let state = if error.is_transient && failures < patience(false) {
                    ResultState::Queued { after: super::settle::backoff(failures, self.jitter()), failures }
                } else {
                    ResultState::Failed { code: error.code.clone(), message: error.message.clone() }
                };
                let attempt = Attempt {
                    step: "inspect".to_owned(),
                    effect: Effect::Read,
                    outcome: crate::model::AttemptOutcome::SourceFailed,
                    http_status: None,
                    code: Some(error.code),
                    log_id: None,
                    bytes: None,
                    duration: between(started, self.flow.clock.now()),
                };
                self.save(lease, &state, &Shows::default(), Some(&attempt), None).await
            }
        }
    }

    /// Makes the call of a step and saves what came of it.
    #[expect(clippy::too_many_arguments, reason = "the parts of one turn, each used once")]
    async fn send(
        &self,
        lease: &mut Lease,
        worker: &dyn AnyWorker,
        settings: &PlatformSettings,
        step: Checkpoint,
        token: &AccessToken,
        budget: &Budget,
        is_first: bool,
    ) -> Result<After, StoreError> {
        // A step exists only for a video that was looked at.
        let video = lease.video.clone().ok_or(StoreError::Inconsistent("social_posts.video"))?;
        let (call, effect) = {
            let cx = CallContext { publication: publication(lease, &video), settings, token };
            match worker.call(&step, &cx) {
                Ok(call) => {
                    let effect = call.effect;
                    (call, effect)
                }
                Err(_) => return self.doubt(lease, step, budget).await,
            }
        };
        if lease.in_flight {
            // Somebody sent it and never told us.
            return self.apply(lease, worker, &step, effect, Outcome::Crashed, None, budget).await;
        }
        let least = if effect == Effect::Once { LEAST_TIME_FOR_ONCE } else { LEAST_TIME };
        let left = self.left(budget);
        if left < least {
            return self.put_back(lease, Duration::ZERO).await;
        }
        let fault = SourceFault::default();
        let (bytes, stream) = match call.body {
            Body::Video { start, end } => match self.sources.read(&video.file, start..end).await {
                Ok(stream) => (Some(end.saturating_sub(start)), Some(fault.watch(stream))),
                Err(error) => {
                    return self.source_failed(lease, worker, &step, effect, &error, None, budget).await;
                }
            },
            Body::Empty | Body::Json(_) | Body::Form(_) => (None, None),
        };
        if effect == Effect::Once && !self.flow.store.mark_in_flight(lease).await? {
            return Ok(After::Over(None));
        }
        let started = self.flow.clock.now();
        let timeout = call.timeout;
        let sent = self.flow.http.send(call, stream, budget.deadline).await;
        let took = between(started, self.flow.clock.now());
        let mut attempt = Attempt {
            step: step.name.clone(),
            effect,
            outcome: crate::model::AttemptOutcome::NoReply,
            http_status: sent.as_ref().ok().map(|reply| reply.status),
            code: None,
            log_id: None,
            bytes,
            duration: took,
        };
        let outcome = match sent {
            Ok(reply) => {
                let cx = CallContext { publication: publication(lease, &video), settings, token };
                match worker.advance(&step, &reply, &cx) {
                    Ok(read) => Outcome::Read(read),
                    Err(_) => return self.doubt(lease, step, budget).await,
                }
            }
            Err(SendError::NotConnected | SendError::TooLate) => Outcome::NotSent,
            Err(SendError::SourceFailed) => match fault.take() {
                Some(error) => {
                    return self
                        .source_failed(lease, worker, &step, effect, &error, Some(attempt), budget)
                        .await;
                }
                None => Outcome::SourceFailed,
            },
            // Our own time was up, not the platform's. That is no failure of the step, unless it had a whole
            // invocation to itself and still did not fit.
            Err(SendError::NoReply)
                if effect != Effect::Once && left < timeout && took + LEAST_TIME > left && !is_first =>
            {
                return self.put_back(lease, Duration::ZERO).await;
            }
            Err(SendError::NoReply) => Outcome::NoReply,
        };
        attempt.note(&outcome);
        self.apply(lease, worker, &step, effect, outcome, Some(attempt), budget).await
    }

    /// The source of the video failed before or while its bytes were passed on. Whatever the platform got was
    /// incomplete, so nothing took effect.
    #[expect(clippy::too_many_arguments, reason = "the parts of one turn, each used once")]
    async fn source_failed(
        &self,
        lease: &mut Lease,
        worker: &dyn AnyWorker,
        step: &Checkpoint,
        effect: Effect,
        error: &SourceError,
        attempt: Option<Attempt>,
        budget: &Budget,
    ) -> Result<After, StoreError> {
        let attempt = Attempt {
            outcome: crate::model::AttemptOutcome::SourceFailed,
            code: Some(error.code().to_owned()),
            ..attempt.unwrap_or_else(|| Attempt {
                step: step.name.clone(),
                effect,
                outcome: crate::model::AttemptOutcome::SourceFailed,
                http_status: None,
                code: None,
                log_id: None,
                bytes: None,
                duration: Duration::ZERO,
            })
        };
        if error.is_transient() {
            return self
                .apply(lease, worker, step, effect, Outcome::SourceFailed, Some(attempt), budget)
                .await;
        }
        let state =
            ResultState::Failed { code: error.code().to_owned(), message: error.message().to_owned() };
        self.save(lease, &state, &Shows::default(), Some(&attempt), None).await
    }

    /// Settles an outcome and saves it.
    #[expect(clippy::too_many_arguments, reason = "the parts of one turn, each used once")]
    async fn apply(
        &self,
        lease: &mut Lease,
        worker: &dyn AnyWorker,
        step: &Checkpoint,
        effect: Effect,
        outcome: Outcome,
        attempt: Option<Attempt>,
        budget: &Budget,
    ) -> Result<After, StoreError> {
        let reconcile = worker.reconcile(step).ok().flatten();
        let committed_at = |step: &Checkpoint| worker.shows(step).map_or(true, |shows| shows.committed);
        let turn = Turn {
            step,
            effect,
            was: lease.state,
            committed_at: &committed_at,
            failures: lease.failures,
            reconcile,
            jitter: self.jitter(),
        };
        let attempt = attempt
            .or_else(|| matches!(outcome, Outcome::Crashed).then(|| Attempt::unseen(step, effect, &outcome)));
        let progressed = matches!(outcome, Outcome::Read(Ok(_)));
        let state = match settle(&turn, outcome) {
            Settled::Unchanged => {
                self.flow.store.stop_looking(lease).await?;
                return Ok(After::Over(Some(lease.state)));
            }
            Settled::State(state) => {
                if progressed {
                    lease.rejected_version = None;
                }
                state
            }
            // Twice in a row, with a new token between: the grant itself is the trouble.
            Settled::RefreshToken(_)
                if lease.rejected_version.is_some_and(|version| version != lease.token_version) =>
            {
                return self.reconnect(lease, held(step), attempt, budget).await;
            }
            Settled::RefreshToken(state) => {
                lease.rejected_version = Some(lease.token_version);
                state
            }
            Settled::Reconnect(state) => return self.reconnect(lease, state, attempt, budget).await,
        };
        let shows = shows_of(worker, &state);
        let keep = self.goes_on(&state, budget);
        self.save(lease, &state, &shows, attempt.as_ref(), keep).await
    }

    /// Parks the account, unless it was connected again while we were asking.
    async fn reconnect(
        &self,
        lease: &mut Lease,
        state: ResultState,
        attempt: Option<Attempt>,
        budget: &Budget,
    ) -> Result<After, StoreError> {
        if self.flow.store.end_grant(&lease.owner, lease.account, lease.token_version).await? {
            return self.save(lease, &state, &Shows::default(), attempt.as_ref(), None).await;
        }
        let _ = budget;
        self.put_back(lease, BUSY_PAUSE).await
    }

    async fn park(&self, lease: &mut Lease) -> Result<After, StoreError> {
        let state =
            ResultState::Held { step: lease.step.clone(), reason: HeldReason::NeedsReconnect, until: None };
        self.save(lease, &state, &Shows::default(), None, None).await
    }

    async fn doubt(&self, lease: &mut Lease, step: Checkpoint, _: &Budget) -> Result<After, StoreError> {
        let state = ResultState::InDoubt {
            step,
            code: "checkpoint_unreadable".to_owned(),
            message: "Another version of the program began this post. Look at the account and say whether the video is there.",
        };
        self.save(lease, &state, &Shows::default(), None, None).await
    }

    async fn put_back(&self, lease: &Lease, after: Duration) -> Result<After, StoreError> {
        self.flow.store.put_back(lease, after).await?;
        Ok(After::Over(Some(lease.state)))
    }

    /// How long to keep the lease, if the next step can follow at once.
    fn goes_on(&self, state: &ResultState, budget: &Budget) -> Option<Duration> {
        let at_once = match state {
            ResultState::Publishing { after, .. } | ResultState::Processing { after, .. } => after.is_zero(),
            _ => false,
        };
        (at_once && self.left(budget) > LEAST_TIME).then(|| self.lease_time(budget))
    }

    async fn save(
        &self,
        lease: &mut Lease,
        state: &ResultState,
        shows: &Shows,
        attempt: Option<&Attempt>,
        keep: Option<Duration>,
    ) -> Result<After, StoreError> {
        let saved = self.flow.store.save(lease, state, shows, attempt, keep).await?;
        let name = state.name();
        match saved {
            Saved::Kept => Ok(After::Again),
            Saved::Released => {
                if is_over(name) || matches!(name, StateName::Failed | StateName::InDoubt | StateName::Held) {
                    tracing::info!(result.id = %lease.id, post.id = %lease.post, platform = %lease.platform, state = name.name(), "result {} is {}", lease.id, name.name());
                }
                Ok(After::Over(Some(name)))
            }
            Saved::Lost => {
                tracing::info!(result.id = %lease.id, "the lease of result {} was lost", lease.id);
                Ok(After::Over(None))
            }
        }
    }

    /// A token that may be used for the next call.
    async fn token(&self, lease: &Lease) -> Result<Result<(AccessToken, i64), RefreshFailed>, StoreError> {
        let rejected = lease.rejected_version.filter(|version| *version == lease.token_version);
        if let (Some(token), false, None) = (&lease.access_token, lease.dies_soon, rejected) {
            return Ok(Ok((token.clone(), lease.token_version)));
        }
        let fresh =
            self.flow.fresh_token(&lease.owner, &lease.platform, lease.account, lease.rejected_version).await;
        Ok(fresh.map(|fresh| (fresh.access_token, fresh.version)))
    }

    fn jitter(&self) -> f64 {
        entropy::jitter(Duration::from_secs(1), &*self.flow.entropy).as_secs_f64()
    }
}

fn is_over(state: StateName) -> bool {
    matches!(state, StateName::Published | StateName::DeliveredToInbox)
}

fn held(step: &Checkpoint) -> ResultState {
    ResultState::Held { step: Some(step.clone()), reason: HeldReason::NeedsReconnect, until: None }
}

fn shows_of(worker: &dyn AnyWorker, state: &ResultState) -> Shows {
    let step = match state {
        ResultState::Publishing { step, .. }
        | ResultState::Processing { step, .. }
        | ResultState::InDoubt { step, .. } => step,
        ResultState::Queued { .. }
        | ResultState::Held { .. }
        | ResultState::Published { .. }
        | ResultState::DeliveredToInbox { .. }
        | ResultState::Failed { .. } => return Shows::default(),
    };
    worker.shows(step).unwrap_or_default()
}

fn publication<'a>(lease: &'a Lease, video: &'a PinnedVideo) -> Publication<'a> {
    Publication {
        video_url: &lease.video_url,
        video,
        caption: &lease.caption,
        title: lease.title.as_deref(),
        options: &lease.options,
        username: lease.username.as_deref(),
    }
}

impl Attempt {
    /// What the ledger says of a call nobody saw the end of.
    fn unseen(step: &Checkpoint, effect: Effect, outcome: &Outcome) -> Self {
        Self {
            step: step.name.clone(),
            effect,
            outcome: outcome_name(outcome),
            http_status: None,
            code: None,
            log_id: None,
            bytes: None,
            duration: Duration::ZERO,
        }
    }

    fn note(&mut self, outcome: &Outcome) {
        self.outcome = outcome_name(outcome);
        let error = match outcome {
            Outcome::Read(Err(error) | Ok(Progress::Restart(_, error))) => error,
            Outcome::Read(Ok(_))
            | Outcome::NotSent
            | Outcome::NoReply
            | Outcome::Crashed
            | Outcome::SourceFailed => {
                return;
            }
        };
        self.code = Some(error.code.clone());
        self.log_id.clone_from(&error.log_id);
    }
}

impl Report {
    fn count(&mut self, over: Option<StateName>) {
        match over {
            None => self.lost += 1,
            Some(StateName::Published) => self.published += 1,
            Some(StateName::DeliveredToInbox) => self.delivered += 1,
            Some(StateName::Failed) => self.failed += 1,
            Some(StateName::Held) => self.held += 1,
            Some(StateName::InDoubt) => self.in_doubt += 1,
            Some(
                StateName::Queued
                | StateName::Publishing
                | StateName::Processing
                | StateName::Cancelled
                | StateName::Expired,
            ) => {
                self.waiting += 1;
            }
        }
    }
}

/// Remembers why a source failed while its bytes were on their way: the HTTP client only says that they did.
#[derive(Clone, Default)]
struct SourceFault(Arc<Mutex<Option<SourceError>>>);

impl SourceFault {
    fn watch(&self, stream: crate::video::VideoStream) -> VideoBytes {
        let fault = self.clone();
        Box::pin(stream.map(move |bytes| {
            bytes.map_err(|error| {
                *fault.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                SourceFailed
            })
        }))
    }

    fn take(&self) -> Option<SourceError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
