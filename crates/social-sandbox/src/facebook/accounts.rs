//! `/me/accounts`: the Pages that a person has opened to the app, each with its own token.

use super::PLATFORM;
use super::page_roles::{self, Role};
use super::permissions::is_own;
use super::world::World;
use crate::meta::{Caller, Kind, Parameters, Refusal, graph, place};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The prefix of every Page token.
const PREFIX: &str = "EAAP";

/// The fields of a Page if the call names none.
const TOLD: [&str; 6] = ["access_token", "category", "category_list", "name", "id", "tasks"];

/// The number of Pages in a response if the call names none.
const PAGE: usize = 25;

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((_, user)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| {
        let world = &state.facebook;
        let owner = asked.token().and_then(|token| world.grants.owner_of(token));
        (owner.and_then(|token| world.who(&token.user)), world.limits.usage)
    });
    let place = place(PLATFORM, &["accounts"], who);
    let work = async {
        sandbox.change(|state, now| {
            let world = &mut state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&["after"])?;
            if let Kind::Page(_) = caller.token.kind {
                return Err(Refusal::no_such_field("accounts"));
            }
            is_own(&caller, &user)?;
            caller.needs("pages_show_list")?;
            let limit = asked.number("limit")?.and_then(|limit| limit.try_into().ok()).unwrap_or(PAGE);
            let limit = limit.clamp(1, 100).min(world.limits.accounts_per_page.max(1));
            let after = match asked.text("after") {
                None => 0,
                Some(cursor) => cursor.parse().map_err(|_| Refusal::param("(#100) The cursor is invalid"))?,
            };
            let listed = world.listed(&caller);
            let ids: Vec<String> = listed.iter().skip(after).take(limit).cloned().collect();
            let mut data = Vec::new();
            let wanted = asked.fields_or(&TOLD);
            for id in &ids {
                data.push(world.page_fields(&sandbox, &caller, id, now, &wanted)?);
            }
            let reached = after.saturating_add(ids.len());
            let mut paging = Map::new();
            if !ids.is_empty() {
                let cursors = json!({ "before": after.to_string(), "after": reached.to_string() });
                paging.insert("cursors".into(), cursors);
            }
            if reached < listed.len() {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("access_token", &caller.text)
                    .append_pair("fields", &asked.text("fields").unwrap_or_default())
                    .append_pair("limit", &limit.to_string())
                    .append_pair("after", &reached.to_string())
                    .finish();
                let next = sandbox.address(&format!("/facebook/v25.0/me/accounts?{query}"));
                paging.insert("next".into(), next.into());
            }
            Ok(asked.list_of(data, paging, listed.len()))
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}

impl World {
    /// Returns the Pages that the caller sees.
    fn listed(&self, caller: &Caller) -> Vec<String> {
        let Some(person) = self.people.get(&caller.token.user) else { return Vec::new() };
        let opened = self.opened.get(&person.id);
        let business = caller.needs("business_management").is_ok();
        let listed = person.pages.iter().filter(|(id, role)| {
            opened.is_some_and(|opened| opened.contains(id))
                && (business || *role != Role::Business)
                && !role.is_of_a_portfolio()
        });
        listed.map(|(id, _)| id.clone()).collect()
    }

    /// Returns the requested fields of a Page. Its token expires with the user's token it is made from, or
    /// never.
    pub(super) fn page_fields(
        &mut self,
        sandbox: &Sandbox,
        caller: &Caller,
        id: &str,
        now: i64,
        wanted: &[String],
    ) -> Result<Value, Refusal> {
        let Some(page) = self.pages.get(id).cloned() else { return Err(Refusal::hidden(id)) };
        let role = self.people.get(&caller.token.user).and_then(|person| person.role(id));
        let mut fields = Map::new();
        for name in wanted {
            let value = match name.as_str() {
                "id" | "instagram_business_account" => continue,
                "name" => json!(page.name),
                "username" => json!(page.username),
                "category" => json!(page.category),
                "category_list" => json!([{ "id": "2700", "name": page.category }]),
                "followers_count" | "fan_count" => json!(page.followers),
                "link" => json!(sandbox.address(&format!("/facebook/@{}", page.username))),
                "picture" => {
                    let url = sandbox.address(&format!("/facebook/avatar/{}", page.username));
                    json!({ "data": { "height": 50, "is_silhouette": false, "url": url, "width": 50 } })
                }
                "tasks" => json!(role.map_or(&[][..], Role::tasks)),
                "access_token" => {
                    if role.is_none_or(|role| role == Role::Tokenless) {
                        continue;
                    }
                    let left = (caller.token.kind == Kind::Short).then_some(self.limits.short_token_seconds);
                    let (user, scopes) = (&caller.token.user, &caller.token.scopes);
                    json!(self.grants.issue(PREFIX, user, scopes, Kind::Page(id.into()), now, left))
                }
                _ => return Err(Refusal::no_such_field(name)),
            };
            fields.insert(name.clone(), value);
        }
        fields.insert("id".into(), id.into());
        if role == Some(Role::Odd) {
            page_roles::make_odd(&mut fields);
        }
        Ok(fields.into())
    }
}
