//! `channels.list`: the channel of a grant, or named channels.

use super::bearer;
use super::channel::{Channel, LongUploads};
use super::envelope::Refusal;
use super::grant::Caller;
use super::limits::NoChannel;
use super::query::{Asked, CHANNEL_PARTS, Query, Signature, missing};
use super::world::World;
use crate::avatar;
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

/// The parameters of `channels.list`.
const METHOD: Signature = Signature {
    served: &["part", "mine", "id", "forHandle", "maxResults", "pageToken", "hl"],
    unserved: &["categoryId", "forUsername", "managedByMe", "mySubscribers", "onBehalfOfContentOwner"],
};

pub(super) async fn list(State(sandbox): State<Sandbox>, asked: Asked) -> Response {
    bearer::call(&sandbox, "channels", &METHOD, &asked, |world, now, caller, query, _| {
        let parts = query.parts(&CHANNEL_PARTS)?;
        let most = query.most(5)?;
        let found = found(world, caller, query)?;
        let items: Vec<Value> =
            found.iter().map(|channel| resource(&sandbox, world, channel, &parts, now)).collect();
        let mut reply = json!({
            "kind": "youtube#channelListResponse",
            "pageInfo": { "totalResults": items.len(), "resultsPerPage": most },
        });
        // An empty list is left out.
        if let Value::Object(reply) = &mut reply
            && !items.is_empty()
        {
            reply.insert("items".into(), items.into());
        }
        Ok(reply)
    })
    .await
}

/// Returns the channels that the call's one filter selects.
fn found(world: &mut World, caller: &Caller, query: &Query) -> Result<Vec<Channel>, Refusal> {
    let (mine, handle, ids) = (query.flag("mine")?, query.find("forHandle"), query.ids("id")?);
    match (mine, handle, ids.is_empty()) {
        (Some(true), None, true) => {
            if caller.channel.is_none() && world.limits.no_channel == NoChannel::Empty {
                return Ok(Vec::new());
            }
            Ok(vec![world.channel_behind(caller)?.clone()])
        }
        (Some(false), None, true) => Err(Refusal::bad("Only mine=true is simulated.")),
        (None, Some(handle), true) => {
            Ok(world.by_handle(handle).filter(|channel| channel.is_public()).cloned().into_iter().collect())
        }
        (None, None, false) => {
            let known = ids.into_iter().filter_map(|id| world.channels.get(id));
            Ok(known.filter(|channel| channel.is_public()).cloned().collect())
        }
        (None, None, true) => Err(missing("mine")),
        _ => {
            let message = "Incompatible parameters specified in the request.";
            Err(Refusal::new(400, "incompatibleParameters", message).in_domain("youtube.parameter"))
        }
    }
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
            // Numbers as strings, as everywhere in this API.
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
    /// Returns how many public videos the channel has.
    pub(super) fn public_videos(&self, channel: &Channel, now: i64) -> u64 {
        let videos = channel.videos.iter().filter_map(|id| self.videos.get(id));
        let here = videos.filter(|video| video.is_public(now)).count();
        channel.earlier_videos.saturating_add(u64::try_from(here).unwrap_or(0))
    }
}
