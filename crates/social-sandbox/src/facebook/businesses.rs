//! `/me/businesses` and the Pages of a business: those available only through a portfolio.

use super::PLATFORM;
use super::page_roles::{Person, Role};
use super::permissions::is_own;
use super::world::World;
use crate::meta::{Caller, Parameters, Refusal, graph, place};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((_, user)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&[])?;
            is_own(&caller, &user)?;
            caller.needs("business_management")?;
            let person = world.people.get(&caller.token.user);
            let business =
                person.filter(|person| person.pages.iter().any(|(_, role)| role.is_of_a_portfolio()));
            let data: Vec<Value> =
                business.map(|person| json!({ "id": person.business() })).into_iter().collect();
            let count = data.len();
            Ok(asked.list_of(data, Map::new(), count))
        })
    };
    graph(&sandbox, &place(PLATFORM, &["businesses"], None), None, work).await
}

pub(super) async fn owned(
    State(sandbox): State<Sandbox>,
    Path((_, business)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    pages(&sandbox, &business, &asked, Role::Portfolio).await
}

pub(super) async fn clients(
    State(sandbox): State<Sandbox>,
    Path((_, business)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    pages(&sandbox, &business, &asked, Role::Client).await
}

async fn pages(sandbox: &Sandbox, business: &str, asked: &Parameters, role: Role) -> Response {
    let work = async {
        sandbox.change(|state, now| {
            let world = &mut state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&["after"])?;
            caller.needs("business_management")?;
            let ids = world.pages_of(business, &caller, role)?;
            let fields = asked.fields_or(&["id", "name"]);
            let shown = ids.iter().map(|id| world.page_fields(sandbox, &caller, id, now, &fields));
            let data: Vec<Value> = shown.collect::<Result<_, Refusal>>()?;
            Ok(asked.list_of(data, Map::new(), ids.len()))
        })
    };
    graph(sandbox, &place(PLATFORM, &["business_pages"], None), None, work).await
}

impl Person {
    /// Returns the id of the person's one business.
    fn business(&self) -> String {
        format!("7{}", self.id)
    }
}

impl World {
    /// Returns the Pages of a business that the caller belongs to and has opened to the app.
    fn pages_of(&self, business: &str, caller: &Caller, role: Role) -> Result<Vec<String>, Refusal> {
        let person = self.people.get(&caller.token.user).filter(|person| person.business() == business);
        let Some(person) = person else { return Err(Refusal::hidden(business)) };
        let opened = self.opened.get(&person.id);
        let is_listed =
            |(id, held): &&(String, Role)| *held == role && opened.is_some_and(|opened| opened.contains(id));
        Ok(person.pages.iter().filter(is_listed).map(|(id, _)| id.clone()).collect())
    }
}
