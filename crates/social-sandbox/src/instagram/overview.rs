//! Instagram's part of the index page.

use super::PLATFORM;
use super::consent::kind;
use crate::avatar::face;
use crate::overview::{LISTED, fingerprint, shortened, table};
use crate::page::{escape, time_of_day};
use crate::sandbox::Sandbox;
use std::fmt::Write as _;

/// Returns accounts and latest containers, as HTML.
pub(crate) fn overview(sandbox: &Sandbox) -> String {
    sandbox.read(|state, now| {
        let world = &state.instagram;
        let accounts = world.accounts.values().fold(String::new(), |mut html, account| {
            let _ = write!(
                html,
                "<div class=\"row\">{face}<div><a href=\"{link}\">@{name}</a><br><span class=\"soft small\">\
                 {kind} · {followers} followers</span></div></div>",
                face = face(sandbox, PLATFORM, &account.username),
                link = escape(&sandbox.link(&format!("/instagram/@{}", account.username))),
                name = escape(&account.username),
                kind = kind(account.kind),
                followers = account.followers,
            );
            html
        });
        let latest = world.order.iter().rev().take(LISTED).filter_map(|id| world.containers.get(id));
        let rows = latest.fold(String::new(), |mut html, one| {
            let intake = state.meta.intakes.get(&one.id);
            let standing = one.standing(intake, now, &world.limits);
            let media = one.media_id.as_ref().and_then(|id| world.media(id));
            let link = media.map_or(standing.code().into(), |media| {
                let link = sandbox.link(&format!("/instagram/reel/{}/", media.shortcode));
                format!("<a href=\"{}\">{}</a>", escape(&link), standing.code())
            });
            let arrived = intake.and_then(|intake| intake.arrived.as_ref());
            let _ = write!(
                html,
                "<tr><td>{time}</td><td>@{username}</td><td>{caption}</td><td>{link}</td>\
                 <td><code>{sha256}</code></td></tr>",
                time = time_of_day(one.created_at),
                username = escape(world.accounts.get(&one.account).map_or("", |account| &account.username)),
                caption = shortened(&one.caption),
                sha256 = fingerprint(arrived.map(|arrived| &arrived.sha256)),
            );
            html
        });
        let table = table(&["Made", "Account", "Caption", "Now", "SHA-256"], &rows);
        format!(
            "<div class=\"card\"><h2>Instagram: accounts</h2><div class=\"grid\">{accounts}</div></div>\
             <div class=\"card\"><h2>Instagram: containers</h2>{table}</div>"
        )
    })
}
