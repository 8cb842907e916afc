//! `GET /metrics` in Prometheus's text format, for callers who know the token.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use metrics_util::layers::FanoutBuilder;
use social_core::meter::{RESULTS, SOURCE_FAILURES, STEP_SECONDS, TOKEN_REFRESHES};
use social_core::model::HeldReason;
use social_core::web::{Bearer, Functions};

use crate::error::ServerError;
use crate::refusal::refusal;
use crate::telemetry::Telemetry;
use crate::vars::Vars;

/// 16 bytes, as for every secret.
const SHORTEST: usize = 16;
/// From a quick question to the longest call, in seconds.
const BUCKETS: &[f64] = &[0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// 15 s: as often as a scraper asks by default.
const PAUSE: Duration = Duration::from_secs(15);

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

/// Counts from now on for who reads the metrics: a scraper of `/metrics`, if `METRICS_TOKEN` is set, and OpenTelemetry.
/// Returns the route; without the token there is none.
pub(crate) fn router(
    vars: &Vars,
    functions: Arc<Functions>,
    telemetry: &Telemetry,
) -> Result<Router, ServerError> {
    let (scraped, exported) = (scraped(vars)?, telemetry.recorder(STEP_SECONDS, BUCKETS));
    let is_exported = exported.is_some();
    if !is_exported && scraped.is_none() {
        return Ok(Router::new());
    }
    let mut readers = FanoutBuilder::default();
    if let Some(exported) = exported {
        readers = readers.add_recorder(exported);
    }
    let scraped = scraped.map(|(recorder, token)| {
        let handle = recorder.handle();
        readers = mem::take(&mut readers).add_recorder(recorder);
        (handle, token)
    });
    metrics::set_global_recorder(readers.build()).map_err(|_| ServerError::Metrics)?;
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
    if is_exported {
        tokio::spawn(read_often(Arc::clone(&functions)));
    }
    let Some((handle, token)) = scraped else { return Ok(Router::new()) };
    let metrics = Metrics { functions, handle, token };
    Ok(Router::new().route("/metrics", get(show)).with_state(metrics))
}

/// Returns what collects the metrics for a scraper, and the scraper's token.
fn scraped(vars: &Vars) -> Result<Option<(PrometheusRecorder, Arc<str>)>, ServerError> {
    let Some(token) = vars.find("METRICS_TOKEN") else { return Ok(None) };
    if token.len() < SHORTEST {
        return Err(ServerError::MetricsToken);
    }
    let steps = Matcher::Full(STEP_SECONDS.to_owned());
    let builder = PrometheusBuilder::new().set_buckets_for_metric(steps, BUCKETS);
    let recorder = builder.map_err(|_| ServerError::Metrics)?.build_recorder();
    Ok(Some((recorder, token.into())))
}

/// Reads the gauges for a reader that does not ask.
async fn read_often(functions: Arc<Functions>) {
    loop {
        read(&functions).await;
        tokio::time::sleep(PAUSE).await;
    }
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
