//! Reads one node by its id: a container, or the media created from it.

use super::PLATFORM;
use super::limits::UploadStatus;
use crate::meta::{Parameters, Refusal, await_download, graph, place};
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
        let world = &state.instagram;
        let container = world.containers.get(&id);
        let owner = container.map(|container| &container.account);
        let owner = owner.or(world.media(&id).map(|media| &media.account_id));
        let name = if container.is_some() { "container_status" } else { "media" };
        (owner.and_then(|owner| world.who(owner)), world.limits.usage, name)
    });
    let place = place(PLATFORM, &[name], who);
    let work = async {
        await_download(&sandbox, &id).await;
        sandbox.change(|state, now| {
            let world = &mut state.instagram;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.instagram, now)?;
            caller.needs("instagram_business_basic")?;
            asked.only(&[])?;
            let wanted = asked.fields();
            if let Some(container) = world.containers.get_mut(&id) {
                if container.account != caller.token.user {
                    return Err(Refusal::hidden(&id));
                }
                for fault in state.faults.take_for_outcome(&place) {
                    container.suffer(fault);
                }
                let intake = state.meta.intakes.get(&id);
                let standing = container.poll(intake, now, &world.limits);
                let mut fields = Map::new();
                fields.insert("id".into(), id.clone().into());
                for name in wanted {
                    let value: Value = match name.as_str() {
                        "id" => continue,
                        "status_code" if container.unknown_polls > 0 => {
                            container.unknown_polls -= 1;
                            json!("QUEUED_IN_A_NEW_WAY")
                        }
                        "status_code" => json!(standing.code()),
                        "status" => json!(standing.text()),
                        "video_status" if world.limits.upload_status == UploadStatus::Told => {
                            let bytes = intake.map_or(0, |intake| intake.received);
                            json!({ "uploading_phase": { "bytes_transferred": bytes } })
                        }
                        _ => return Err(Refusal::no_such_field(&name)),
                    };
                    fields.insert(name, value);
                }
                return Ok(fields.into());
            }
            let own = world.media(&id).filter(|media| media.account_id == caller.token.user);
            let Some(media) = own else { return Err(Refusal::hidden(&id)) };
            media.fields(&sandbox, &wanted)
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}
