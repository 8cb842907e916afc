//! Runs one step of one result: reads its inputs, gets a fresh token, and makes its call.

use std::time::Duration;

use super::calling::LEAST_TIME_FOR_ONCE;
use super::inspect::{InspectError, inspect, judge};
use super::job::{After, Job, LEAST_TIME, publication};
use super::settle::{self, Outcome};
use crate::clock::between;
use crate::http::Effect;
use crate::model::{Attempt, AttemptOutcome, ResultState};
use crate::oauth::{BUSY_PAUSE, REFRESH_PAUSE, RefreshFailed};
use crate::platform::ENDED;
use crate::secret::AccessToken;
use crate::store::{Lease, StoreError};
use crate::video::{PinnedVideo, SourceError};

impl Job<'_> {
    /// Runs one step.
    pub(super) async fn run_step(&mut self) -> Result<After, StoreError> {
        // This comes first: a worker sent a call that must not be sent twice, and never saved its outcome.
        if self.lease.in_flight
            && let Some(at) = self.lease.step.clone()
        {
            let attempt =
                Attempt { outcome: AttemptOutcome::Crashed, ..self.attempt(&at.name, Effect::Once) };
            let Ok(step) = self.options.step(&at) else { return self.unreadable(at, Some(attempt)).await };
            return self.apply(&*step, Effect::Once, Outcome::Crashed, Some(attempt)).await;
        }
        if self.lease.is_too_late {
            return self.save(&ResultState::Expired, None).await;
        }
        if self.lease.access_token.is_none() {
            return self.park(ENDED).await;
        }
        let Some(at) = self.lease.step.clone() else { return self.begin().await };
        let Ok(mut step) = self.options.step(&at) else { return self.unreadable(at, None).await };
        if self.lease.recall_requested && !step.shows().committed {
            return self.save(&ResultState::Cancelled, None).await;
        }
        if self.lease.recall_requested
            && let Some(recall) = step.recall()
        {
            step = match self.options.step(&recall) {
                Ok(recall) => recall,
                Err(_) => return self.unreadable(recall, None).await,
            };
        }
        // A step that crashes its workers never reaches a failure of its own.
        if self.lease.failures >= settle::patience(step.shows().committed) {
            return self.apply(&*step, Effect::Read, Outcome::NotSent, None).await;
        }
        if self.needs_refresh() && self.left() < LEAST_TIME_FOR_ONCE {
            // A refresh whose response is lost may cost the grant.
            return self.put_back(Duration::ZERO).await;
        }
        match self.fresh_token().await {
            Ok(token) => self.make(&*step, &token).await,
            Err(RefreshFailed::Ended(why)) => self.park(why).await,
            Err(RefreshFailed::Busy) => self.put_back(BUSY_PAUSE).await,
            // The platform or the operator's settings are at fault, so no result fails.
            Err(RefreshFailed::Later(_)) => self.put_back(REFRESH_PAUSE).await,
            // The operator must restore the key, so no result fails for that either.
            Err(RefreshFailed::Store(StoreError::Seal(broken))) => {
                let Lease { id, account, .. } = &*self.lease;
                tracing::error!(result.id = %id, account.id = %account, error.code = "secret_unreadable", "result {id} waits for its account's key: {broken}");
                self.publisher.flow.store.set_account_aside(&self.lease).await?;
                Ok(After::Over(Some(self.lease.state)))
            }
            Err(RefreshFailed::Store(error)) => Err(error),
        }
    }

    /// Inspects the video, once per post, and saves the first step.
    async fn begin(&mut self) -> Result<After, StoreError> {
        let Some(time) = self.left().checked_sub(LEAST_TIME).filter(|time| !time.is_zero()) else {
            return self.put_back(Duration::ZERO).await;
        };
        if self.lease.failures >= settle::patience(false) {
            let (code, message) = if self.lease.video.is_none() {
                let message = "We couldn't inspect the video after several tries. Nothing was posted. Export it again as MP4 and retry.";
                ("video_unreadable", message)
            } else {
                (
                    "interrupted",
                    "Something interrupted us each time we started. Nothing was posted. Try again later.",
                )
            };
            let state = ResultState::Failed { code: code.to_owned(), message: message.to_owned() };
            return self.save(&state, None).await;
        }
        let started = self.publisher.flow.clock.now();
        let inspected = match self.lease.video.take() {
            Some(video) => Ok(video),
            None => match within(time, inspect(&self.publisher.sources, &self.lease.video_url)).await {
                Ok(video) => {
                    let Lease { owner, post, video_url, .. } = &*self.lease;
                    match self.publisher.flow.store.pin_video(owner, *post, video_url, &video).await? {
                        Some(video) => Ok(video),
                        // The owner set another URL meanwhile.
                        None => return self.put_back(Duration::ZERO).await,
                    }
                }
                Err(error) => Err(error),
            },
        };
        let judged = inspected.and_then(|video| {
            let verdict = judge(self.options.limits(&video.facts), &video, None);
            verdict.errors.into_iter().next().map_or(Ok(video), |finding| {
                Err(InspectError {
                    code: finding.code.to_owned(),
                    message: finding.message,
                    is_transient: false,
                })
            })
        });
        let error = match judged {
            Ok(video) => {
                self.lease.step = Some(self.options.first(&publication(&self.lease, &video), self.settings));
                self.lease.video = Some(video);
                self.is_new = true;
                return Ok(After::Again);
            }
            Err(error) => error,
        };
        let failures = self.lease.failures.saturating_add(1);
        let state = if error.is_transient && failures < settle::patience(false) {
            ResultState::Queued { after: settle::backoff(failures, self.jitter()), failures }
        } else {
            ResultState::Failed { code: error.code.clone(), message: error.message }
        };
        let attempt = Attempt {
            outcome: AttemptOutcome::SourceFailed,
            code: Some(error.code),
            duration: between(started, self.publisher.flow.clock.now()),
            ..self.attempt("inspect", Effect::Read)
        };
        self.save(&state, Some(attempt)).await
    }

    fn needs_refresh(&self) -> bool {
        self.lease.dies_soon || self.lease.rejected_version == Some(self.lease.token_version)
    }

    /// Returns a token for the next call.
    async fn fresh_token(&mut self) -> Result<AccessToken, RefreshFailed> {
        if let (Some(token), false) = (&self.lease.access_token, self.needs_refresh()) {
            return Ok(token.clone());
        }
        let Lease { owner, platform, account, rejected_version, .. } = &*self.lease;
        let fresh = self
            .publisher
            .flow
            .fresh_token(owner, platform, *account, *rejected_version, self.deadline())
            .await?;
        self.lease.token_version = fresh.version;
        self.lease.access_token = Some(fresh.access_token.clone());
        self.lease.dies_soon = false;
        Ok(fresh.access_token)
    }
}

/// Turns an inspection that outlasts the invocation into a temporary failure.
async fn within(
    time: Duration,
    inspection: impl Future<Output = Result<PinnedVideo, InspectError>>,
) -> Result<PinnedVideo, InspectError> {
    tokio::time::timeout(time, inspection).await.unwrap_or_else(|_| Err(SourceError::Stalled.into()))
}
