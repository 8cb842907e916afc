//! YouTube's part of the index page.

use super::video::{Stage, Video};
use crate::avatar::face;
use crate::overview::{LISTED, fingerprint, shortened, table};
use crate::page::{escape, time_of_day};
use crate::platforms::Button;
use crate::sandbox::Sandbox;
use std::fmt::Write as _;

/// The faults with a button.
pub(crate) const BUTTONS: [Button; 9] = [
    ("Upload cut off after 3 MB", &[("endpoint", "upload"), ("kind", "cut"), ("bytes", "3000000")]),
    ("Last chunk’s response lost", &[("endpoint", "upload_last"), ("kind", "hangUpAfter")]),
    (
        "Quota used up",
        &[("endpoint", "insert"), ("kind", "status"), ("status", "403"), ("code", "quotaExceeded")],
    ),
    (
        "Channel’s daily uploads used up",
        &[("endpoint", "insert"), ("kind", "status"), ("status", "400"), ("code", "uploadLimitExceeded")],
    ),
    (
        "Token refused mid-upload",
        &[("endpoint", "upload"), ("kind", "status"), ("status", "401"), ("code", "authError")],
    ),
    ("Slow processing (10 polls)", &[("endpoint", "insert"), ("kind", "slowProcessing"), ("polls", "10")]),
    ("Rejected as duplicate", &[("endpoint", "insert"), ("kind", "failReason"), ("reason", "duplicate")]),
    ("Gateway page instead of JSON", &[("endpoint", "videos"), ("kind", "html"), ("status", "502")]),
    (
        "Token endpoint down",
        &[("endpoint", "token"), ("kind", "status"), ("status", "503"), ("code", "temporarily_unavailable")],
    ),
];

/// Returns channels, the day's quota and the latest videos, as HTML.
pub(crate) fn overview(sandbox: &Sandbox) -> String {
    let (channels, rows, quota) = sandbox.read(|state, now| {
        let world = &state.youtube;
        let mut channels: Vec<_> = world.channels.values().collect();
        channels.sort_by_key(|channel| &channel.handle);
        let channels = channels.into_iter().fold(String::new(), |mut html, channel| {
            let _ = write!(
                html,
                "<div class=\"row\">{face}<div><a href=\"{link}\">{title}</a><br><span class=\"soft small\">\
                 @{handle} · {subscribers} subscribers · {videos} videos</span></div></div>",
                face = face(sandbox, super::PLATFORM, &channel.handle),
                link = escape(&sandbox.link(&format!("/youtube/@{}", channel.handle))),
                title = escape(&channel.title),
                handle = escape(&channel.handle),
                subscribers = channel.subscribers,
                videos = world.public_videos(channel, now),
            );
            html
        });
        let latest = world.order.iter().rev().take(LISTED).filter_map(|id| world.videos.get(id));
        let rows = latest.fold(String::new(), |mut html, video| {
            let handle = world.channels.get(&video.channel).map_or("", |channel| &channel.handle);
            let _ = write!(
                html,
                "<tr><td>{time}</td><td>@{handle}</td><td>{title}</td><td>{privacy}</td><td>{standing}</td>\
                 <td><code>{sha256}</code></td></tr>",
                time = time_of_day(video.at),
                handle = escape(handle),
                title = shortened(&video.metadata.title),
                privacy = video.privacy(now).word(),
                standing = standing(sandbox, video),
                sha256 = fingerprint(Some(&video.sha256)),
            );
            html
        });
        let (inserts, units) = world.quota.used(now);
        (channels, rows, format!("{inserts} uploads and {units} units used of today’s quota (Pacific time)"))
    });
    let table = table(&["Arrived", "Channel", "Title", "Visible to", "Now", "SHA-256"], &rows);
    format!(
        "<div class=\"card\"><h2>YouTube: channels</h2><div class=\"grid\">{channels}</div>\
         <p class=\"soft small\">{quota}</p></div><div class=\"card\"><h2>YouTube: videos</h2>{table}</div>{controls}",
        controls = controls(sandbox),
    )
}

fn controls(sandbox: &Sandbox) -> String {
    let link = |path: &str| escape(&sandbox.link(&format!("/control/youtube/{path}")));
    let account =
        "<label>channel<input type=\"text\" name=\"account\" value=\"demostudio\" size=\"14\"></label>";
    format!(
        "<div class=\"card\"><h2>YouTube: grants and sessions</h2>\
         <form class=\"fields row\" method=\"post\" action=\"{expire}\">{account}\
         <button>Let the access token expire</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{expire}\">{account}\
         <input type=\"hidden\" name=\"tokens\" value=\"refresh\">\
         <button>Let the grant die, as after seven days in Testing</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{revoke}\">{account}\
         <button>Remove the app, as the owner</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{sessions}\">\
         <button>Let all upload sessions die</button></form>\
         <form class=\"fields row\" method=\"post\" action=\"{channels}\">\
         <label>handle<input type=\"text\" name=\"handle\" size=\"14\" required></label>\
         <label>uploads<select name=\"uploads\"><option value=\"asAsked\">as the app asks</option>\
         <option value=\"private\">always private</option></select></label>\
         <button>Make or change the channel</button></form></div>",
        expire = link("expire-tokens"),
        revoke = link("revoke"),
        sessions = link("expire-sessions"),
        channels = link("channels"),
    )
}

fn standing(sandbox: &Sandbox, video: &Video) -> String {
    match &video.stage {
        Stage::Uploaded => "processing".into(),
        Stage::Processed => {
            let link = sandbox.link(&format!("/youtube/watch?v={}", video.id));
            format!("<a href=\"{}\">published</a>", escape(&link))
        }
        Stage::Failed(reason) => format!("failed: {}", escape(reason)),
        Stage::Rejected(reason) => format!("rejected: {}", escape(reason)),
        Stage::Deleted => "deleted".into(),
    }
}
