//! A step's call: the part of the video that goes with it, the mark, the sending, and what came of it.

use std::ops::Range;
use std::time::Duration;

use super::settle::{self, Outcome};
use super::turn::{After, Hand, LEAST_TIME, attempt_of, is_over, publication, shows_committed};
use crate::clock::between;
use crate::http::{Call, Effect, Reply, SendError, VideoBytes};
use crate::model::{Attempt, AttemptOutcome, Checkpoint, ResultState};
use crate::oauth::BUSY_PAUSE;
use crate::platform::{CallContext, UnreadableCheckpoint};
use crate::secret::AccessToken;
use crate::store::StoreError;
use crate::video::{PinnedVideo, Reading, Sent, SourceError, VideoFile};

/// 4 s: a call that must not be sent twice is started only with time to hear the answer.
pub(super) const LEAST_TIME_FOR_ONCE: Duration = Duration::from_secs(4);

/// 5 s: how often a call under way says how far it is. A chunk of 10 MB is saved more often than that on any line
/// worth publishing over; a platform that takes 300 MB in one call is not.
const PROGRESS_PAUSE: Duration = Duration::from_secs(5);

/// Why a stretch of the video cannot be sent.
enum Unread {
    /// The time is up; another invocation has more.
    Late,
    /// The video's server failed.
    Failed(SourceError),
}

