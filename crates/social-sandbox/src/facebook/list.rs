//! A Page's videos, newest first.

use super::PLATFORM;
use super::published::Kind;
use super::status::field;
use crate::clock::SECOND;
use crate::meta::{self, Parameters, Refusal, graph, place};
use crate::sandbox::{Memory, Sandbox};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

/// How many videos a page of the list has.
const PAGE: usize = 25;

pub(super) async fn reels(
    State(sandbox): State<Sandbox>,
    Path((_, page)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    list(&sandbox, &page, &asked, Some(Kind::Reel)).await
}

pub(super) async fn videos(
    State(sandbox): State<Sandbox>,
    Path((_, page)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    list(&sandbox, &page, &asked, None).await
}

async fn list(sandbox: &Sandbox, page: &str, asked: &Parameters, only: Option<Kind>) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.facebook.who(page), state.facebook.limits.usage));
    let place = place(PLATFORM, &["list"], who);
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().facebook, now)?;
            if caller.token.kind != meta::Kind::Page(page.into()) {
                return Err(Refusal::hidden(page));
            }
            caller.needs("pages_read_engagement")?;
            asked.only(&["since", "until"])?;
            let second = |name| Ok(asked.number(name)?.map(|second| second.saturating_mul(SECOND)));
            let (since, until): (Option<i64>, Option<i64>) = (second("since")?, second("until")?);
            let limit = asked.number("limit")?.and_then(|limit| limit.try_into().ok()).unwrap_or(PAGE);
            let finishes = world.finishes.iter().rev().filter(|finish| {
                let video = world.videos.get(&finish.video);
                video.is_some_and(|video| video.page == page && only.is_none_or(|kind| kind == video.kind))
                    && since.is_none_or(|since| finish.at >= since)
                    && until.is_none_or(|until| finish.at <= until)
            });
            let mut wanted = asked.fields();
            if wanted.is_empty() {
                wanted = ["description", "updated_time"].map(str::to_owned).into();
            }
            let data: Result<Vec<Value>, Refusal> =
                finishes.take(limit).map(|finish| fields(sandbox, state, &finish.video, &wanted)).collect();
            Ok(json!({ "data": data? }))
        })
    };
    graph(sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}

fn fields(sandbox: &Sandbox, state: &Memory, id: &str, wanted: &[String]) -> Result<Value, Refusal> {
    let world = &state.facebook;
    let Some(finish) = world.first_finish(id) else { return Err(Refusal::hidden(id)) };
    let mut fields = Map::new();
    for name in wanted {
        let value = match name.as_str() {
            "id" => continue,
            "title" => json!(finish.title),
            "description" => json!(finish.description),
            "created_time" | "updated_time" => json!(meta::time(finish.at)),
            "universal_video_id" => json!(finish.universal_video_id),
            "permalink_url" => json!(sandbox.address(&format!("/facebook/reel/{id}"))),
            "published" => {
                json!(world.videos.get(id).is_some_and(|video| video.is_visible(state.meta.intakes.get(id))))
            }
            _ => return Err(field(name)),
        };
        fields.insert(name.clone(), value);
    }
    fields.insert("id".into(), id.into());
    Ok(fields.into())
}
