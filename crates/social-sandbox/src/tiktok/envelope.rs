//! TikTok's two response formats: the API's envelope, and OAuth's flat form.

use crate::random;
use crate::request::is_of;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An error of the API.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: String,
    message: &'static str,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: &'static str) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, code: code.into(), message }
    }

    pub(crate) fn params(message: &'static str) -> Self {
        Self::new(400, "invalid_params", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        enveloped(self.status, &json!({}), &self.code, self.message)
    }
}

/// Returns the response to an API call.
pub(super) fn reply(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(data) => enveloped(StatusCode::OK, &data, "ok", ""),
        Err(refusal) => refusal.into_response(),
    }
}

/// Returns an API error with a code from a fault.
pub(super) fn refuse(status: StatusCode, code: &str) -> Response {
    enveloped(status, &json!({}), code, "Please review our integration guidelines.")
}

/// Returns an OAuth error with a code from a fault.
pub(super) fn refuse_flat(status: StatusCode, code: &str) -> Response {
    flat(status, code, "A fault of the sandbox was requested.")
}

/// Returns an error of the upload host.
pub(super) fn refuse_bare(status: StatusCode, code: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain")], code.to_owned()).into_response()
}

pub(super) fn flat(status: StatusCode, code: &str, description: &str) -> Response {
    let body = json!({ "error": code, "error_description": description, "log_id": log_id() });
    written(status, &body)
}

pub(super) fn written(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// Decodes the JSON of a POST, which must declare that it is JSON.
pub(super) fn body<T: DeserializeOwned>(headers: &HeaderMap, bytes: &Bytes) -> Result<T, Refusal> {
    if !is_of(headers, "application/json") {
        return Err(Refusal::params("The content type must be application/json"));
    }
    serde_json::from_slice(bytes).map_err(|_| Refusal::params("The request body is not as documented"))
}

fn enveloped(status: StatusCode, data: &Value, code: &str, message: &str) -> Response {
    let error = json!({ "code": code, "message": message, "log_id": log_id() });
    written(status, &json!({ "data": data, "error": error }))
}

fn log_id() -> String {
    random::text(32).to_uppercase()
}
