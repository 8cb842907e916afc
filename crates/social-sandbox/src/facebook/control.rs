//! The control endpoints of the simulated Facebook.

use super::page_roles::{Person, Role};
use super::permissions::REMOVED;
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

pub(crate) fn routes() -> Router<Sandbox> {
    controls::routes::<World>().route("/roles", post(assign))
}

impl PlatformState for World {
    fn published(memory: &Memory, _: i64) -> Vec<Published> {
        memory.facebook.published(&memory.meta.intakes)
    }

    /// Returns the id of a person by handle, or of the person who has a role on the Page of that name.
    fn find(&self, name: &str) -> Option<String> {
        let page = self.who(name).map(|who| who.id);
        let page = page.or_else(|| self.page_by_username(name).map(|page| page.id.clone()));
        let runs_it = |person: &&Person| page.as_deref().is_some_and(|page| person.role(page).is_some());
        let holder = || self.people.values().find(runs_it);
        self.person_by_username(name).or_else(holder).map(|person| person.id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        self.grants.expire(id, now);
    }

    fn revoke(sandbox: &Sandbox, id: &str) {
        sandbox.change(|memory, _| {
            memory.facebook.grants.end(id, REMOVED);
            memory.facebook.opened.remove(id);
        });
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
