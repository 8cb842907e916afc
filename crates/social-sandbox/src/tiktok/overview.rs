//! TikTok's part of the index page.

use super::account::Visibility;
use super::publication::{Mode, Phase};
use crate::avatar::face;
use crate::overview::{LISTED, fingerprint, shortened, table};
use crate::page::{escape, time_of_day};
use crate::platforms::Button;
use crate::sandbox::Sandbox;
use std::fmt::Write as _;

/// The faults with a button.
pub(crate) const BUTTONS: [Button; 10] = [
    ("Init lost after it took effect", &[("endpoint", "video_init"), ("kind", "hangUpAfter")]),
    (
        "Init refused: too many posts",
        &[("endpoint", "init"), ("kind", "status"), ("status", "403"), ("code", "spam_risk_too_many_posts")],
    ),
    ("Upload cut off", &[("endpoint", "upload"), ("kind", "hangUpBefore")]),
    ("Last chunk’s response lost", &[("endpoint", "upload_last"), ("kind", "hangUpAfter")]),
    (
        "Rate limit on status",
        &[
            ("endpoint", "status"),
            ("kind", "status"),
            ("status", "429"),
            ("code", "rate_limit_exceeded"),
            ("retryAfter", "30"),
        ],
    ),
    ("Slow processing (10 polls)", &[("endpoint", "init"), ("kind", "slowProcessing"), ("polls", "10")]),
    (
        "Frame rate refused",
        &[("endpoint", "init"), ("kind", "failReason"), ("reason", "frame_rate_check_failed")],
    ),
    ("Unknown status", &[("endpoint", "status"), ("kind", "unknownStatus")]),
    ("Gateway page instead of JSON", &[("endpoint", "status"), ("kind", "html"), ("status", "502")]),
    (
        "Token endpoint down",
        &[("endpoint", "token"), ("kind", "status"), ("status", "503"), ("code", "temporarily_unavailable")],
    ),
];

/// Returns accounts and latest publications, as HTML.
pub(crate) fn overview(sandbox: &Sandbox) -> String {
    let (accounts, rows) = sandbox.read(|state, _| {
        let world = &state.tiktok;
        let mut accounts: Vec<_> = world.accounts.values().collect();
        accounts.sort_by_key(|account| &account.username);
        let accounts = accounts.into_iter().fold(String::new(), |mut html, account| {
            let _ = write!(
                html,
                "<div class=\"row\">{face}<div><a href=\"{link}\">@{name}</a><br><span class=\"soft small\">\
                 {kind} · {followers} followers · {videos} videos</span></div></div>",
                face = face(sandbox, super::PLATFORM, &account.username),
                link = escape(&sandbox.link(&format!("/tiktok/@{}", account.username))),
                name = escape(&account.username),
                kind = match account.visibility {
                    Visibility::Public => "public",
                    Visibility::Private => "private",
                },
                followers = account.followers,
                videos = account.videos.saturating_add(world.public_posts(account)),
            );
            html
        });
        let latest = world.order.iter().rev().take(LISTED).filter_map(|id| world.publications.get(id));
        let rows = latest.fold(String::new(), |mut html, one| {
            let username = world.accounts.get(&one.open_id).map_or("", |account| &account.username);
            let standing = match &one.phase {
                Phase::Receiving => "waiting for bytes".into(),
                Phase::Pulling => "downloading".into(),
                Phase::Processing => "processing".into(),
                Phase::Delivered => "in the inbox".into(),
                Phase::Complete => "posted".into(),
                Phase::Failed(reason) => format!("failed: {}", escape(reason)),
            };
            let link = one.post_id.filter(|_| one.phase == Phase::Complete).map_or(standing.clone(), |id| {
                let link = sandbox.link(&format!("/tiktok/@{username}/video/{id}"));
                format!("<a href=\"{}\">{standing}</a>", escape(&link))
            });
            let mode = match one.mode {
                Mode::Direct => "post",
                Mode::Inbox => "draft",
            };
            let sha256 = fingerprint(one.arrived.as_ref().map(|arrived| &arrived.sha256));
            let _ = write!(
                html,
                "<tr><td>{time}</td><td>@{username}</td><td>{mode}</td><td>{caption}</td><td>{link}</td>\
                 <td><code>{sha256}</code></td></tr>",
                time = one.arrived_at().map_or(String::new(), time_of_day),
                username = escape(username),
                caption = shortened(&one.caption),
            );
            html
        });
        (accounts, rows)
    });
    let table = table(&["Arrived", "Creator", "As", "Caption", "Now", "SHA-256"], &rows);
    format!(
        "<div class=\"card\"><h2>TikTok: creators</h2><div class=\"grid\">{accounts}</div></div>\
         <div class=\"card\"><h2>TikTok: publications</h2>{table}</div>"
    )
}
