//! Error responses before a function is called.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::headers;

/// Returns an error in the functions' own format: a stable code and a sentence.
pub(crate) fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = Json(json!({ "error": { "code": code, "message": message } }));
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, headers::POLICY),
    ];
    (status, headers, body).into_response()
}
