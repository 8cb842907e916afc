//! `videos.list` and `playlistItems.list`: the status of uploads.

use super::bearer;
use super::envelope::Refusal;
use super::metadata::Privacy;
use super::query::{Asked, ITEM_PARTS, Signature, VIDEO_PARTS, missing, page_token};
use super::video::{Video, rfc3339};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

/// Parts that only a video's owner sees.
const OWNERS: [&str; 3] = ["fileDetails", "processingDetails", "suggestions"];

/// The parameters of `videos.list`.
const LIST: Signature = Signature {
    served: &["part", "id", "maxResults", "pageToken", "hl", "locale"],
    unserved: &[
        "chart",
        "maxHeight",
        "maxWidth",
        "myRating",
        "onBehalfOfContentOwner",
        "regionCode",
        "videoCategoryId",
    ],
};

/// The parameters of `playlistItems.list`.
const ITEMS: Signature = Signature {
    served: &["part", "playlistId", "maxResults", "pageToken"],
    unserved: &["id", "onBehalfOfContentOwner", "videoId"],
};

pub(super) async fn list(State(sandbox): State<Sandbox>, asked: Asked) -> Response {
    bearer::call(&sandbox, "videos", &LIST, &asked, |world, now, caller, query, mut faults| {
        let parts = query.parts(&VIDEO_PARTS)?;
        let ids = query.ids("id")?;
        if ids.is_empty() {
            return Err(missing("id"));
        }
        let caller = world.channel_behind(caller)?.id.clone();
        let mut items = Vec::new();
        for id in ids {
            let Some(video) = world.videos.get_mut(id) else { continue };
            let mine = video.channel == caller;
            if mine {
                faults.drain(..).for_each(|fault| video.suffer(fault));
            }
            if !video.look() || !mine && video.privacy(now) == Privacy::Private {
                continue;
            }
            if !mine && parts.iter().any(|part| OWNERS.contains(&part.as_str())) {
                let message =
                    "The request is not properly authorized to access video file or processing information.";
                return Err(Refusal::new(403, "forbidden", message).in_domain("youtube.video"));
            }
            if mine {
                video.poll();
            }
            let unknown = video.unknown_status();
            let Some(channel) = world.channels.get(&video.channel) else { continue };
            let mut item = video.resource(&parts, channel, now);
            if let (Some(word), Some(status)) = (unknown, item.pointer_mut("/status/uploadStatus")) {
                *status = word.into();
            }
            items.push(item);
        }
        let total = items.len();
        Ok(json!({
            "kind": "youtube#videoListResponse",
            "items": items,
            "pageInfo": { "totalResults": total, "resultsPerPage": total },
        }))
    })
    .await
}

/// Returns the uploads of a channel, newest first; other playlists are not simulated.
pub(super) async fn items(State(sandbox): State<Sandbox>, asked: Asked) -> Response {
    bearer::call(&sandbox, "playlist_items", &ITEMS, &asked, |world, now, caller, query, _| {
        let parts = query.parts(&ITEM_PARTS)?;
        let playlist = query.need("playlistId")?;
        let (most, start) = (query.most(5)?, query.start()?);
        let caller = world.channel_behind(caller)?.id.clone();
        let Some(channel) = world.channels.values().find(|channel| channel.uploads_playlist() == playlist)
        else {
            let message = "The playlist identified with the request's playlistId parameter cannot be found.";
            return Err(Refusal::new(404, "playlistNotFound", message).in_domain("youtube.playlistItem"));
        };
        let (owner, mut items) = (channel.id.clone(), Vec::new());
        for id in channel.videos.iter().rev() {
            let Some(video) = world.videos.get_mut(id) else { continue };
            if video.look() && (owner == caller || video.is_public(now)) {
                items.push(item(video, playlist, &parts, now));
            }
        }
        let total = items.len();
        let page: Vec<Value> = items.into_iter().skip(start).take(most).collect();
        let mut reply = json!({
            "kind": "youtube#playlistItemListResponse",
            "items": page,
            "pageInfo": { "totalResults": total, "resultsPerPage": most },
        });
        let end = start.saturating_add(most);
        if let Value::Object(reply) = &mut reply
            && end < total
        {
            reply.insert("nextPageToken".into(), page_token(end).into());
        }
        Ok(reply)
    })
    .await
}

fn item(video: &Video, playlist: &str, parts: &[String], now: i64) -> Value {
    let wants = |part: &str| parts.iter().any(|wanted| wanted == part);
    let mut item = json!({ "kind": "youtube#playlistItem", "id": format!("VVU{}", video.id) });
    let Value::Object(fields) = &mut item else { return item };
    let said = &video.metadata;
    if wants("snippet") {
        let snippet = json!({
            "publishedAt": rfc3339(video.at),
            "channelId": video.channel,
            "title": said.title,
            "description": said.description,
            "playlistId": playlist,
            "position": 0,
            "resourceId": { "kind": "youtube#video", "videoId": video.id },
        });
        fields.insert("snippet".into(), snippet);
    }
    if wants("contentDetails") {
        let details = json!({ "videoId": video.id, "videoPublishedAt": rfc3339(video.at) });
        fields.insert("contentDetails".into(), details);
    }
    if wants("status") {
        fields.insert("status".into(), json!({ "privacyStatus": video.privacy(now) }));
    }
    item
}
