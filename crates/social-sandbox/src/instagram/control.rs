//! The control endpoints of the simulated Instagram.

use super::account::AccountType;
use super::limits::Limits;
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
        .route("/accounts", post(account))
        .route("/expire-tokens", post(expire))
        .route("/revoke", post(revoke))
}

async fn published(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "published": sandbox.instagram().published() }))
}

async fn current_limits(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!(sandbox.instagram().limits()))
}

/// Changes the named limits and keeps the others.
async fn limits(State(sandbox): State<Sandbox>, wanted: Instruction<Map<String, Value>>) -> Response {
    let (wanted, origin) = wanted.parts();
    match changed::<Limits>(&sandbox.instagram().limits(), wanted) {
        Ok(limits) => {
            sandbox.instagram().set_limits(limits.clone());
            origin.done(&sandbox, &json!(limits))
        }
        Err(unfit) => unfit.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountWanted {
    handle: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<AccountType>,
    followers: Option<i64>,
}

/// Creates an account, or changes the one with this handle.
async fn account(State(sandbox): State<Sandbox>, wanted: Instruction<AccountWanted>) -> Response {
    let (wanted, origin) = wanted.parts();
    if !is_handle(wanted.handle.trim_start_matches('@')) {
        return Unfit("a handle has 2 to 30 letters, digits, dots or underscores".into()).into_response();
    }
    let id = sandbox.change(|state, _| {
        let kind = wanted.kind.unwrap_or(AccountType::Business);
        let account = state.instagram.account_named(&wanted.handle, kind);
        account.kind = wanted.kind.unwrap_or(account.kind);
        account.name = wanted.name.unwrap_or(std::mem::take(&mut account.name));
        account.followers = wanted.followers.unwrap_or(account.followers);
        account.id.clone()
    });
    origin.done(&sandbox, &json!({ "id": id }))
}

#[derive(Deserialize)]
struct Target {
    account: String,
}

async fn expire(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.instagram().expire_tokens(&target.account);
    if found { origin.done(&sandbox, &json!({})) } else { Unfit::account().into_response() }
}

/// The owner removes the app in their settings.
async fn revoke(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = sandbox.instagram().revoke(&target.account);
    if found { origin.done(&sandbox, &json!({})) } else { Unfit::account().into_response() }
}
