//! What a host asks about the process: whether it lives, and whether it should get requests.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::json;
use social_core::store::StoreError;
use social_core::web::Functions;

use crate::refusal::refusal;

/// One second: most hosts wait no longer.
const LONGEST: Duration = Duration::from_secs(1);

/// Returns the routes `/livez` and `/readyz`.
pub(crate) fn router(functions: Arc<Functions>) -> Router {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready)).with_state(functions)
}

/// Responds as long as the process can. A database that is away is no reason to start it again.
async fn live() -> Response {
    Json(json!({ "status": "ok" })).into_response()
}

/// Responds `ok` if the database does within a second: with a schema that fits, and with a write.
async fn ready(State(functions): State<Arc<Functions>>) -> Response {
    match tokio::time::timeout(LONGEST, functions.publisher.flow.store.check_health()).await {
        Ok(Ok(_)) => Json(json!({ "status": "ok" })).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(error.code = error.code(), "not ready: {error}");
            match error {
                StoreError::Outdated(schema) => not_ready("schema_outdated", &schema.to_string()),
                _ => not_ready(AWAY, "The database does not respond as it should. The log has the reason."),
            }
        }
        Err(_) => not_ready(AWAY, "The database does not respond within a second."),
    }
}

const AWAY: &str = "database_unavailable";

fn not_ready(code: &str, message: &str) -> Response {
    refusal(StatusCode::SERVICE_UNAVAILABLE, code, message)
}
