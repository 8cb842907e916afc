//! The person of a token, the granted scopes, and the end of the grant.

use super::PLATFORM;
use super::world::World;
use crate::meta::{Caller, Kind, Parameters, Refusal, graph, is_version, place, success};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The subcode of a token whose app was removed, by the person or by the app itself.
pub(super) const REMOVED: i64 = 458;

pub(super) async fn me(State(sandbox): State<Sandbox>, asked: Parameters) -> Response {
    let place = place(PLATFORM, &["me"], owner(&sandbox, &asked));
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&[])?;
            person(world, &caller, &asked)
        })
    };
    graph(&sandbox, &place, None, work).await
}

/// Returns the caller, with the requested fields.
pub(super) fn person(world: &World, caller: &Caller, asked: &Parameters) -> Result<Value, Refusal> {
    let Some(person) = world.people.get(&caller.token.user) else { return Err(Refusal::hidden("me")) };
    let mut fields = Map::new();
    for name in asked.fields_or(&["id", "name"]) {
        let value = match name.as_str() {
            "id" => continue,
            "name" => json!(person.name),
            "permissions" => json!({ "data": entries(world, &person.id) }),
            _ => return Err(Refusal::no_such_field(&name)),
        };
        fields.insert(name, value);
    }
    fields.insert("id".into(), person.id.clone().into());
    Ok(fields.into())
}

/// Rejects a path that names a user other than the caller; `me` is the caller.
pub(super) fn is_own(caller: &Caller, user: &str) -> Result<(), Refusal> {
    if user == "me" || user == caller.token.user { Ok(()) } else { Err(Refusal::hidden(user)) }
}

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((_, user)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let place = place(PLATFORM, &["permissions"], owner(&sandbox, &asked));
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&[])?;
            is_own(&caller, &user)?;
            Ok(json!({ "data": entries(world, &caller.token.user) }))
        })
    };
    graph(&sandbox, &place, None, work).await
}

/// Returns the scopes that a person was asked for, with their status.
fn entries(world: &World, person: &str) -> Vec<Value> {
    let entry = |(scope, granted): (&str, bool)| json!({ "permission": scope, "status": if granted { "granted" } else { "declined" } });
    let mut entries = vec![json!({ "permission": "public_profile", "status": "granted" })];
    entries.extend(world.grants.permissions(person).map(entry));
    entries
}

pub(super) async fn revoke(
    State(sandbox): State<Sandbox>,
    Path((_, user)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    end(&sandbox, &asked, &user, None).await
}

pub(super) async fn withdraw(
    State(sandbox): State<Sandbox>,
    Path((_, user, name)): Path<(String, String, String)>,
    asked: Parameters,
) -> Response {
    end(&sandbox, &asked, &user, Some(&name)).await
}

/// Ends the whole grant, or revokes one scope, with the user's token or the app's own.
async fn end(sandbox: &Sandbox, asked: &Parameters, user: &str, scope: Option<&str>) -> Response {
    let place = place(PLATFORM, &["revoke"], owner(sandbox, asked));
    let work = async {
        let app = &sandbox.settings().apps.facebook;
        sandbox.change(|state, now| {
            let world = &mut state.facebook;
            let owner = if asked.token() == Some(&format!("{}|{}", app.id, app.secret)) {
                user.to_owned()
            } else {
                let caller = asked.caller(&world.grants, app, now)?;
                if let Kind::Page(_) = caller.token.kind {
                    return Err(Refusal::no_such_field("permissions"));
                }
                caller.token.user
            };
            if user != "me" && user != owner {
                return Err(Refusal::hidden(user));
            }
            if let Some(scope) = scope {
                world.grants.withdraw(&owner, scope);
            } else {
                world.grants.end(&owner, REMOVED);
                world.opened.remove(&owner);
            }
            Ok(success())
        })
    };
    graph(sandbox, &place, None, work).await
}

fn owner(sandbox: &Sandbox, asked: &Parameters) -> Option<crate::place::Who> {
    sandbox.read(|state, _| {
        let token = state.facebook.grants.owner_of(asked.token()?)?;
        state.facebook.who(&token.user)
    })
}

/// Checks the version at the start of a path without a token.
pub(super) fn check_version(version: &str) -> Result<(), Refusal> {
    if is_version(version) {
        return Ok(());
    }
    Err(Refusal::plain(2500, &format!("Unknown path components: /{version}")))
}
