//! The control endpoints that every platform has.

use crate::instruction::{Instruction, Origin, Unfit, changed};
use crate::platforms::{PlatformState, Tokens};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) fn routes<W: PlatformState>() -> Router<Sandbox> {
    Router::new()
        .route("/published", get(published::<W>))
        .route("/limits", post(limits::<W>).get(current_limits::<W>))
        .route("/expire-tokens", post(expire::<W>))
        .route("/revoke", post(revoke::<W>))
}

async fn published<W: PlatformState>(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "published": sandbox.published::<W>() }))
}

async fn current_limits<W: PlatformState>(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!(sandbox.limits::<W>()))
}

/// Changes the named limits and keeps the others.
async fn limits<W: PlatformState>(
    State(sandbox): State<Sandbox>,
    wanted: Instruction<Map<String, Value>>,
) -> Response {
    let (wanted, origin) = wanted.parts();
    let changed = sandbox.change(|memory, _| {
        let limits = W::of_mut(memory).limits_mut();
        *limits = changed(limits, wanted)?;
        Ok::<_, Unfit>(limits.clone())
    });
    match changed {
        Ok(limits) => origin.done(&sandbox, &json!(limits)),
        Err(unfit) => unfit.into_response(),
    }
}

#[derive(Deserialize)]
struct Target {
    account: String,
    #[serde(default)]
    tokens: Tokens,
}

async fn expire<W: PlatformState>(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.expire::<W>(&target.account, target.tokens);
    done::<W>(&sandbox, origin, found)
}

/// The owner removes the app.
async fn revoke<W: PlatformState>(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.revoke::<W>(&target.account);
    done::<W>(&sandbox, origin, found)
}

fn done<W: PlatformState>(sandbox: &Sandbox, origin: Origin, found: bool) -> Response {
    if found { origin.done(sandbox, &json!({})) } else { Unfit(W::UNKNOWN.into()).into_response() }
}
