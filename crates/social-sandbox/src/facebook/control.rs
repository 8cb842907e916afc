//! The control endpoints of the simulated Facebook.

use super::page_roles::Role;
use super::world::World;
use crate::controls;
use crate::instruction::{Instruction, Unfit};
use crate::meta::is_handle;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

pub(crate) fn routes() -> Router<Sandbox> {
    controls::routes::<World>().route("/roles", post(assign))
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
