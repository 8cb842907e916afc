//! Invokes a function in the same way as in the cloud.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, StatusCode};
use social_core::web::{App, Arrival, Face, event};

use crate::refusal::refusal;

/// Invokes a function and returns its response.
///
/// It continues if the caller hangs up, as in the cloud. A panic becomes one caller's 502.
pub(crate) async fn invoke(app: &Arc<App>, face: Face, request: Request<Bytes>) -> Response {
    // Through the event that Netlify would send, so only the runtime's own loop is missing.
    let Ok((request, _)) = event::parse(&event::netlify_event(&request).to_string()) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_request", "We couldn't read the request.");
    };
    let app = Arc::clone(app);
    let answered = tokio::spawn(async move { app.answer(&face, request, Arrival::default()).await }).await;
    let Ok(response) = answered else {
        tracing::error!(error.code = "function_crashed", "a function crashed");
        let message = "Something went wrong on our side. Try again.";
        return refusal(StatusCode::BAD_GATEWAY, "function_crashed", message);
    };
    response.map(Body::from)
}
