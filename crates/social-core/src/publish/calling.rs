//! Makes the HTTP call of a step: opens the byte range it needs, saves the in-flight record, sends, reads the
//! outcome.

use std::ops::Range;
use std::time::Duration;

use super::job::{After, Job, LEAST_TIME, is_over, publication};
use super::settle::{self, Outcome};
use crate::clock::between;
use crate::http::{Call, Effect, Reply, SendError, VideoBytes};
use crate::model::{Attempt, AttemptOutcome, ResultState};
use crate::oauth::BUSY_PAUSE;
use crate::platform::{AnyStep, CallContext};
use crate::secret::AccessToken;
use crate::store::StoreError;
use crate::video::{PinnedVideo, Reading, SentRange, SourceError, VideoFile};

/// 4 s: a call that must not be sent twice starts only with enough time to receive the response.
pub(super) const LEAST_TIME_FOR_ONCE: Duration = Duration::from_secs(4);

/// 5 s: how often a call in flight saves its progress. On most lines a 10 MB chunk ends sooner. A platform
/// that takes 300 MB in one call needs it.
const PROGRESS_PAUSE: Duration = Duration::from_secs(5);

/// Explains why a byte range of the video cannot be sent.
enum Unread {
    /// The time is up, and another invocation has more.
    Late,
    /// The video's server failed.
    Failed(SourceError),
}

