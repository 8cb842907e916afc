//! The endpoint `social-health`: reports whether posts go out in time.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::request::Incoming;
use super::respond::{ApiError, json_response};
use super::{App, method_not_allowed};
impl App {
    /// Returns `ok` with 200, or the problem with 503, so that any monitor can watch it. The figures require
    /// the worker's secret.
    pub(super) async fn health(&self, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        if incoming.method != Method::GET && incoming.method != Method::HEAD {
            return Err(method_not_allowed(&incoming.method, "GET, HEAD"));
        }
        let Ok(pulse) = self.store().pulse().await else {
            return Ok(json_response(503, &json!({ "status": "unavailable" })));
        };
        let status = pulse.status();
        let code = if status == "ok" { 200 } else { 503 };
        let secret = self.flow().config.worker.secret.expose();
        let given = incoming.bearer().unwrap_or_default();
        if !bool::from(given.as_bytes().ct_eq(secret.as_bytes())) {
            return Ok(json_response(code, &json!({ "status": status })));
        }
        let body = json!({
            "status": status,
            "oldestDueSeconds": pulse.oldest_due,
            "sinceLastCallSeconds": pulse.since_last_call,
        });
        Ok(json_response(code, &body))
    }
}
