//! The functions, by their paths.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use social_core::web::Functions;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument as _;

use crate::refusal::refusal;

/// 20 s without a byte: a caller that has stopped sending.
const STALLED: Duration = Duration::from_secs(20);

/// Returns the routes `/.netlify/functions/<name>`, and `/api/<name>` as `netlify.toml` rewrites it.
pub(crate) fn router(functions: Arc<Functions>) -> Router {
    Router::new()
        .route("/.netlify/functions/{*function}", any(answer))
        .route("/api/openapi.json", any(contract))
        .route("/api/{*function}", any(answer))
        .with_state(functions)
        .layer(RequestBodyTimeoutLayer::new(STALLED))
        .layer(CompressionLayer::new())
}

/// Returns the contract, under its file's name.
async fn contract(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    match functions.find("social-openapi") {
        Some(function) => function.answer(request).await,
        None => refusal(StatusCode::NOT_FOUND, "not_found", "There is no contract here."),
    }
}

/// Calls a function. It continues if the caller hangs up, as in the cloud.
async fn answer(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    let answered = tokio::spawn(async move { functions.answer(request).await }.in_current_span()).await;
    answered.unwrap_or_else(|_| {
        let message = "This server is stopping. Try again.";
        refusal(StatusCode::SERVICE_UNAVAILABLE, "server_stopping", message)
    })
}