impl Job<'_> {
    /// Makes the call of a step and saves its outcome.
    pub(super) async fn make(
        &mut self,
        step: &dyn AnyStep,
        token: &AccessToken,
    ) -> Result<After, StoreError> {
        // A step exists only after the video was inspected.
        let video = self.lease.video.clone().ok_or(StoreError::Inconsistent("social_posts.video"))?;
        let call = step.call(&self.context(&video, token));
        let effect = call.effect;
        // After publication, whichever source reported it, steps may only read.
        if is_over(self.lease.state) && effect != Effect::Read {
            return self.stop_looking().await;
        }
        let least = if effect == Effect::Once { LEAST_TIME_FOR_ONCE } else { LEAST_TIME };
        let had = self.left();
        if had < least {
            return self.put_back(Duration::ZERO).await;
        }
        let mut attempt = self.attempt(&step.checkpoint().name, effect);
        let range = call.body.video_range();
        let stream = match &range {
            Some(range) => match self.open(&video.file, range, least).await? {
                Ok(stream) => Some(stream),
                Err(Unread::Late) => return self.put_back(Duration::ZERO).await,
                Err(Unread::Failed(error)) => {
                    return self.source_failed(step, effect, &error, attempt).await;
                }
            },
            None => None,
        };
        if effect == Effect::Once {
            match self.publisher.flow.store.mark_in_flight(&self.lease, step.checkpoint()).await {
                Ok(true) => {}
                Ok(false) => return Ok(After::Over(None)),
                Err(error) => return self.take_back_mark(step, &error).await,
            }
        }
        let (timeout, left) = (call.timeout, self.left());
        let (sent, took) = self.send(call, stream, range.as_ref()).await;
        attempt.duration = took;
        attempt.http_status = sent.as_ref().ok().map(|reply| reply.status);
        attempt.log_id = sent.as_ref().ok().and_then(|reply| step.log_id(reply));
        let passed = self.reading.as_mut().filter(|_| range.is_some()).map(Reading::finish_range);
        let (passed, fault) = passed.map_or((None, None), |passed| (passed.sent, passed.fault));
        attempt.bytes = passed.map(|sent| sent.bytes);
        attempt.first_byte = passed.map(|sent| sent.first);
        attempt.checksum = passed.map(|sent| sent.checksum.to_string());
        let outcome = match sent {
            Ok(reply) => Outcome::Read(step.advance(&reply, &self.context(&video, token))),
            Err(SendError::NotConnected | SendError::TooLate) => Outcome::NotSent,
            Err(SendError::SourceFailed) => {
                let error = fault.unwrap_or(SourceError::Truncated { missing: 0 });
                return self.source_failed(step, effect, &error, attempt).await;
            }
            Err(SendError::NoReply)
                if range.is_some_and(|range| self.never_fits(&video.file, &range, passed, had)) =>
            {
                return self.source_failed(step, effect, &SourceError::RangeUnsupported, attempt).await;
            }
            Err(SendError::NoReply) if effect != Effect::Once && self.was_cut_by_us(timeout, left, took) => {
                return self.save(&self.unchanged(step, Duration::ZERO), Some(attempt)).await;
            }
            // The rest was held back, or had not come. So the platform has no complete video.
            Err(SendError::NoReply) => match fault {
                Some(error) => return self.source_failed(step, effect, &error, attempt).await,
                None => Outcome::NoReply,
            },
        };
        attempt.outcome = settle::outcome_name(&outcome);
        if let Some(error) = settle::error_of(&outcome) {
            attempt.code = Some(error.code.clone());
            attempt.log_id = error.log_id.clone().or(attempt.log_id);
        }
        self.apply(step, effect, outcome, Some(attempt)).await
    }

    /// Saves the result unchanged when the database did not confirm the in-flight record. Nothing was sent.
    /// The save also removes the record, so none stays for a call that was never made. A record that is
    /// written later finds no lease.
    async fn take_back_mark(&mut self, step: &dyn AnyStep, error: &StoreError) -> Result<After, StoreError> {
        tracing::warn!(result.id = %self.lease.id, "the in-flight record of result {} could not be saved, so it waits: {error}", self.lease.id);
        self.save(&self.unchanged(step, BUSY_PAUSE), None).await
    }

    /// Returns the state of a result whose step runs again after a pause.
    fn unchanged(&self, step: &dyn AnyStep, after: Duration) -> ResultState {
        settle::under_way(step.shows().committed, step.checkpoint().clone(), after, self.lease.failures)
    }

    /// Opens a byte range of the video, with enough time left to send it.
    async fn open(
        &mut self,
        file: &VideoFile,
        range: &Range<u64>,
        least: Duration,
    ) -> Result<Result<VideoBytes, Unread>, StoreError> {
        if self.reading.as_ref().is_none_or(|reading| !reading.is_of(file)) {
            let sent = if self.is_new {
                Vec::new()
            } else {
                self.publisher.flow.store.sent_ranges(&self.lease).await?
            };
            self.reading = Some(Reading::new(self.publisher.sources.clone(), file.clone(), sent));
        }
        let began = self.publisher.flow.clock.now();
        let time = self.left();
        let Some(reading) = &mut self.reading else { return Ok(Err(Unread::Late)) };
        let read = tokio::time::timeout(time, reading.read(range.clone())).await;
        let come = if read.is_ok() { range.start } else { reading.at().unwrap_or_default() };
        Ok(match read {
            Ok(Err(error)) => Err(Unread::Failed(error)),
            // The server was slow. With a whole invocation available it would be just as slow.
            Ok(Ok(_)) if file.ranged && self.left() < least && !self.is_most_of_a_slice(time) => {
                Err(Unread::Late)
            }
            // A server without range support sent everything before the range, which takes time.
            Ok(Ok(_)) | Err(_) if !file.ranged && self.left() < least => {
                let took = between(began, self.publisher.flow.clock.now()) + least;
                let needed = took.as_millis().saturating_mul(range.start.into()).checked_div(come.into());
                Err(match needed {
                    None if !self.is_most_of_a_slice(time) => Unread::Late,
                    None => Unread::Failed(SourceError::Stalled),
                    Some(needed) if needed > self.slice.as_millis() && self.is_most_of_a_slice(time) => {
                        Unread::Failed(SourceError::RangeUnsupported)
                    }
                    Some(_) => Unread::Late,
                })
            }
            Ok(Ok(body)) => Ok(Box::pin(body)),
            Err(_) => Err(Unread::Failed(SourceError::Stalled)),
        })
    }

    /// Reports whether a byte range cannot be sent within one invocation, including all that a server without
    /// range support sends before it. That is so when our own time cut it off twice, although it had most of
    /// an invocation. A range that was passed on completely may have taken effect, so it never counts.
    fn never_fits(
        &self,
        file: &VideoFile,
        range: &Range<u64>,
        passed: Option<SentRange>,
        had: Duration,
    ) -> bool {
        let tries = self.reading.as_ref().map_or(0, |reading| reading.tries(range.start));
        let is_part = passed.is_some_and(|sent| sent.bytes < range.end - range.start);
        !file.ranged && is_part && tries > 1 && self.left() < LEAST_TIME && self.is_most_of_a_slice(had)
    }

    fn is_most_of_a_slice(&self, had: Duration) -> bool {
        had >= self.slice.mul_f64(0.75)
    }

    /// Sends a call. A long call reports its progress meanwhile.
    async fn send(
        &self,
        call: Call,
        stream: Option<VideoBytes>,
        range: Option<&Range<u64>>,
    ) -> (Result<Reply, SendError>, Duration) {
        let flow = &self.publisher.flow;
        let started = flow.clock.now();
        let telling = async {
            let (Some(reading), Some(range)) = (&self.reading, range) else {
                return std::future::pending().await;
            };
            let mut told = started;
            loop {
                let passed = reading.progress().await;
                let now = flow.clock.now();
                if between(told, now) >= PROGRESS_PAUSE {
                    told = now;
                    // This serves only the display. The save that follows is what counts.
                    if let Err(error) = flow.store.note_progress(&self.lease, range.start + passed).await {
                        tracing::debug!(
                            "the progress of result {} could not be saved: {error}",
                            self.lease.id
                        );
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

    /// Reports whether our own time was up, not the platform's. That is no failure of the step, unless it had
    /// a whole invocation available and still did not fit.
    fn was_cut_by_us(&self, timeout: Duration, left: Duration, took: Duration) -> bool {
        left < timeout && took + LEAST_TIME > left && !self.is_first
    }

    /// Handles a failed video source, before or during the upload. The platform got an incomplete video, so
    /// nothing took effect.
    async fn source_failed(
        &mut self,
        step: &dyn AnyStep,
        effect: Effect,
        error: &SourceError,
        attempt: Attempt,
    ) -> Result<After, StoreError> {
        let attempt =
            Attempt { outcome: AttemptOutcome::SourceFailed, code: Some(error.code().to_owned()), ..attempt };
        if error.is_transient() {
            return self.apply(step, effect, Outcome::SourceFailed(error.into()), Some(attempt)).await;
        }
        if step.shows().committed {
            // The same bytes were sent completely before, so only the platform knows their outcome.
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
