//! Settles the outcome of a step and saves it.

use std::time::Duration;

use super::job::{After, Job, LEAST_TIME, held, is_over, shows_committed};
use super::settle::{Outcome, Settled, StepRun, error_of, settle, under_way};
use crate::http::Effect;
use crate::meter;
use crate::model::{Attempt, Checkpoint, ResultState, StateName};
use crate::oauth::BUSY_PAUSE;
use crate::platform::{AnyStep, ENDED, Progress, Shows};
use crate::store::{Lease, Saved, StoreError};

/// The pauses between attempts to save. While the database is unreachable, each attempt waits up to five
/// seconds for it. All of them together end with the lease, by this process's clock, or after the first.
const SAVE_PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(1)];

/// 10 s: a result whose lease ends sooner is saved alone. A claim takes long only if Postgres is in trouble.
const TIME_FOR_BOTH: Duration = Duration::from_secs(10);

impl Job<'_> {
    /// Holds the result until its owner reconnects the account. A finished result stays finished.
    pub(super) async fn park(&mut self, why: &'static str) -> Result<After, StoreError> {
        if is_over(self.lease.state) {
            return self.stop_looking().await;
        }
        self.save(&held(self.lease.step.clone(), why), None).await
    }

    pub(super) async fn stop_looking(&self) -> Result<After, StoreError> {
        self.publisher.flow.store.stop_looking(&self.lease).await?;
        Ok(After::Over(Some(self.lease.state)))
    }

    /// Settles an outcome and saves it.
    pub(super) async fn apply(
        &mut self,
        step: &dyn AnyStep,
        effect: Effect,
        outcome: Outcome,
        attempt: Option<Attempt>,
    ) -> Result<After, StoreError> {
        let options = self.options;
        let refusal = error_of(&outcome);
        let run = StepRun {
            step: step.checkpoint(),
            effect,
            was: self.lease.state,
            committed_at: &|step| shows_committed(options, step),
            failures: self.lease.failures,
            reconcile: step.reconcile(refusal),
            is_proof: refusal.is_some_and(|refusal| step.is_proof(refusal)),
            jitter: self.jitter(),
        };
        // Whatever the response says, the token was valid.
        if matches!(outcome, Outcome::Read(Ok(_))) {
            self.lease.rejected_version = None;
        }
        let went_on = matches!(outcome, Outcome::Read(Ok(Progress::Next(_))));
        let state = match settle(&run, outcome) {
            Settled::Unchanged => return self.stop_looking().await,
            Settled::State(state) => state,
            // Rejected twice in a row, with a new token in between: the grant itself is invalid.
            Settled::RefreshToken(state)
                if self.lease.rejected_version.is_some_and(|version| version != self.lease.token_version) =>
            {
                return self.reconnect(&held(state.step().cloned(), ENDED), attempt).await;
            }
            Settled::RefreshToken(state) => {
                self.lease.rejected_version = Some(self.lease.token_version);
                state
            }
            Settled::Reconnect(state) => return self.reconnect(&state, attempt).await,
        };
        // A read can be repeated, so it is recorded with the next save.
        if let (Effect::Read, true, Some(next)) = (effect, went_on, follows_at_once(&state))
            && self.left() > LEAST_TIME
        {
            self.lease.step = Some(next.clone());
            self.lease.failures = 0;
            self.note(attempt);
            return Ok(After::Again);
        }
        self.save(&state, attempt).await
    }

    /// Holds the account's results until its owner reconnects it. If the owner did so during the call, the
    /// result resumes from the step of `state` with the new grant.
    pub(super) async fn reconnect(
        &mut self,
        state: &ResultState,
        attempt: Option<Attempt>,
    ) -> Result<After, StoreError> {
        let Lease { owner, account, token_version, .. } = &*self.lease;
        let is_parked = match self
            .publisher
            .flow
            .store
            .end_grant(owner, *account, *token_version, ENDED)
            .await
        {
            Ok(is_parked) => is_parked,
            Err(error) => {
                tracing::warn!(account.id = %account, error.code = error.code(), "the end of a grant could not be saved yet: {error}");
                false
            }
        };
        if is_over(self.lease.state) {
            return if is_parked { self.stop_looking().await } else { self.put_back(BUSY_PAUSE).await };
        }
        if is_parked {
            return self.save(state, attempt).await;
        }
        let Some(step) = state.step().cloned() else { return self.put_back(BUSY_PAUSE).await };
        let committed = shows_committed(self.options, &step);
        let failures = self.lease.failures.saturating_add(1);
        self.save(&under_way(committed, step, BUSY_PAUSE, failures), attempt).await
    }

    pub(super) async fn unreadable(
        &mut self,
        step: Checkpoint,
        attempt: Option<Attempt>,
    ) -> Result<After, StoreError> {
        if is_over(self.lease.state) {
            return self.stop_looking().await;
        }
        tracing::error!(result.id = %self.lease.id, step = step.name, error.code = "checkpoint_unreadable", "the checkpoint of result {} cannot be read", self.lease.id);
        let state = ResultState::InDoubt {
            step,
            code: "checkpoint_unreadable".to_owned(),
            message: "Another version of this program started the post, and we can't read its progress. Check the account, then tell us.",
        };
        self.save(&state, attempt).await
    }

    pub(super) async fn put_back(&mut self, after: Duration) -> Result<After, StoreError> {
        if let (Some(step), false) = (self.lease.step.clone(), self.unsaved.is_empty()) {
            let committed = shows_committed(self.options, &step);
            return self.save(&under_way(committed, step, after, self.lease.failures), None).await;
        }
        self.publisher.flow.store.put_back(&self.lease, after).await?;
        Ok(After::Over(Some(self.lease.state)))
    }

    /// Saves a state with its log rows. The lease is renewed if the next step can follow at once.
    pub(super) async fn save(
        &mut self,
        state: &ResultState,
        attempt: Option<Attempt>,
    ) -> Result<After, StoreError> {
        self.note(attempt);
        let at_once = follows_at_once(state).is_some();
        let shows = state.step().and_then(|step| self.options.shows(step).ok()).unwrap_or_default();
        let keep = (at_once && self.left() > LEAST_TIME).then(|| self.publisher.lease_time(&self.budget));
        let was = self.lease.state;
        let saved = self.save_surely(state, &shows, keep).await?;
        if !matches!(saved, Saved::Lost) {
            meter::measure(&self.lease.platform, &self.unsaved);
            if state.name() != was {
                meter::count(&self.lease.platform, state.name());
            }
        }
        self.unsaved.clear();
        self.lease.recall_requested = false;
        let (id, post, name) = (self.lease.id, self.lease.post, state.name());
        match saved {
            Saved::Kept => return Ok(After::Again),
            Saved::Lost => {
                tracing::info!(result.id = %id, post.id = %post, "the lease of result {id} was lost");
                return Ok(After::Over(None));
            }
            Saved::Released => {}
        }
        if name != was
            && (is_over(name) || matches!(name, StateName::Failed | StateName::InDoubt | StateName::Held))
        {
            tracing::info!(result.id = %id, post.id = %post, platform = %self.lease.platform, state = name.name(), "result {id} is {}", name.name());
        }
        Ok(After::Over(Some(name)))
    }

    /// Saves, and retries while the lease lasts. A platform may report an outcome only once, so a short
    /// database error must not lose it. The lease token makes retries safe.
    pub(super) async fn save_surely(
        &mut self,
        state: &ResultState,
        shows: &Shows,
        keep: Option<Duration>,
    ) -> Result<Saved, StoreError> {
        if keep.is_none()
            && let Some(saved) = self.save_with_claim(state, shows).await
        {
            return Ok(saved);
        }
        let mut pauses = SAVE_PAUSES.iter();
        loop {
            let saved =
                self.publisher.flow.store.save(&mut self.lease, state, shows, &self.unsaved, keep).await;
            let is_ours = !self.lease.until.left(self.publisher.flow.clock.now()).is_zero();
            match (saved, pauses.next()) {
                (Err(error), Some(pause)) if is_ours && error.is_passing() => {
                    tracing::warn!(result.id = %self.lease.id, "result {} could not be saved yet: {error}", self.lease.id);
                    tokio::time::sleep(*pause).await;
                }
                (saved, _) => return saved,
            }
        }
    }

    /// Has the loop save the result together with its next claim, if it makes one now and that succeeds.
    async fn save_with_claim(&mut self, state: &ResultState, shows: &Shows) -> Option<Saved> {
        // If that claim fails, there is time to save it alone.
        if self.lease.until.left(self.publisher.flow.clock.now()) < TIME_FOR_BOTH {
            return None;
        }
        let slot = self.slot.take()?;
        let ended = self.publisher.flow.store.ended(&self.lease, state, shows, &self.unsaved);
        match self.endings.offer(ended, slot).await {
            Ok(true) => Some(Saved::Released),
            Ok(false) => Some(Saved::Lost),
            Err(slot) => {
                self.slot = slot;
                None
            }
        }
    }
}

/// Returns the next step of a state if it need not wait.
fn follows_at_once(state: &ResultState) -> Option<&Checkpoint> {
    match state {
        ResultState::Publishing { step, after, .. } | ResultState::Processing { step, after, .. } => {
            after.is_zero().then_some(step)
        }
        ResultState::Queued { .. }
        | ResultState::Held { .. }
        | ResultState::Published { .. }
        | ResultState::DeliveredToInbox { .. }
        | ResultState::InDoubt { .. }
        | ResultState::Expired
        | ResultState::Cancelled
        | ResultState::Failed { .. } => None,
    }
}
