//! The public view of TikTok: profiles, videos, and the creator's own inbox.

use super::PLATFORM;
use super::account::{Account, Visibility};
use super::publication::{Phase, Publication};
use super::webhook::announce;
use super::world::World;
use crate::avatar::face;
use crate::gallery::{self, Tile, mark};
use crate::media;
use crate::page::{Width, escape, missing, page};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use std::fmt::Write as _;

pub(super) async fn profile(State(sandbox): State<Sandbox>, Path(username): Path<String>) -> Response {
    let body = sandbox.read(|state, _| {
        let world = &state.tiktok;
        let account = world.by_username(&username)?;
        Some(format!("{}{}{}", header_card(&sandbox, world, account), inbox(&sandbox, world, account), {
            grid(&sandbox, world, account)
        }))
    });
    match body {
        Some(body) => page(StatusCode::OK, "TikTok", &format!("@{username}"), Width::Full, &body),
        None => missing("TikTok", "Couldn’t find this account"),
    }
}

pub(super) async fn video(
    State(sandbox): State<Sandbox>,
    Path((username, post_id)): Path<(String, String)>,
) -> Response {
    let body = sandbox.read(|state, _| {
        let world = &state.tiktok;
        let publish_id = world.posts.get(&post_id.parse::<i64>().ok()?)?;
        let post = world.publications.get(publish_id).filter(|post| post.phase == Phase::Complete)?;
        let account = world.by_username(&username).filter(|account| account.open_id == post.open_id)?;
        Some(gallery::single(&sandbox, PLATFORM, &account.username, None, &tile(account, post)))
    });
    match body {
        Some(body) => page(StatusCode::OK, "TikTok", &format!("Video by @{username}"), Width::Full, &body),
        None => missing("TikTok", "Video currently unavailable"),
    }
}

/// Posts a draft, as the creator would in the app.
pub(super) async fn finish_draft(
    State(sandbox): State<Sandbox>,
    Path(username): Path<String>,
    body: Bytes,
) -> Response {
    let mut form = url::form_urlencoded::parse(&body);
    let id = form.find(|(name, _)| name == "publish_id").map(|(_, value)| value.into_owned());
    let notices = sandbox.change(|state, _| state.tiktok.finish_draft(&id.unwrap_or_default()));
    announce(&sandbox, notices);
    let back = sandbox.link(&format!("/tiktok/@{}", username.trim_start_matches('@')));
    (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response()
}

impl World {
    pub(super) fn finish_draft(&mut self, publish_id: &str) -> Vec<super::notice::Notice> {
        let id = self.fresh_id();
        let Some(draft) = self.publications.get_mut(publish_id) else { return Vec::new() };
        let notices = draft.finish(id);
        if !notices.is_empty() {
            self.posts.insert(id, publish_id.into());
        }
        notices
    }
}

pub(super) async fn media(
    State(sandbox): State<Sandbox>,
    Path(publish_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = sandbox.read(|state, _| {
        let publication = state.tiktok.publications.get(&publish_id)?;
        let container = publication.arrived.as_ref()?.container?;
        Some((sandbox.storage()?.video(&publication.video), container.mime()))
    });
    media::file(found, &headers).await
}

fn header_card(sandbox: &Sandbox, world: &World, account: &Account) -> String {
    let kind = match account.visibility {
        Visibility::Public => "public account",
        Visibility::Private => "private account",
    };
    format!(
        "<div class=\"card\"><div class=\"row\">{face}<div><h1 style=\"margin:0\">{display}</h1>\
         <span class=\"soft\">@{name} · {kind}</span></div></div><p>{bio}</p>\
         <p><strong>{following}</strong> following · <strong>{followers}</strong> followers · \
         <strong>{likes}</strong> likes · <strong>{videos}</strong> videos</p></div>",
        face = face(sandbox, PLATFORM, &account.username),
        display = escape(&account.display_name),
        name = escape(&account.username),
        bio = escape(&account.bio),
        following = account.following,
        followers = account.followers,
        likes = account.likes,
        videos = account.videos.saturating_add(world.public_posts(account)),
    )
}

fn inbox(sandbox: &Sandbox, world: &World, account: &Account) -> String {
    let ids = account.publications.iter().rev();
    let drafts = ids.filter_map(|id| world.publications.get(id)).filter(|one| one.phase == Phase::Delivered);
    let tiles = drafts.fold(String::new(), |mut html, draft| {
        let _ = write!(
            html,
            "<div class=\"tile\">{player}<form method=\"post\" action=\"{action}\"><p>\
             <input type=\"hidden\" name=\"publish_id\" value=\"{id}\"><button>Post it</button></p></form></div>",
            player = media::player(sandbox, &source(draft), "muted preload=\"metadata\" controls"),
            action = escape(&sandbox.link(&format!("/tiktok/@{}/draft", account.username))),
            id = escape(&draft.publish_id),
        );
        html
    });
    if tiles.is_empty() {
        return String::new();
    }
    let hint = "Drafts that apps have sent. Only the creator sees them.";
    format!(
        "<div class=\"card\"><h2>Inbox</h2><p class=\"soft\">{hint}</p><div class=\"grid\">{tiles}</div></div>"
    )
}

fn grid(sandbox: &Sandbox, world: &World, account: &Account) -> String {
    let ids = account.publications.iter().rev();
    let posts = ids.filter_map(|id| world.publications.get(id)).filter(|one| one.phase == Phase::Complete);
    gallery::grid(sandbox, posts.map(|post| tile(account, post)))
}

fn tile(account: &Account, post: &Publication) -> Tile {
    Tile {
        link: format!("/tiktok/@{}/video/{}", account.username, post.post_id.unwrap_or_default()),
        source: source(post),
        caption: post.caption.clone(),
        marks: marks(post),
    }
}

fn marks(post: &Publication) -> String {
    let privacy = match post.privacy.as_deref() {
        Some("PUBLIC_TO_EVERYONE") => "Everyone",
        Some("MUTUAL_FOLLOW_FRIENDS") => "Friends",
        Some("FOLLOWER_OF_CREATOR") => "Followers",
        Some(_) | None => "Only me",
    };
    let mut marks = mark(privacy);
    if post.is_aigc {
        marks.push_str(&mark("AI-generated"));
    }
    marks
}

fn source(post: &Publication) -> String {
    format!("/tiktok/media/{}", post.publish_id)
}
