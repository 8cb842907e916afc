//! `GET /metrics` in Prometheus's text format, for callers who know the token.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use social_core::meter::{RESULTS, SOURCE_FAILURES, STEP_SECONDS, TOKEN_REFRESHES};
use social_core::model::HeldReason;
use social_core::web::{Bearer, Functions};

use crate::error::ServerError;
use crate::refusal::refusal;
use crate::vars::Vars;

/// 16 bytes, as for every secret.
const SHORTEST: usize = 16;
/// From a quick question to the longest call, in seconds.
const BUCKETS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

const UP: &str = "social_database_up";
const OLDEST_DUE: &str = "social_oldest_due_seconds";
const SINCE_LAST_CALL: &str = "social_worker_since_last_call_seconds";
const IN_DOUBT: &str = "social_results_in_doubt";
const NEEDS_RECONNECT: &str = "social_results_needing_reconnect";
const HELD: &str = "social_results_held";
const WAITING: &str = "social_webhook_messages_waiting";
const DISABLED: &str = "social_webhook_endpoints_disabled";
const STARTS: &str = "social_cold_starts_total";

/// What `/metrics` needs.
#[derive(Clone)]
struct Metrics {
    functions: Arc<Functions>,
    handle: PrometheusHandle,
    token: Arc<str>,
}

/// Returns the route `/metrics` if `METRICS_TOKEN` is set, and counts from now on. Without it there is no such route.
pub(crate) fn router(vars: &Vars, functions: Arc<Functions>) -> Result<Router, ServerError> {
    let Some(token) = vars.find("METRICS_TOKEN") else { return Ok(Router::new()) };
    if token.len() < SHORTEST {
        return Err(ServerError::MetricsToken);
    }
    let steps = Matcher::Full(STEP_SECONDS.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(steps, BUCKETS);
    let recorder = builder.map_err(|_| ServerError::Metrics)?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| ServerError::Metrics)?;
    describe_gauge!(UP, "1 if the database responded to this scrape, otherwise 0.");
    describe_gauge!(OLDEST_DUE, "How long the oldest due result has been waiting.");
    describe_gauge!(SINCE_LAST_CALL, "Seconds since the last call of the worker; absent before the first.");
    describe_gauge!(IN_DOUBT, "Results that wait for a person's decision.");
    describe_gauge!(NEEDS_RECONNECT, "Results that wait until their owners reconnect an account.");
    describe_gauge!(HELD, "Results that are held until a time, by reason.");
    describe_gauge!(WAITING, "Webhook messages that are not delivered yet.");
    describe_gauge!(DISABLED, "Webhook endpoints that are disabled.");
    describe_histogram!(STEP_SECONDS, "How long calls to the platforms took, in this process.");
    describe_counter!(RESULTS, "Results that reached a state, in this process.");
    describe_counter!(SOURCE_FAILURES, "Videos that could not be read or used, in this process.");
    describe_counter!(TOKEN_REFRESHES, "Tokens sent to a platform for a refresh, in this process.");
    describe_counter!(STARTS, "Starts of this process: always 1.");
    counter!(STARTS).increment(1);
    let metrics = Metrics { functions, handle, token: token.into() };
    Ok(Router::new().route("/metrics", get(show)).with_state(metrics))
}

/// Returns the metrics. The gauges are read from the database at each scrape, so every process shows the same.
async fn show(State(metrics): State<Metrics>, bearer: Bearer) -> Response {
    if !bearer.is(&metrics.token) {
        let message = "Send METRICS_TOKEN as Authorization: Bearer <token>.";
        return refusal(StatusCode::UNAUTHORIZED, "unauthorized", message);
    }
    read(&metrics.functions).await;
    metrics.handle.run_upkeep();
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4"), (header::CACHE_CONTROL, "no-store")];
    (text, metrics.handle.render()).into_response()
}

/// Reads the gauges. While the database is away they keep their values, and one says so.
async fn read(functions: &Functions) {
    let store = &functions.publisher.flow.store;
    let (pulse, found) = match (store.pulse().await, store.diagnose().await) {
        (Ok(pulse), Ok(found)) => (pulse, found),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(error.code = error.code(), "the metrics could not be read: {error}");
            gauge!(UP).set(0.0);
            return;
        }
    };
    gauge!(UP).set(1.0);
    if let Some(since) = pulse.since_last_call {
        set(SINCE_LAST_CALL, since);
    }
    set(OLDEST_DUE, pulse.oldest_due);
    set(IN_DOUBT, found.in_doubt);
    set(NEEDS_RECONNECT, found.needs_reconnect);
    for (reason, results) in
        [(HeldReason::RateLimit, found.held_by_rate_limit), (HeldReason::Quota, found.held_by_quota)]
    {
        gauge!(HELD, "reason" => reason.name()).set(as_gauge(results));
    }
    set(WAITING, found.waiting_messages);
    set(DISABLED, found.disabled_endpoints);
}

fn set(name: &'static str, value: i64) {
    gauge!(name).set(as_gauge(value));
}

/// A count of rows and a number of seconds fit.
fn as_gauge(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}
