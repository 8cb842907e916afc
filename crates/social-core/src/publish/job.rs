//! A leased result that one invocation is processing.

use std::time::Duration;

use super::ending::Endings;
use super::publisher::{Budget, LEASE_MARGIN, Publisher};
use super::slots::Slot;
use crate::clock::Deadline;
use crate::config::PlatformSettings;
use crate::entropy;
use crate::http::Effect;
use crate::model::{Attempt, AttemptOutcome, Checkpoint, HeldReason, RequestId, ResultState, StateName};
use crate::platform::{AccountRef, PlatformOptions, Publication};
use crate::store::Lease;
use crate::trace;
use crate::video::{PinnedVideo, Reading};

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
pub(super) struct Job<'a> {
    pub(super) publisher: &'a Publisher,
    pub(super) budget: Budget,
    /// The request of the worker that this is done for.
    pub(super) request: &'a RequestId,
    pub(super) options: &'a PlatformOptions,
    pub(super) settings: &'a PlatformSettings,
    pub(super) lease: Box<Lease>,
    /// The worker's slot, until the end of the step run gives it up.
    pub(super) slot: Option<Slot>,
    /// Offers the loop the save that ends the step run.
    pub(super) endings: Endings,
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

impl Job<'_> {
    /// Returns when a call must end: within the invocation, and before another worker may take the lease.
    pub(super) fn deadline(&self) -> Deadline {
        let lease = Deadline(self.lease.until.0 - LEASE_MARGIN);
        self.budget.deadline.min(lease)
    }

    pub(super) fn left(&self) -> Duration {
        self.publisher.left(&self.budget).min(self.deadline().left(self.publisher.flow.clock.now()))
    }

    /// Returns the log row of a call whose outcome is not known yet.
    pub(super) fn attempt(&self, step: &str, effect: Effect) -> Attempt {
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
            request_id: self.request.clone(),
        }
    }

    /// Logs a call, and keeps it for the next save.
    pub(super) fn note(&mut self, attempt: Option<Attempt>) {
        let Some(attempt) = attempt else { return };
        trace::complete(&self.lease.platform, &attempt);
        let Lease { id, post, platform, .. } = &*self.lease;
        let Attempt { step, outcome, http_status, code, log_id, .. } = &attempt;
        let (outcome, code, log_id) = (outcome.name(), code.as_deref(), log_id.as_deref());
        // Most calls succeed, and an upload has many.
        if attempt.outcome == AttemptOutcome::Ok {
            tracing::debug!(result.id = %id, post.id = %post, %platform, step, outcome, http_status, log.id = log_id, "step {step} of result {id} was {outcome}");
        } else {
            tracing::info!(result.id = %id, post.id = %post, %platform, step, outcome, http_status, error.code = code, log.id = log_id, "step {step} of result {id} ended with {outcome}");
        }
        self.unsaved.push(attempt);
    }

    pub(super) fn jitter(&self) -> f64 {
        entropy::jitter(Duration::from_secs(1), &*self.publisher.flow.entropy).as_secs_f64()
    }
}

pub(super) fn shows_committed(options: &PlatformOptions, step: &Checkpoint) -> bool {
    // An unreadable step may be any step.
    options.shows(step).map_or(true, |shows| shows.committed)
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
