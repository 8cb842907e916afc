//! What a tracer collects: spans of the worker's runs and of each step. Without a tracer they do not exist.
//!
//! They hold names, ids and counts. They never hold tokens, URLs, or texts of users and platforms.

use tracing::Span;
use tracing::field::Empty;

use crate::model::{Attempt, AttemptOutcome, PlatformId, PostId, RequestId, ResultId};

/// The target of these spans. The log does not show it.
pub const TARGET: &str = "social_publisher::trace";

/// Returns the span of one run of the worker.
pub(crate) fn run(request: &RequestId) -> Span {
    tracing::trace_span!(target: TARGET, "run", request.id = request.as_str(), leased = Empty, published = Empty, failed = Empty)
}

/// Returns the span of one step, with what belongs to it: a new token, the in-flight record, the call, the save.
pub(crate) fn step(platform: &PlatformId, post: PostId, result: ResultId, request: &RequestId) -> Span {
    tracing::trace_span!(
        target: TARGET, "step", otel.name = Empty, otel.status_code = Empty, %platform, post.id = %post,
        result.id = %result, request.id = request.as_str(), step = Empty, outcome = Empty,
        http.response.status_code = Empty, error.code = Empty, log.id = Empty
    )
}

/// Completes the current span, which is a step's, with the call that was made.
pub(crate) fn complete(platform: &PlatformId, attempt: &Attempt) {
    let span = Span::current();
    if span.metadata().is_none_or(|metadata| metadata.target() != TARGET) {
        return;
    }
    let Attempt { step, outcome, http_status, code, log_id, .. } = attempt;
    span.record("otel.name", format!("{platform} {step}"));
    span.record("step", step);
    span.record("outcome", outcome.name());
    span.record("http.response.status_code", *http_status);
    span.record("error.code", code.as_deref());
    span.record("log.id", log_id.as_deref());
    if *outcome != AttemptOutcome::Ok {
        span.record("otel.status_code", "ERROR");
    }
}
