//! Runs one step of one result: reads its inputs, gets a fresh token, and makes its call.

use std::time::Duration;

use super::calling::LEAST_TIME_FOR_ONCE;
use super::inspect::{InspectError, inspect, judge};
use super::publisher::{Budget, LEASE_MARGIN, Publisher};
use super::settle::{self, Outcome};
use crate::clock::{Deadline, between};
use crate::config::PlatformSettings;
use crate::entropy;
use crate::http::Effect;
use crate::model::{Attempt, AttemptOutcome, Checkpoint, HeldReason, ResultState, StateName};
use crate::oauth::{BUSY_PAUSE, REFRESH_PAUSE, RefreshFailed};
use crate::platform::{AccountRef, ENDED, PlatformOptions, Publication};
use crate::secret::AccessToken;
use crate::store::{Lease, StoreError};
use crate::video::{PinnedVideo, Reading, SourceError};

/// 2 s: with less time left, another invocation runs the step.
pub(super) const LEAST_TIME: Duration = Duration::from_secs(2);

/// Five minutes: when to check again for a missing key.
pub(super) const UNREADABLE_PAUSE: Duration = Duration::from_mins(5);

/// Whether the worker still holds the result after a step.
pub(super) enum After {
    /// The worker holds it, and its next step can follow at once.
    Again,
    /// The result was saved in this state, or its lease was lost (`None`).
    Over(Option<StateName>),
}

/// A leased result that one invocation is processing.
pub(super) struct Hand<'a> {
    pub(super) publisher: &'a Publisher,
    pub(super) budget: Budget,
    pub(super) options: &'a PlatformOptions,
    pub(super) settings: &'a PlatformSettings,
    pub(super) lease: Box<Lease>,
    /// Whether this is the first step under this lease, with a whole invocation available.
    pub(super) is_first: bool,
    /// Calls made but not logged yet. The next save writes them.
    pub(super) unsaved: Vec<Attempt>,
    /// The time limit of a new invocation.
    pub(super) slice: Duration,
    /// Whether the result started in this invocation, so that none of its video was sent before.
    pub(super) is_new: bool,
    /// The open stream of the video, once the first bytes were requested.
    pub(super) reading: Option<Reading>,
}

impl Hand<'_> {
    /// Runs one step.
    pub(super) async fn turn(&mut self) -> Result<After, StoreError> {
        // This comes first: a worker sent a call that must not be sent twice, and never saved its outcome.
        if self.lease.in_flight
            && let Some(at) = self.lease.step.clone()
        {
            let attempt = Attempt { outcome: AttemptOutcome::Crashed, ..attempt_of(&at.name, Effect::Once) };
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
                self.put_back(UNREADABLE_PAUSE).await
            }
            Err(RefreshFailed::Store(error)) => Err(error),
        }
    }

    /// Holds the result until its owner reconnects the account. A finished result stays finished.
    async fn park(&mut self, why: &'static str) -> Result<After, StoreError> {
        if is_over(self.lease.state) {
            return self.stop_looking().await;
        }
        self.save(&held(self.lease.step.clone(), why), None).await
    }

    pub(super) async fn stop_looking(&self) -> Result<After, StoreError> {
        self.publisher.flow.store.stop_looking(&self.lease).await?;
        Ok(After::Over(Some(self.lease.state)))
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
            ..attempt_of("inspect", Effect::Read)
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

    /// Returns when a call must end: within the invocation, and before another worker may take the lease.
    pub(super) fn deadline(&self) -> Deadline {
        let lease = Deadline(self.lease.until.0 - LEASE_MARGIN);
        self.budget.deadline.min(lease)
    }

    pub(super) fn left(&self) -> Duration {
        self.publisher.left(&self.budget).min(self.deadline().left(self.publisher.flow.clock.now()))
    }

    pub(super) fn jitter(&self) -> f64 {
        entropy::jitter(Duration::from_secs(1), &*self.publisher.flow.entropy).as_secs_f64()
    }
}

pub(super) fn shows_committed(options: &PlatformOptions, step: &Checkpoint) -> bool {
    // An unreadable step may be any step.
    options.shows(step).map_or(true, |shows| shows.committed)
}

/// Turns an inspection that outlasts the invocation into a temporary failure.
async fn within(
    time: Duration,
    inspection: impl Future<Output = Result<PinnedVideo, InspectError>>,
) -> Result<PinnedVideo, InspectError> {
    tokio::time::timeout(time, inspection).await.unwrap_or_else(|_| Err(SourceError::Stalled.into()))
}

pub(super) fn is_over(state: StateName) -> bool {
    matches!(state, StateName::Published | StateName::DeliveredToInbox)
}

pub(super) fn held(step: Option<Checkpoint>, message: &'static str) -> ResultState {
    ResultState::Held {
        step,
        reason: HeldReason::NeedsReconnect,
        until: None,
        code: "needs_reconnect".to_owned(),
        message,
    }
}

pub(super) fn publication<'a>(lease: &'a Lease, video: &'a PinnedVideo) -> Publication<'a> {
    Publication {
        video_url: &lease.video_url,
        video,
        caption: &lease.caption,
        title: lease.title.as_deref(),
        options: &(),
        account: AccountRef {
            id: &lease.remote_id,
            username: lease.username.as_deref(),
            metadata: &lease.metadata,
        },
        result: lease.id,
    }
}

/// Returns the log row of a call whose outcome is not known yet.
pub(super) fn attempt_of(step: &str, effect: Effect) -> Attempt {
    Attempt {
        step: step.to_owned(),
        effect,
        outcome: AttemptOutcome::NoReply,
        http_status: None,
        code: None,
        log_id: None,
        first_byte: None,
        bytes: None,
        checksum: None,
        duration: Duration::ZERO,
    }
}
