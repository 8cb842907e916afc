//! Videos on a profile page, and one on its own.

use crate::avatar::face;
use crate::media::player;
use crate::page::escape;
use crate::sandbox::Sandbox;
use std::fmt::Write as _;

/// One published video.
#[derive(Debug)]
pub(crate) struct Tile {
    /// The video's own page.
    pub(crate) link: String,
    /// The path of its bytes.
    pub(crate) source: String,
    pub(crate) caption: String,
    /// Its labels as HTML, see [`mark`].
    pub(crate) marks: String,
}

/// Returns a label: a short note on a video.
pub(crate) fn mark(text: &str) -> String {
    format!("<span class=\"mark\">{}</span> ", escape(text))
}

/// Returns all videos, newest first, or a note that there are none.
pub(crate) fn grid(sandbox: &Sandbox, tiles: impl Iterator<Item = Tile>) -> String {
    let tiles = tiles.fold(String::new(), |mut html, tile| {
        let _ = write!(
            html,
            "<div class=\"tile\">{player}<p><a href=\"{link}\">{caption}</a></p><p>{marks}</p></div>",
            player = player(sandbox, &tile.source, "muted preload=\"metadata\""),
            link = escape(&sandbox.link(&tile.link)),
            caption = if tile.caption.is_empty() { "No caption".into() } else { escape(&tile.caption) },
            marks = tile.marks,
        );
        html
    });
    if tiles.is_empty() {
        return "<div class=\"card soft\">Nothing has been posted here yet.</div>".into();
    }
    format!("<div class=\"grid\">{tiles}</div>")
}

/// Returns one video on a page of its own, with its title and the account that published it.
pub(crate) fn single(
    sandbox: &Sandbox,
    platform: &str,
    username: &str,
    title: Option<&str>,
    video: &Tile,
) -> String {
    format!(
        "<div class=\"card\">{player}{title}<p>{caption}</p><p>{marks}</p><p class=\"row\">{face}\
         <a href=\"{link}\">@{name}</a></p></div>",
        player = player(sandbox, &video.source, "class=\"player\" controls autoplay muted loop playsinline"),
        title = title.map_or(String::new(), |title| format!("<h2>{}</h2>", escape(title))),
        caption = escape(&video.caption),
        marks = video.marks,
        face = face(sandbox, platform, username),
        link = escape(&sandbox.link(&format!("/{platform}/@{username}"))),
        name = escape(username),
    )
}
