//! The public view of Facebook: Pages and their videos.

use super::PLATFORM;
use super::published::{Kind, Published};
use crate::avatar::face;
use crate::gallery::{self, Tile, mark};
use crate::page::{Width, escape, missing, page};
use crate::platforms::Memory;
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

/// Returns the processed videos, newest first.
fn visible(state: &Memory) -> impl Iterator<Item = Published> {
    let all = state.facebook.published(&state.meta.intakes).into_iter().rev();
    all.filter(|one| {
        let video = state.facebook.videos.get(&one.video_id);
        video.is_some_and(|video| video.is_visible(state.meta.intakes.get(&one.video_id)))
    })
}

pub(super) async fn page_of(State(sandbox): State<Sandbox>, Path(username): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let world = &state.facebook;
        let one = world.pages.get(&username).or_else(|| world.page_by_username(&username))?;
        let own = visible(state).filter(|video| video.page_id == one.id);
        let tiles = own.map(|video| tile(&video));
        Some(format!(
            "<div class=\"card\"><div class=\"row\">{face}<div><h1 style=\"margin:0\">{name}</h1>\
             <span class=\"soft\">@{username} · {category}</span></div></div>\
             <p><strong>{followers}</strong> followers</p></div>{grid}",
            face = face(&sandbox, PLATFORM, &one.username),
            name = escape(&one.name),
            username = escape(&one.username),
            category = escape(&one.category),
            followers = one.followers,
            grid = gallery::grid(&sandbox, tiles),
        ))
    });
    match body {
        Some(body) => page(StatusCode::OK, "Facebook", &format!("@{username}"), Width::Full, &body),
        None => missing("Facebook", "This content isn’t available right now"),
    }
}

pub(super) async fn reel(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let one = visible(state).find(|one| one.video_id == id)?;
        Some(gallery::single(&sandbox, PLATFORM, &one.username, one.title.as_deref(), &tile(&one)))
    });
    match body {
        Some(body) => page(StatusCode::OK, "Facebook", "Video", Width::Full, &body),
        None => missing("Facebook", "This content isn’t available right now"),
    }
}

fn tile(one: &Published) -> Tile {
    Tile {
        link: format!("/facebook/reel/{}", one.video_id),
        source: format!("/facebook/video/{}/file", one.video_id),
        caption: one.description.clone(),
        marks: marks(one),
    }
}

fn marks(one: &Published) -> String {
    let mut marks = mark(match one.kind {
        Kind::Reel => "Reel",
        Kind::Video => "Video",
    });
    if one.is_ai_generated {
        marks.push_str(&mark("AI info"));
    }
    marks
}
