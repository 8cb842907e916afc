//! Runs one endpoint on the Lambda runtime, which also runs Netlify's functions.

use std::convert::Infallible;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{Response, StatusCode};
use lambda_http::lambda_runtime::LambdaInvocation;
use lambda_http::lambda_runtime::layers::TracingLayer;
use lambda_http::{Body, Error, RequestExt as _, service_fn};
use serde_json::json;
use tower::util::MapRequestLayer;
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::event::{self, Source};
use super::{App, Arrival, Face};
use crate::clock::{Clock as _, Deadline, SystemClock, Timestamp};
use crate::config::Mode;

/// A function handles one request at a time: one connection for it, one for parallel work.
const CONNECTIONS: u32 = 2;

/// The part of an invocation's time that is kept for the response, so that the runtime never has to kill the
/// process.
const MARGIN: chrono::Duration = chrono::Duration::seconds(1);

/// Serves an endpoint as long as the Lambda runtime has events.
///
/// # Errors
/// Returns an error if the configuration is incomplete, or the runtime ends. `main` returns it: Lambda then
/// reports an initialisation error.
pub async fn serve(face: Face) -> Result<(), Error> {
    #[expect(clippy::disallowed_methods, reason = "the one place where a function reads its environment")]
    let var = |name: &str| std::env::var(name).ok();
    log(var("AWS_LAMBDA_LOG_LEVEL").or_else(|| var("RUST_LOG")).as_deref());
    if var("AWS_LAMBDA_RUNTIME_API").is_none() {
        return Err(Refused(ALONE.to_owned()).into());
    }
    let app = App::from_vars(Mode::Hosted, CONNECTIONS, &var).map_err(|error| Refused(error.to_string()))?;
    let worn = Arc::new((app, face));
    let handler = service_fn(move |request| {
        let worn = Arc::clone(&worn);
        async move { Ok::<_, Infallible>(handle(&worn.0, &worn.1, request).await) }
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
fn log(level: Option<&str>) {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse_lossy(level.unwrap_or_default());
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

/// Handles one event, always with a response.
async fn handle(app: &App, face: &Face, request: lambda_http::Request) -> Response<Body> {
    let limit = request.lambda_context_ref().map_or(0, |context| context.deadline);
    let (request, source) = match event::admit(request) {
        Ok(admitted) => admitted,
        Err(error) => {
            tracing::warn!("an event was rejected: {error}");
            return refusal();
        }
    };
    let event = (source == Source::Trusted).then(|| request.body().clone());
    let deadline = deadline(limit, SystemClock.now());
    let arrival = Arrival { deadline, trusted: source == Source::Trusted };
    let answer = AssertUnwindSafe(app.answer(face, request, arrival)).catch_unwind().await;
    let mut response = answer.unwrap_or_else(|_| {
        tracing::error!("the handler panicked");
        fault()
    });
    if let Some(report) = event.and_then(|event| event::batch_report(&event, response.status())) {
        *response.body_mut() = report;
    }
    response.map(text_if_possible)
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

/// Returns the response after a panic: a sentence without details.
fn fault() -> Response<Bytes> {
    let body = error("internal", "Something went wrong on our side.");
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(http::header::CONTENT_TYPE, JSON);
    response
}

/// Returns the response to an HTTP event that `lambda_http` could not read. It sends the body unchanged, so
/// the body holds the whole response for the gateway.
fn refusal() -> Response<Body> {
    let body = error("unreadable_request", "We couldn't read the request.");
    let answer = json!({
        "statusCode": 400, "headers": { "content-type": "application/json" }, "isBase64Encoded": false, "body": body,
    });
    Response::new(Body::Text(answer.to_string()))
}

const JSON: http::HeaderValue = http::HeaderValue::from_static("application/json");

fn error(code: &str, message: &str) -> String {
    json!({ "error": { "code": code, "message": message } }).to_string()
}

#[cfg(test)]
mod tests;
