//! The public view of YouTube: channels and videos.

use super::channel::Channel;
use super::metadata::Privacy;
use super::video::{Stage, Video};
use super::world::World;
use crate::avatar::face;
use crate::gallery::{self, Tile, mark};
use crate::media;
use crate::page::{Width, escape, missing, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

/// The pages' platform.
const NAME: &str = "YouTube";

pub(super) async fn channel(State(sandbox): State<Sandbox>, Path(handle): Path<String>) -> Response {
    let body = sandbox.read(|state, now| {
        let world = &state.youtube;
        let channel = world.by_handle(&handle)?;
        Some(format!(
            "<div class=\"card\"><div class=\"row\">{face}<div><h1 style=\"margin:0\">{title}</h1>\
             <span class=\"soft\">@{handle} · <strong>{subscribers}</strong> subscribers · \
             <strong>{videos}</strong> videos</span></div></div></div>{grid}",
            face = face(&sandbox, super::PLATFORM, &channel.handle),
            title = escape(&channel.title),
            handle = escape(&channel.handle),
            subscribers = channel.subscribers,
            videos = world.public_videos(channel, now),
            grid = grid(&sandbox, world, channel, now),
        ))
    });
    match body {
        Some(body) => page(StatusCode::OK, NAME, &format!("@{handle}"), Width::Full, &body),
        None => missing(NAME, "This page isn’t available"),
    }
}

pub(super) async fn watch(State(sandbox): State<Sandbox>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let id = pairs.find(|(name, _)| name == "v").map(|(_, value)| value.into_owned()).unwrap_or_default();
    let body = sandbox.read(|state, now| {
        let world = &state.youtube;
        let video = world.videos.get(&id).filter(|video| is_watchable(video))?;
        let channel = world.channels.get(&video.channel)?;
        let body = format!(
            "<div class=\"card\">{player}<h1>{title}</h1><p>{marks}</p><p class=\"row\">{face}\
             <a href=\"{link}\">{name}</a></p><p style=\"white-space:pre-wrap\">{description}</p></div>",
            player = media::player(
                &sandbox,
                &source(video),
                "class=\"player\" controls autoplay muted loop playsinline"
            ),
            title = escape(&video.metadata.title),
            marks = marks(video, now),
            face = face(&sandbox, super::PLATFORM, &channel.handle),
            link = escape(&sandbox.link(&format!("/youtube/@{}", channel.handle))),
            name = escape(&channel.title),
            description = escape(&video.metadata.description),
        );
        Some((video.metadata.title.clone(), body))
    });
    match body {
        Some((title, body)) => page(StatusCode::OK, NAME, &title, Width::Full, &body),
        None => missing(NAME, "This video isn’t available any more"),
    }
}

pub(super) async fn file(
    State(sandbox): State<Sandbox>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = sandbox.read(|state, _| {
        let video = state.youtube.videos.get(&id).filter(|video| is_watchable(video))?;
        Some((sandbox.storage()?.video(&video.file), video.container?.mime()))
    });
    media::file(found, &headers).await
}

fn is_watchable(video: &Video) -> bool {
    video.stage == Stage::Processed
}

fn grid(sandbox: &Sandbox, world: &World, channel: &Channel, now: i64) -> String {
    let videos = channel.videos.iter().rev().filter_map(|id| world.videos.get(id));
    let tiles = videos.filter(|video| is_watchable(video)).map(|video| Tile {
        link: format!("/youtube/watch?v={}", video.id),
        source: source(video),
        caption: video.metadata.title.clone(),
        marks: marks(video, now),
    });
    gallery::grid(sandbox, tiles)
}

fn source(video: &Video) -> String {
    format!("/youtube/media/{}", video.id)
}

fn marks(video: &Video, now: i64) -> String {
    let said = &video.metadata;
    let privacy = match (video.privacy(now), said.publish_at) {
        (Privacy::Private, Some(_)) => "Scheduled",
        (privacy, _) => privacy.word(),
    };
    let mut marks = mark(privacy);
    for (word, applies) in [
        ("Altered or synthetic content", said.synthetic),
        ("Made for kids", said.made_for_kids),
        ("Includes paid promotion", said.paid),
    ] {
        if applies {
            marks.push_str(&mark(word));
        }
    }
    marks
}
