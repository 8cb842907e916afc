//! Facebook's part of the index page.

use super::PLATFORM;
use super::published::Kind;
use crate::avatar::face;
use crate::overview::{LISTED, fingerprint, shortened, table};
use crate::page::{escape, time_of_day};
use crate::sandbox::Sandbox;
use std::fmt::Write as _;

/// Returns Pages and latest videos, as HTML.
pub(crate) fn overview(sandbox: &Sandbox) -> String {
    sandbox.read(|state, _| {
        let world = &state.facebook;
        let pages = world.pages.values().fold(String::new(), |mut html, page| {
            let _ = write!(
                html,
                "<div class=\"row\">{face}<div><a href=\"{link}\">{name}</a><br><span class=\"soft small\">\
                 @{username} · {followers} followers</span></div></div>",
                face = face(sandbox, PLATFORM, &page.username),
                link = escape(&sandbox.link(&format!("/facebook/@{}", page.username))),
                name = escape(&page.name),
                username = escape(&page.username),
                followers = page.followers,
            );
            html
        });
        let latest = world.order.iter().rev().take(LISTED).filter_map(|id| world.videos.get(id));
        let rows = latest.fold(String::new(), |mut html, video| {
            let intake = state.meta.intakes.get(&video.id);
            let standing = video.standing(intake);
            let link = if video.is_visible(intake) {
                let link = sandbox.link(&format!("/facebook/reel/{}", video.id));
                format!("<a href=\"{}\">{standing}</a>", escape(&link))
            } else {
                standing.into()
            };
            let text = world.first_finish(&video.id).map_or("", |finish| &finish.description);
            let arrived = intake.and_then(|intake| intake.arrived.as_ref());
            let _ = write!(
                html,
                "<tr><td>{time}</td><td>@{page}</td><td>{kind}</td><td>{text}</td><td>{link}</td>\
                 <td><code>{sha256}</code></td></tr>",
                time = time_of_day(video.created_at),
                page = escape(world.pages.get(&video.page).map_or("", |page| &page.username)),
                kind = match video.kind {
                    Kind::Reel => "Reel",
                    Kind::Video => "video",
                },
                text = shortened(text),
                sha256 = fingerprint(arrived.map(|arrived| &arrived.sha256)),
            );
            html
        });
        let table = table(&["Started", "Page", "As", "Text", "Now", "SHA-256"], &rows);
        format!(
            "<div class=\"card\"><h2>Facebook: Pages</h2><div class=\"grid\">{pages}</div></div>\
             <div class=\"card\"><h2>Facebook: videos</h2>{table}</div>"
        )
    })
}
