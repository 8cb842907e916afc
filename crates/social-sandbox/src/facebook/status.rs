//! Reads one node by its id: a video with its phases, a Page, or the caller.

use super::PLATFORM;
use super::permissions::person;
use super::world::World;
use crate::meta::{self, Caller, Kind, Parameters, Refusal, await_download, graph, place};
use crate::platforms::Memory;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

pub(super) async fn read(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage, name) = sandbox.read(|state, _| {
        let world = &state.facebook;
        let video = world.videos.get(&id);
        let owner = video.map_or(id.as_str(), |video| &video.page);
        (world.who(owner), world.limits.usage, if video.is_some() { "status" } else { "page" })
    });
    let place = place(PLATFORM, &[name], who);
    let work = async {
        await_download(&sandbox, &id).await;
        sandbox.change(|state, now| {
            let caller = asked.caller(&state.facebook.grants, &sandbox.settings().apps.facebook, now)?;
            asked.only(&[])?;
            if caller.token.user == id {
                return person(&state.facebook, &caller, &asked);
            }
            if !state.facebook.videos.contains_key(&id) {
                return page_node(
                    &sandbox,
                    &mut state.facebook,
                    &caller,
                    &id,
                    now,
                    &asked.fields_or(&["id", "name"]),
                );
            }
            let faults = state.faults.take_for_outcome(&place);
            if let Some(video) = state.facebook.videos.get_mut(&id) {
                for fault in faults {
                    video.suffer(fault);
                }
            }
            video_node(&sandbox, state, &caller, &id, &asked.fields())
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}

fn video_node(
    sandbox: &Sandbox,
    state: &mut Memory,
    caller: &Caller,
    id: &str,
    wanted: &[String],
) -> Result<Value, Refusal> {
    caller.needs("pages_read_engagement")?;
    let Some(video) = state.facebook.videos.get(id) else { return Err(Refusal::hidden(id)) };
    if caller.token.kind != Kind::Page(video.page.clone()) {
        return Err(Refusal::hidden(id));
    }
    fields(sandbox, state, id, wanted)
}

/// Returns the requested fields of a video, alone or in a list.
pub(super) fn fields(
    sandbox: &Sandbox,
    state: &mut Memory,
    id: &str,
    wanted: &[String],
) -> Result<Value, Refusal> {
    let world = &mut state.facebook;
    let finish = world.first_finish(id).cloned();
    let (Some(video), Some(intake)) = (world.videos.get_mut(id), state.meta.intakes.get(id)) else {
        return Err(Refusal::hidden(id));
    };
    let mut fields = Map::new();
    for name in wanted {
        let value = match name.as_str() {
            "id" => continue,
            "status" => video.poll(intake, &world.limits),
            "permalink_url" => json!(sandbox.address(&format!("/facebook/reel/{id}"))),
            "published" => json!(video.is_visible(Some(intake))),
            "created_time" | "updated_time" => {
                json!(meta::time(finish.as_ref().map_or(video.created_at, |finish| finish.at)))
            }
            "length" => match &intake.arrived {
                Some(arrived) => json!(seconds(arrived.size)),
                None => continue,
            },
            "post_id" | "title" | "description" | "universal_video_id" | "is_ai_generated" => {
                let Some(finish) = &finish else { continue };
                match name.as_str() {
                    "post_id" if !video.is_visible(Some(intake)) => continue,
                    "post_id" => json!(finish.post_id),
                    "title" => json!(finish.title),
                    "description" => json!(finish.description),
                    "is_ai_generated" => json!(finish.is_ai_generated),
                    _ => json!(finish.universal_video_id),
                }
            }
            _ => return Err(Refusal::no_such_field(name)),
        };
        fields.insert(name.clone(), value);
    }
    fields.insert("id".into(), id.into());
    Ok(fields.into())
}

/// Returns how long a video of this size would be at two megabits per second: the sandbox does not read it.
fn seconds(size: u64) -> f64 {
    f64::from(u32::try_from(size / 25_000).unwrap_or(u32::MAX)) / 10.0
}

/// Returns a Page as its people see it; the token is one of the fields.
fn page_node(
    sandbox: &Sandbox,
    world: &mut World,
    caller: &Caller,
    id: &str,
    now: i64,
    wanted: &[String],
) -> Result<Value, Refusal> {
    let opened = world.opened.get(&caller.token.user).is_some_and(|pages| pages.contains(id));
    if !opened || !world.pages.contains_key(id) {
        return Err(Refusal::hidden(id));
    }
    caller.needs("pages_show_list")?;
    world.page_fields(sandbox, caller, id, now, wanted)
}
