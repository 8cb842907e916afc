//! Google's two response formats: the API's envelope, and OAuth's flat form.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

/// An error of the API.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: String,
    domain: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: &str, message: &str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, reason: reason.into(), domain: "youtube", message: message.into() }
    }

    pub(crate) fn in_domain(self, domain: &'static str) -> Self {
        Self { domain, ..self }
    }

    /// Returns the error for a request that breaks the documentation.
    pub(crate) fn bad(message: &str) -> Self {
        Self::new(400, "badRequest", message).in_domain("global")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { status, reason, domain, message } = self;
        let one = json!({ "message": message, "domain": domain, "reason": reason });
        let error = json!({
            "code": status.as_u16(),
            "message": message,
            "errors": [one],
            "status": canonical(status),
        });
        written(status, &json!({ "error": error }))
    }
}

/// Returns the name of the status in Google's RPC layer.
fn canonical(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

/// Returns the response to an API call.
pub(super) fn reply(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(body) => written(StatusCode::OK, &body),
        Err(refusal) => refusal.into_response(),
    }
}

/// Returns an API error with a reason from a fault.
pub(super) fn refuse(status: StatusCode, reason: &str) -> Response {
    Refusal::new(status.as_u16(), reason, "A fault of the sandbox was requested.").into_response()
}

/// Returns an OAuth error with a code from a fault.
pub(super) fn refuse_flat(status: StatusCode, code: &str) -> Response {
    flat(status, code, "A fault of the sandbox was requested.")
}

pub(super) fn flat(status: StatusCode, code: &str, description: &str) -> Response {
    written(status, &json!({ "error": code, "error_description": description }))
}

pub(super) fn written(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}
