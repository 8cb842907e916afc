//! The public view of Instagram: profiles and Reels.

use super::PLATFORM;
use super::consent::kind;
use super::published::Published;
use crate::avatar::face;
use crate::gallery::{self, Tile, mark};
use crate::media;
use crate::page::{Width, escape, missing, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

pub(super) async fn profile(State(sandbox): State<Sandbox>, Path(username): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let world = &state.instagram;
        let account = world.by_username(&username)?;
        let own = world.published.iter().rev().filter(|one| one.account_id == account.id);
        let tiles = own.map(|one| Tile {
            link: format!("/instagram/reel/{}/", one.shortcode),
            source: source(one),
            caption: one.caption.clone(),
            marks: marks(one),
        });
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
        let attributes = "class=\"player\" controls autoplay muted loop playsinline";
        Some(format!(
            "<div class=\"card\">{player}<p>{caption}</p><p>{marks}</p><p class=\"row\">{face}\
             <a href=\"{link}\">@{name}</a></p></div>",
            player = media::player(&sandbox, &source(one), attributes),
            caption = escape(&one.caption),
            marks = marks(one),
            face = face(&sandbox, PLATFORM, &one.username),
            link = escape(&sandbox.link(&format!("/instagram/@{}", one.username))),
            name = escape(&one.username),
        ))
    });
    match body {
        Some(body) => page(StatusCode::OK, "Instagram", "Reel", Width::Full, &body),
        None => missing("Instagram", "Sorry, this page isn’t available"),
    }
}

pub(super) async fn file(
    State(sandbox): State<Sandbox>,
    Path(container): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = sandbox.read(|state, _| {
        let format = state.meta.intakes.get(&container)?.arrived.as_ref()?.container?;
        Some((sandbox.storage()?.video(&container), format.mime()))
    });
    media::file(found, &headers).await
}

fn source(one: &Published) -> String {
    format!("/instagram/video/{}/file", one.container_id)
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
