//! The endpoint `social-health`: reports whether posts go out in time.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use super::request::Incoming;
use super::respond::{ApiError, json_response};
use super::{App, method_not_allowed};
use crate::store::Pulse;

/// Five minutes: a worker that is called once a minute has missed five calls, or made no progress in five.
pub(super) const LATE: i64 = 5 * 60;

/// Returns the status in a word.
pub(super) fn status(pulse: Pulse) -> &'static str {
    let is_called = pulse.since_last_call.is_some_and(|since| since < LATE);
    match (pulse.oldest_due >= LATE, is_called) {
        (false, _) => "ok",
        // The worker is called but does not keep up: too few invocations, or a platform that stalls.
        (true, true) => "late",
        // The worker is not called.
        (true, false) => "stalled",
    }
}

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
        let status = status(pulse);
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
