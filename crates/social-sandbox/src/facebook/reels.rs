//! Reels: a start, the upload host, a finish.

use super::PLATFORM;
use super::finish::{KNOWN, finish};
use super::published::Kind;
use super::video::Video;
use crate::meta::{self, Intake, Parameters, Refusal, Source, graph, place};
use crate::platforms::Memory;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

pub(super) async fn reels(
    State(sandbox): State<Sandbox>,
    Path((_, page)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.facebook.who(&page), state.facebook.limits.usage));
    let phase = asked.text("upload_phase").unwrap_or_default();
    let names: &[&'static str] = if phase == "finish" { &["reel_finish", "finish"] } else { &["reel_start"] };
    let place = place(PLATFORM, names, who);
    let work = async {
        sandbox.change(|state, now| {
            state.facebook.publisher(&asked, &sandbox.settings().apps.facebook, &page, now)?;
            let (id, body) = match phase.as_str() {
                "start" => start(&sandbox, state, now, &page, &asked)?,
                "finish" => {
                    asked.only(&KNOWN)?;
                    let id = asked.required("video_id")?;
                    let video = state.facebook.videos.get(&id);
                    if video.is_none_or(|video| video.page != page || video.kind != Kind::Reel) {
                        return Err(Refusal::hidden(&id));
                    }
                    let body = finish(state, now, &id, &asked)?;
                    (id, body)
                }
                _ => return Err(Refusal::param("(#100) Param upload_phase must be one of {START, FINISH}")),
            };
            for fault in state.faults.take_for_outcome(&place) {
                if let Some(video) = state.facebook.videos.get_mut(&id) {
                    video.suffer(fault);
                }
            }
            Ok(body)
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}

fn start(
    sandbox: &Sandbox,
    state: &mut Memory,
    now: i64,
    page: &str,
    asked: &Parameters,
) -> Result<(String, Value), Refusal> {
    asked.only(&["upload_phase"])?;
    let id = meta::id("8800");
    let world = &mut state.facebook;
    world.videos.insert(id.clone(), Video::new(&id, page, Kind::Reel, now, &world.limits));
    world.order.push(id.clone());
    state.meta.intakes.insert(id.clone(), Intake::new(page, Source::Bytes));
    let url = sandbox.address(&format!("/meta-upload/video-upload/v25.0/{id}"));
    let body = json!({ "video_id": id, "upload_url": url });
    Ok((id, body))
}
