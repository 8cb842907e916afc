//! The public view of Instagram: profiles and Reels.

use super::PLATFORM;
use super::consent::kind;
use super::published::Published;
use crate::avatar::face;
use crate::gallery::{self, Tile, mark};
use crate::page::{Width, escape, missing, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

pub(super) async fn profile(State(sandbox): State<Sandbox>, Path(username): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let world = &state.instagram;
        let account = world.by_username(&username)?;
        let own = world.published.iter().rev().filter(|one| one.account_id == account.id);
        let tiles = own.map(tile);
        Some(format!(
            "<div class=\"card\"><div class=\"row\">{face}<div><h1 style=\"margin:0\">{name}</h1>\
             <span class=\"soft\">@{username} · {kind}</span></div></div>\
             <p><strong>{followers}</strong> followers</p></div>{grid}",
            face = face(&sandbox, PLATFORM, &account.username),
            name = escape(&account.name),
            username = escape(&account.username),
            kind = kind(account.kind),
            followers = account.followers,
            grid = gallery::grid(&sandbox, tiles),
        ))
    });
    match body {
        Some(body) => page(StatusCode::OK, "Instagram", &format!("@{username}"), Width::Full, &body),
        None => missing("Instagram", "Sorry, this page isn’t available"),
    }
}

pub(super) async fn reel(State(sandbox): State<Sandbox>, Path(shortcode): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let one = state.instagram.published.iter().find(|one| one.shortcode == shortcode)?;
        Some(gallery::single(&sandbox, PLATFORM, &one.username, None, &tile(one)))
    });
    match body {
        Some(body) => page(StatusCode::OK, "Instagram", "Reel", Width::Full, &body),
        None => missing("Instagram", "Sorry, this page isn’t available"),
    }
}

fn tile(one: &Published) -> Tile {
    Tile {
        link: format!("/instagram/reel/{}/", one.shortcode),
        source: format!("/instagram/video/{}/file", one.container_id),
        caption: one.caption.clone(),
        marks: marks(one),
    }
}

fn marks(one: &Published) -> String {
    let mut marks = mark(if one.share_to_feed == Some(true) { "Reels and feed" } else { "Reels" });
    if one.is_ai_generated {
        marks.push_str(&mark("AI info"));
    }
    for name in &one.collaborators {
        marks.push_str(&mark(&format!("with @{name}")));
    }
    marks
}
