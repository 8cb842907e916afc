//! The function `social-health`: reports whether posts go out in time.

use std::sync::Arc;

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoints::endpoints;
use super::function::Function;
use super::json::Json;
use super::shared::{Shared, StartError};
use super::worker::knows_secret;
use crate::config::Config;
use crate::store::Store;

/// The state of the function.
#[derive(Clone)]
struct Health {
    store: Store,
    config: Arc<Config>,
}

endpoints!(Health; show: __path_show);

/// Returns the function `social-health`.
///
/// # Errors
/// See [`StartError`].
pub fn social_health(shared: &Shared) -> Result<Function, StartError> {
    let state = Health { store: shared.store.clone(), config: Arc::clone(&shared.config) };
    Ok(Function::new("social-health", routes().with_state(state), shared))
}

/// How the queue stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Health)]
#[expect(clippy::option_option, reason = "absent without the secret, and null before the first call")]
struct HealthReport {
    /// `ok`, `late`, `stalled` or `unavailable`.
    status: &'static str,
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
        (status = 503, description = "Posts are late, or the database is away.", body = HealthReport),
    ))]
async fn show(State(state): State<Health>, headers: HeaderMap) -> (StatusCode, Json<HealthReport>) {
    let Ok(pulse) = state.store.pulse().await else {
        let report =
            HealthReport { status: "unavailable", oldest_due_seconds: None, since_last_call_seconds: None };
        return (StatusCode::SERVICE_UNAVAILABLE, Json(report));
    };
    let status = pulse.status();
    let code = if status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let may_see = knows_secret(&headers, &state.config.worker);
    let report = HealthReport {
        status,
        oldest_due_seconds: may_see.then_some(pulse.oldest_due),
        since_last_call_seconds: may_see.then_some(pulse.since_last_call),
    };
    (code, Json(report))
}
