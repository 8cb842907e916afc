//! The control endpoints of the simulated Instagram.

use super::account::AccountType;
use super::published::Published;
use super::world::World;
use crate::controls;
use crate::instruction::{Instruction, Unfit};
use crate::meta::is_handle;
use crate::platforms::{Memory, PlatformState};
use crate::sandbox::Sandbox;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

/// The subcode of a token whose app its owner has removed.
const REMOVED: i64 = 458;

pub(crate) fn routes() -> Router<Sandbox> {
    controls::routes::<World>().route("/accounts", post(account))
}

impl PlatformState for World {
    fn published(memory: &Memory, _: i64) -> Vec<Published> {
        memory.instagram.published.clone()
    }

    fn find(&self, name: &str) -> Option<String> {
        let known = self.accounts.get(name).or_else(|| self.by_username(name));
        known.map(|account| account.id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        self.grants.expire(id, now);
    }

    fn revoke(sandbox: &Sandbox, id: &str) {
        sandbox.change(|memory, _| memory.instagram.grants.end(id, REMOVED));
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
