//! The control endpoints of the simulated Facebook.

use super::limits::Limits;
use super::page_roles::Role;
use crate::instruction::{Instruction, Unfit, changed};
use crate::meta::is_handle;
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/published", get(published))
        .route("/limits", post(limits).get(current_limits))
        .route("/roles", post(assign))
        .route("/expire-tokens", post(expire))
        .route("/revoke", post(revoke))
}

async fn published(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "published": sandbox.facebook().published() }))
}

async fn current_limits(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!(sandbox.facebook().limits()))
}

/// Changes the named limits and keeps the others.
async fn limits(State(sandbox): State<Sandbox>, wanted: Instruction<Map<String, Value>>) -> Response {
    let (wanted, origin) = wanted.parts();
    match changed::<Limits>(&sandbox.facebook().limits(), wanted) {
        Ok(limits) => {
            sandbox.facebook().set_limits(limits.clone());
            origin.done(&sandbox, &json!(limits))
        }
        Err(unfit) => unfit.into_response(),
    }
}

#[derive(Deserialize)]
struct RoleWanted {
    person: String,
    page: String,
    role: Option<Role>,
}

/// Gives a person a role on a Page, or removes it. A missing person or Page is created.
async fn assign(State(sandbox): State<Sandbox>, wanted: Instruction<RoleWanted>) -> Response {
    let (RoleWanted { person, page, role }, origin) = wanted.parts();
    if ![&person, &page].iter().all(|name| is_handle(name.trim_start_matches('@'))) {
        return Unfit("a handle has 2 to 30 letters, digits, dots or underscores".into()).into_response();
    }
    if let Some(role) = role {
        let id = sandbox.facebook().assign(&person, &page, role);
        return origin.done(&sandbox, &json!({ "id": id }));
    }
    sandbox.facebook().dismiss(&person, &page);
    origin.done(&sandbox, &json!({}))
}

#[derive(Deserialize)]
struct Target {
    account: String,
}

async fn expire(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.facebook().expire_tokens(&target.account);
    if found { origin.done(&sandbox, &json!({})) } else { Unfit::account().into_response() }
}

/// The person removes the app in their settings.
async fn revoke(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.facebook().revoke(&target.account);
    if found { origin.done(&sandbox, &json!({})) } else { Unfit::account().into_response() }
}