impl Hand<'_> {
    /// Makes the call of a step and saves what came of it.
    pub(super) async fn make(&mut self, step: Checkpoint, token: &AccessToken) -> Result<After, StoreError> {
        // A step exists only for a video that was looked at.
        let video = self.lease.video.clone().ok_or(StoreError::Inconsistent("social_posts.video"))?;
        let Ok(call) = self.worker.call(&step, &self.context(&video, token)) else {
            return self.unreadable(step).await;
        };
        let effect = call.effect;
        // Whoever told that it is published, what is over is asked about at most, and never sent again.
        if is_over(self.lease.state) && effect != Effect::Read {
            return self.stop_looking().await;
        }
        let least = if effect == Effect::Once { LEAST_TIME_FOR_ONCE } else { LEAST_TIME };
        let had = self.left();
        if had < least {
            return self.put_back(Duration::ZERO).await;
        }
        let mut attempt = attempt_of(&step.name, effect);
        let stretch = call.body.stretch();
        let stream = match &stretch {
            Some(stretch) => match self.open(&video.file, stretch, least).await? {
                Ok(stream) => Some(stream),
                Err(Unread::Late) => return self.put_back(Duration::ZERO).await,
                Err(Unread::Failed(error)) => {
                    return self.source_failed(&step, effect, &error, attempt).await;
                }
            },
            None => None,
        };
        if effect == Effect::Once {
            match self.publisher.flow.store.mark_in_flight(&self.lease, &step).await {
                Ok(true) => {}
                Ok(false) => return Ok(After::Over(None)),
                Err(error) => return self.take_back_mark(step, &error).await,
            }
        }
        let (timeout, left) = (call.timeout, self.left());
        let (sent, took) = self.send(call, stream, stretch.as_ref()).await;
        attempt.duration = took;
        attempt.http_status = sent.as_ref().ok().map(|reply| reply.status);
        let passed = self.reading.as_mut().filter(|_| stretch.is_some()).map(Reading::passed);
        let (passed, fault) = passed.map_or((None, None), |passed| (passed.sent, passed.fault));
        attempt.bytes = passed.map(|sent| sent.bytes);
        attempt.first_byte = passed.map(|sent| sent.first);
        attempt.checksum = passed.map(|sent| sent.checksum.to_string());
        let outcome = match sent {
            Ok(reply) => match self.worker.advance(&step, &reply, &self.context(&video, token)) {
                Ok(read) => Outcome::Read(read),
                Err(UnreadableCheckpoint(_)) => return self.unreadable(step).await,
            },
            Err(SendError::NotConnected | SendError::TooLate) => Outcome::NotSent,
            Err(SendError::SourceFailed) => {
                let error = fault.unwrap_or(SourceError::Truncated { missing: 0 });
                return self.source_failed(&step, effect, &error, attempt).await;
            }
            Err(SendError::NoReply)
                if stretch.is_some_and(|stretch| self.never_fits(&video.file, &stretch, passed, had)) =>
            {
                return self.source_failed(&step, effect, &SourceError::RangeUnsupported, attempt).await;
            }
            Err(SendError::NoReply) if effect != Effect::Once && self.was_cut_by_us(timeout, left, took) => {
                let failures = self.lease.failures;
                let state =
                    settle::under_way(shows_committed(self.worker, &step), step, Duration::ZERO, failures);
                return self.save(&state, Some(attempt)).await;
            }
            // The end of the file was still held back: nothing that is whole went out.
            Err(SendError::NoReply) => match fault {
                Some(error) => return self.source_failed(&step, effect, &error, attempt).await,
                None => Outcome::NoReply,
            },
        };
        attempt.outcome = settle::outcome_name(&outcome);
        if let Some(error) = settle::error_of(&outcome) {
            attempt.code = Some(error.code.clone());
            attempt.log_id.clone_from(&error.log_id);
        }
        self.apply(&step, effect, outcome, Some(attempt)).await
    }

    /// Nobody said whether the mark was written, and nothing was sent: saved as it was, the result waits for the
    /// database, and no mark stays to tell of a call that never was. A mark that arrives later finds no lease.
    async fn take_back_mark(&mut self, step: Checkpoint, error: &StoreError) -> Result<After, StoreError> {
        tracing::warn!(result.id = %self.lease.id, "result {} could not be marked, and waits: {error}", self.lease.id);
        let committed = shows_committed(self.worker, &step);
        let state = settle::under_way(committed, step, BUSY_PAUSE, self.lease.failures);
        self.save(&state, None).await
    }

    /// Opens a stretch of the video, with time enough left to send it.
    async fn open(
        &mut self,
        file: &VideoFile,
        stretch: &Range<u64>,
        least: Duration,
    ) -> Result<Result<VideoBytes, Unread>, StoreError> {
        if self.reading.as_ref().is_none_or(|reading| !reading.is_of(file)) {
            let sent =
                if self.is_new { Vec::new() } else { self.publisher.flow.store.sent(&self.lease).await? };
            self.reading = Some(Reading::new(self.publisher.sources.clone(), file.clone(), sent));
        }
        let began = self.publisher.flow.clock.now();
        let time = self.left();
        let Some(reading) = &mut self.reading else { return Ok(Err(Unread::Late)) };
        let read = tokio::time::timeout(time, reading.read(stretch.clone())).await;
        let come = if read.is_ok() { stretch.start } else { reading.at().unwrap_or_default() };
        Ok(match read {
            Ok(Err(error)) => Err(Unread::Failed(error)),
            // The server took its time. With a whole invocation to itself it would take as long again.
            Ok(Ok(_)) if file.ranged && self.left() < least && !self.is_most_of_a_slice(time) => {
                Err(Unread::Late)
            }
            // A server without ranges sent all that lies before, and that takes its time.
            Ok(Ok(_)) | Err(_) if !file.ranged && self.left() < least => {
                let took = between(began, self.publisher.flow.clock.now()) + least;
                let needed = took.as_millis().saturating_mul(stretch.start.into()).checked_div(come.into());
                Err(match needed {
                    None if !self.is_most_of_a_slice(time) => Unread::Late,
                    None => Unread::Failed(SourceError::Stalled),
                    Some(needed) if needed > self.slice.as_millis() && self.is_most_of_a_slice(time) => {
                        Unread::Failed(SourceError::RangeUnsupported)
                    }
                    Some(_) => Unread::Late,
                })
            }
            Ok(Ok(passage)) => Ok(Box::pin(passage)),
            Err(_) => Err(Unread::Failed(SourceError::Stalled)),
        })
    }

    /// Whether a stretch will not go out in one invocation, after all that a server without ranges sends before it:
    /// it was cut by our own time, of which it had most of an invocation's, and not for the first time. What was handed
    /// on whole may have taken effect, so of that nothing is said.
    fn never_fits(
        &self,
        file: &VideoFile,
        stretch: &Range<u64>,
        passed: Option<Sent>,
        had: Duration,
    ) -> bool {
        let tries = self.reading.as_ref().map_or(0, |reading| reading.tries(stretch.start));
        let is_part = passed.is_some_and(|sent| sent.bytes < stretch.end - stretch.start);
        !file.ranged && is_part && tries > 1 && self.left() < LEAST_TIME && self.is_most_of_a_slice(had)
    }

    fn is_most_of_a_slice(&self, had: Duration) -> bool {
        had >= self.slice.mul_f64(0.75)
    }

    /// Sends a call. One that takes long says meanwhile how far it is.
    async fn send(
        &self,
        call: Call,
        stream: Option<VideoBytes>,
        stretch: Option<&Range<u64>>,
    ) -> (Result<Reply, SendError>, Duration) {
        let flow = &self.publisher.flow;
        let started = flow.clock.now();
        let telling = async {
            let (Some(reading), Some(stretch)) = (&self.reading, stretch) else {
                return std::future::pending().await;
            };
            let mut told = started;
            loop {
                let passed = reading.moved().await;
                let now = flow.clock.now();
                if between(told, now) >= PROGRESS_PAUSE {
                    told = now;
                    // It is only for the eye: the save that follows says what counts.
                    if let Err(error) = flow.store.note_progress(&self.lease, stretch.start + passed).await {
                        tracing::debug!("how far result {} is could not be told: {error}", self.lease.id);
                    }
                }
            }
        };
        let sent = tokio::select! {
            sent = flow.http.send(call, stream, self.deadline()) => sent,
            never = telling => never,
        };
        (sent, between(started, flow.clock.now()))
    }

    /// Whether our own time was up and not the platform's. That is no failure of the step, unless it had a whole
    /// invocation to itself and still did not fit.
    fn was_cut_by_us(&self, timeout: Duration, left: Duration, took: Duration) -> bool {
        left < timeout && took + LEAST_TIME > left && !self.is_first
    }

    /// The source of the video failed before or while its bytes were passed on. Whatever the platform got was
    /// incomplete, so nothing took effect.
    async fn source_failed(
        &mut self,
        step: &Checkpoint,
        effect: Effect,
        error: &SourceError,
        attempt: Attempt,
    ) -> Result<After, StoreError> {
        let attempt =
            Attempt { outcome: AttemptOutcome::SourceFailed, code: Some(error.code().to_owned()), ..attempt };
        if error.is_transient() {
            return self.apply(step, effect, Outcome::SourceFailed(error.into()), Some(attempt)).await;
        }
        if shows_committed(self.worker, step) {
            // The same bytes were sent whole before: what became of those is the platform's to say.
            return self.apply(step, effect, Outcome::NoReply, Some(attempt)).await;
        }
        let state =
            ResultState::Failed { code: error.code().to_owned(), message: error.message().to_owned() };
        self.save(&state, Some(attempt)).await
    }

    fn context<'a>(&'a self, video: &'a PinnedVideo, token: &'a AccessToken) -> CallContext<'a> {
        let (publication, now) = (publication(&self.lease, video), self.publisher.flow.clock.now());
        CallContext { publication, settings: self.settings, token, now }
    }
}
