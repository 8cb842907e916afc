//! Runs one function on the Lambda runtime, which also runs Netlify's functions.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use lambda_http::lambda_runtime::LambdaInvocation;
use lambda_http::lambda_runtime::layers::TracingLayer;
use lambda_http::{Body, Error, RequestExt as _, service_fn};
use serde_json::json;
use tower::util::MapRequestLayer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::event::{self, Source};
use super::function::{Arrival, Function};
use super::shared::{Shared, StartError};
use crate::clock::{Clock as _, Deadline, SystemClock, Timestamp};
use crate::config::Mode;

/// A function handles one request at a time: one connection for it, one for parallel work.
const CONNECTIONS: u32 = 2;

/// The part of an invocation's time that is kept for the response, so that the runtime never has to kill the
/// process.
const MARGIN: chrono::Duration = chrono::Duration::seconds(1);

/// Makes a function of its parts.
type Make = fn(&Shared) -> Result<Function, StartError>;

/// Serves a function as long as the Lambda runtime has events.
///
/// # Errors
/// Returns an error if the configuration is incomplete, or the runtime ends. `main` returns it: Lambda then
/// reports an initialisation error.
pub async fn serve(make: Make) -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "the one place where a function reads its environment")]
    let var = |name: &str| std::env::var(name).ok();
    log_json(var("AWS_LAMBDA_LOG_LEVEL").or_else(|| var("RUST_LOG")).as_deref());
    if var("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err(Refused(ALONE.to_owned()).into());
    }
    let refused = |error: StartError| Refused(error.to_string());
    let shared = Shared::from_vars(Mode::Hosted, CONNECTIONS, &var).map_err(refused)?;
    let function = Arc::new(make(&shared).map_err(refused)?);
    let handler = service_fn(move |request| {
        let function = Arc::clone(&function);
        async move { handle(&function, request).await.map_err(Error::from) }
    });
    lambda_http::runtime(handler)
        .layer(MapRequestLayer::new(normalised))
        .layer(TracingLayer::new())
        .run()
        .await
}

const ALONE: &str =
    "this is a function: it needs the runtime of AWS Lambda or Netlify. `cargo run` starts everything here.";

/// Explains why a function does not start. `main` prints its `Debug`, so that reads like a message too.
#[derive(thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Logs one JSON object per line. Never at `TRACE`, whatever the setting: there the runtime logs whole
/// events, tokens included.
pub fn log_json(level: Option<&str>) {
    // A setting that cannot be read counts as none.
    let filter = level.and_then(|level| level.parse::<Targets>().ok()).unwrap_or_default();
    let filter =
        if filter.default_level().is_some() { filter } else { filter.with_default(LevelFilter::INFO) };
    tracing_subscriber::registry()
        .with(LevelFilter::DEBUG)
        .with(filter)
        .with(tracing_subscriber::fmt::layer().json().flatten_event(true))
        .init();
}

/// Normalises an event from the runtime.
fn normalised(mut invocation: LambdaInvocation) -> LambdaInvocation {
    if let Ok(event) = std::str::from_utf8(&invocation.body) {
        invocation.body = Bytes::from(event::normalise(event).into_owned());
    }
    invocation
}

/// A run that the cloud asked for has failed. The invocation fails with it, so that the caller, its retries and its
/// metrics see it: only a gateway reads a status.
#[derive(Debug, thiserror::Error)]
#[error("the run failed with {status}: {answer}")]
struct FailedRun {
    status: StatusCode,
    /// The error that an HTTP caller would have got.
    answer: String,
}

/// Handles one event: with a response, unless the cloud asked for a run that failed.
async fn handle(function: &Function, request: lambda_http::Request) -> Result<Response<Body>, FailedRun> {
    let limit = request.lambda_context_ref().map_or(0, |context| context.deadline);
    let (mut request, source) = match event::admit(request) {
        Ok(admitted) => admitted,
        Err(error) => {
            tracing::warn!("an event was rejected: {error}");
            return Ok(refusal());
        }
    };
    let event = (source == Source::Trusted).then(|| request.body().clone());
    let deadline = deadline(limit, SystemClock.now());
    request.extensions_mut().insert(Arrival { deadline, trusted: source == Source::Trusted });
    let (parts, body) = function.answer(request.map(axum::body::Body::from)).await.into_parts();
    // Our own bodies are complete in memory.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let report = event.as_ref().and_then(|event| event::batch_report(event, parts.status));
    if event.is_some() && report.is_none() && !parts.status.is_success() {
        return Err(FailedRun { status: parts.status, answer: String::from_utf8_lossy(&body).into_owned() });
    }
    Ok(Response::from_parts(parts, text_if_possible(report.unwrap_or(body))))
}

/// Returns the deadline; `None` if it has passed, which some emulators send.
fn deadline(milliseconds: u64, now: Timestamp) -> Option<Deadline> {
    let at = Timestamp::from_timestamp_millis(i64::try_from(milliseconds).ok()?)?;
    (at > now).then(|| Deadline(at - MARGIN))
}

/// Returns the body as text, so that it is not sent in base64. `lambda_http` drops a passed-through body that
/// is not text.
fn text_if_possible(body: Bytes) -> Body {
    match String::from_utf8(body.into()) {
        Ok(text) if text.is_empty() => Body::Empty,
        Ok(text) => Body::Text(text),
        Err(error) => Body::Binary(error.into_bytes()),
    }
}

/// Returns the response to an HTTP event that `lambda_http` could not read. It sends the body unchanged, so
/// the body holds the whole response for the gateway.
fn refusal() -> Response<Body> {
    let error = json!({ "code": "unreadable_request", "message": "We couldn't read the request." });
    let body = json!({ "error": error }).to_string();
    let answer = json!({
        "statusCode": 400, "headers": { "content-type": "application/json" }, "isBase64Encoded": false, "body": body,
    });
    Response::new(Body::Text(answer.to_string()))
}

#[cfg(test)]
mod tests;
