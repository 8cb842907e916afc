//! The function `social-health`: reports whether posts go out in time.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::bearer::Bearer;
use super::endpoints::endpoints;
use super::function::Function;
use super::json::Json;
use super::shared::{Shared, StartError};
use crate::config::Config;
use crate::store::{Health, Schema, Store, StoreError};

/// The state of the function.
#[derive(Clone)]
struct HealthState {
    store: Store,
    config: Arc<Config>,
}

endpoints!(HealthState; show: __path_show);

/// Returns the function `social-health`.
///
/// # Errors
/// See [`StartError`].
pub fn social_health(shared: &Shared) -> Result<Function, StartError> {
    let state = HealthState { store: shared.store.clone(), config: Arc::clone(&shared.config) };
    Ok(Function::new("social-health", routes().with_state(state), shared))
}

/// One second: a monitor should not wait longer.
const LONGEST: Duration = Duration::from_secs(1);

/// How the queue and the database stand.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Health)]
#[expect(clippy::option_option, reason = "absent without the secret, and null before the first call")]
struct HealthReport {
    /// `ok`, `late`, `stalled`, `outdated`, `read_only` or `unavailable`.
    status: &'static str,
    /// How the versions of schema and program differ, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
    /// How long the oldest due result has been waiting. Only with the worker's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    oldest_due_seconds: Option<i64>,
    /// Seconds since the last call of the worker; `null` before the first. Only with the worker's secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    since_last_call_seconds: Option<Option<i64>>,
}

/// Returns `ok` with 200, or the problem with 503, so that any monitor can watch it. The figures require the
/// worker's secret.
#[utoipa::path(method(get, head), path = "/social-health", operation_id = "getHealth", tag = "operation",
    security((), ("worker" = [])),
    responses(
        (status = 200, description = "Posts go out in time.", body = HealthReport),
        (status = 503, description = "Posts are late, or the database is away, outdated or read-only.", body = HealthReport),
    ))]
async fn show(State(state): State<HealthState>, bearer: Bearer) -> (StatusCode, Json<HealthReport>) {
    let checked = tokio::time::timeout(LONGEST, state.store.check_health()).await;
    let Health { pulse, schema } = match checked {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => {
            tracing::warn!(error.code = error.code(), "the health check failed: {error}");
            return not_ok(&error);
        }
        Err(_) => {
            tracing::warn!("the health check failed: the database did not respond within a second");
            return (StatusCode::SERVICE_UNAVAILABLE, Json(HealthReport::of("unavailable")));
        }
    };
    let status = pulse.status();
    let code = if status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let may_see = bearer.is(state.config.worker.secret.expose());
    let report = HealthReport {
        message: matches!(schema, Schema::Newer(_)).then(|| schema.to_string()),
        oldest_due_seconds: may_see.then_some(pulse.oldest_due),
        since_last_call_seconds: may_see.then_some(pulse.since_last_call),
        ..HealthReport::of(status)
    };
    (code, Json(report))
}

/// Returns the response to a check that failed.
fn not_ok(error: &StoreError) -> (StatusCode, Json<HealthReport>) {
    let report = match error {
        StoreError::Outdated(schema) => {
            HealthReport { message: Some(schema.to_string()), ..HealthReport::of("outdated") }
        }
        error if error.is_refused_write() => HealthReport::of("read_only"),
        _ => HealthReport::of("unavailable"),
    };
    (StatusCode::SERVICE_UNAVAILABLE, Json(report))
}

impl HealthReport {
    fn of(status: &'static str) -> Self {
        Self { status, message: None, oldest_due_seconds: None, since_last_call_seconds: None }
    }
}
