//! `channels.list`: the channel a grant was given for.

use super::bearer;
use super::channel::{Channel, LongUploads};
use super::envelope::Refusal;
use super::limits::NoChannel;
use super::query::{CHANNEL_PARTS, Query};
use super::world::World;
use crate::avatar;
use crate::sandbox::Sandbox;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Map, Value, json};

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    bearer::call(&sandbox, "channels", &headers, |world, now, caller, _| {
        let query = Query::read(query.as_deref(), &["part", "mine", "maxResults"])?;
        let parts = query.parts(&CHANNEL_PARTS)?;
        if query.need("mine")? != "true" {
            return Err(Refusal::bad("Only mine=true is simulated."));
        }
        if caller.channel.is_none() && world.limits.no_channel == NoChannel::Empty {
            return Ok(json!({
                "kind": "youtube#channelListResponse",
                "pageInfo": { "totalResults": 0, "resultsPerPage": 5 },
            }));
        }
        let channel = world.channel_behind(caller)?.clone();
        Ok(json!({
            "kind": "youtube#channelListResponse",
            "pageInfo": { "totalResults": 1, "resultsPerPage": 5 },
            "items": [resource(&sandbox, world, &channel, &parts, now)],
        }))
    })
    .await
}

fn resource(sandbox: &Sandbox, world: &World, channel: &Channel, parts: &[String], now: i64) -> Value {
    let mut resource = Map::new();
    resource.insert("kind".into(), "youtube#channel".into());
    resource.insert("id".into(), channel.id.as_str().into());
    for part in parts {
        let value = match part.as_str() {
            "snippet" => {
                let url = sandbox.address(&avatar::path(super::PLATFORM, &channel.handle));
                json!({
                    "title": channel.title,
                    "description": "A channel in the sandbox.",
                    "customUrl": format!("@{}", channel.handle),
                    "publishedAt": "2019-05-04T10:00:00Z",
                    "thumbnails": {
                        "default": { "url": url, "width": 88, "height": 88 },
                        "medium": { "url": url, "width": 240, "height": 240 },
                        "high": { "url": url, "width": 800, "height": 800 },
                    },
                })
            }
            "contentDetails" => {
                json!({ "relatedPlaylists": { "likes": "", "uploads": channel.uploads_playlist() } })
            }
            "status" => json!({
                "privacyStatus": "public",
                "isLinked": true,
                "longUploadsStatus": match channel.long_uploads {
                    LongUploads::Allowed => "allowed",
                    LongUploads::Eligible => "eligible",
                    LongUploads::Disallowed => "disallowed",
                },
                "madeForKids": false,
            }),
            // Numbers that are strings, as everywhere in this API.
            "statistics" => json!({
                "viewCount": (channel.subscribers * 31).to_string(),
                "subscriberCount": channel.subscribers.to_string(),
                "hiddenSubscriberCount": false,
                "videoCount": world.public_videos(channel, now).to_string(),
            }),
            _ => continue,
        };
        resource.insert(part.clone(), value);
    }
    resource.into()
}

impl World {
    /// How many public videos the channel has.
    pub(super) fn public_videos(&self, channel: &Channel, now: i64) -> u64 {
        let videos = channel.videos.iter().filter_map(|id| self.videos.get(id));
        let here = videos.filter(|video| video.is_public(now)).count();
        channel.earlier_videos.saturating_add(u64::try_from(here).unwrap_or(0))
    }
}
