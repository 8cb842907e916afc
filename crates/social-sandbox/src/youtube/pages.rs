//! The public view of YouTube: channels and videos.

use super::channel::Channel;
use super::metadata::Privacy;
use super::video::{Stage, Video};
use super::world::World;
use crate::avatar::face;
use crate::media;
use crate::page::{Width, escape, missing, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use std::fmt::Write as _;

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
            player = player(&sandbox, video, "class=\"player\" controls autoplay muted loop playsinline"),
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
    let tiles = videos.filter(|video| is_watchable(video)).fold(String::new(), |mut html, video| {
        let _ = write!(
            html,
            "<div class=\"tile\">{player}<p><a href=\"{link}\">{title}</a></p><p>{marks}</p></div>",
            player = player(sandbox, video, "muted preload=\"metadata\""),
            link = escape(&sandbox.link(&format!("/youtube/watch?v={}", video.id))),
            title = escape(&video.metadata.title),
            marks = marks(video, now),
        );
        html
    });
    if tiles.is_empty() {
        return "<div class=\"card soft\">Nothing has been published here yet.</div>".into();
    }
    format!("<div class=\"grid\">{tiles}</div>")
}

fn player(sandbox: &Sandbox, video: &Video, attributes: &str) -> String {
    media::player(sandbox, &format!("/youtube/media/{}", video.id), attributes)
}

fn marks(video: &Video, now: i64) -> String {
    let said = &video.metadata;
    let mark = |text: &str| format!(" <span class=\"mark\">{text}</span>");
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
