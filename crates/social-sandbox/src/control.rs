//! The control endpoints that apply to all platforms.

use crate::fault::Fault;
use crate::instruction::{Instruction, Unfit};
use crate::platforms::{SIMULATORS, Simulator};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

pub(crate) fn routes() -> Router<Sandbox> {
    let routes = Router::new()
        .route("/faults", get(list).post(add).delete(clear))
        .route("/faults/clear", post(clear_by_form))
        .route("/clock", post(advance))
        .route("/calls", get(calls));
    let platform = |routes: Router<Sandbox>, simulator: &&Simulator| {
        routes.nest(&format!("/{}", simulator.name), (simulator.controls)())
    };
    // The first platform's are also here, without its name.
    let routes = SIMULATORS.first().iter().fold(routes, |routes, first| routes.merge((first.controls)()));
    SIMULATORS.iter().fold(routes, platform)
}

async fn list(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.read(|state, _| json!({ "faults": state.faults.list() })))
}

async fn add(State(sandbox): State<Sandbox>, fault: Instruction<Fault>) -> Response {
    let (fault, origin) = fault.parts();
    if !fault.can_happen() {
        return Unfit(format!("{} has no endpoint {}", fault.platform, fault.endpoint)).into_response();
    }
    sandbox.fail(fault);
    origin.done(&sandbox, &json!({}))
}

async fn clear(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.clear_faults();
    Json(json!({}))
}

async fn clear_by_form(State(sandbox): State<Sandbox>, ask: Instruction<Map<String, Value>>) -> Response {
    let (_, origin) = ask.parts();
    sandbox.clear_faults();
    origin.done(&sandbox, &json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Advance {
    advance_seconds: u64,
}

async fn advance(State(sandbox): State<Sandbox>, by: Instruction<Advance>) -> Response {
    let (Advance { advance_seconds }, origin) = by.parts();
    sandbox.advance_clock(Duration::from_secs(advance_seconds));
    origin.done(&sandbox, &sandbox.read(|_, now| json!({ "now": now })))
}

async fn calls(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.read(|state, _| json!({ "calls": state.calls })))
}
