//! A Page's videos, newest first.

use super::PLATFORM;
use super::published::Kind;
use super::status::fields;
use crate::clock::SECOND;
use crate::meta::{self, Parameters, Refusal, graph, place};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

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
        sandbox.change(|state, now| {
            let world = &state.facebook;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.facebook, now)?;
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
            let ids: Vec<String> = finishes.map(|finish| finish.video.clone()).collect();
            let wanted = asked.fields_or(&["description", "updated_time"]);
            let shown = ids.iter().take(limit).map(|id| fields(sandbox, state, id, &wanted));
            let data: Vec<Value> = shown.collect::<Result<_, Refusal>>()?;
            Ok(asked.list_of(data, Map::new(), ids.len()))
        })
    };
    graph(sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}
