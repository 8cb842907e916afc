//! The control endpoints of the simulated YouTube.

use super::channel::{Channel, LongUploads, Standing, Uploads, is_handle};
use super::grants::expire;
use super::video::Published;
use super::world::World;
use crate::controls;
use crate::instruction::{Instruction, Unfit};
use crate::platforms::{Memory, PlatformState};
use crate::sandbox::Sandbox;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) fn routes() -> Router<Sandbox> {
    controls::routes::<World>()
        .route("/channels", post(channel))
        .route("/expire-sessions", post(expire_sessions))
}

impl PlatformState for World {
    const UNKNOWN: &'static str = "there is no such channel";

    fn published(memory: &Memory, now: i64) -> Vec<Published> {
        let world = &memory.youtube;
        let all = world.order.iter().filter_map(|id| world.videos.get(id));
        all.filter_map(|video| video.published(&world.channels.get(&video.channel)?.handle, now)).collect()
    }

    fn find(&self, name: &str) -> Option<String> {
        let known = self.channels.get(name).or_else(|| self.by_handle(name));
        known.map(|channel| channel.id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        expire(self.access.values_mut(), id, now);
    }

    fn expire_refresh(&mut self, id: &str, now: i64) {
        expire(self.refresh.values_mut(), id, now);
    }

    /// Ends all grants of the channel's owner, also for their other channels.
    fn revoke(sandbox: &Sandbox, id: &str) {
        sandbox.change(|memory, _| {
            let owner = memory.youtube.channels.get(id).map(|channel| channel.owner.clone());
            memory.youtube.revoke(&owner.unwrap_or_default());
        });
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelWanted {
    handle: String,
    /// The email address of its Google account; without one it gets an account of its own.
    owner: Option<String>,
    title: Option<String>,
    subscribers: Option<u64>,
    uploads: Option<Uploads>,
    long_uploads: Option<LongUploads>,
    standing: Option<Standing>,
}

/// Creates a channel, or changes the one with this handle.
async fn channel(State(sandbox): State<Sandbox>, wanted: Instruction<ChannelWanted>) -> Response {
    let (wanted, origin) = wanted.parts();
    if !is_handle(wanted.handle.trim_start_matches('@')) {
        let rule = "a handle has 3 to 30 letters, digits, dots, hyphens or underscores";
        return Unfit(rule.into()).into_response();
    }
    let id = sandbox.change(|state, _| {
        let world = &mut state.youtube;
        let owner = wanted.owner.as_deref().map(|email| world.person(email));
        let channel = match owner {
            Some(sub) => world.channel_of(wanted.handle.trim_start_matches('@'), &sub),
            None => world.channel_named(&wanted.handle),
        };
        wanted.apply(channel);
        channel.id.clone()
    });
    origin.done(&sandbox, &json!({ "channelId": id }))
}

impl ChannelWanted {
    fn apply(self, channel: &mut Channel) {
        channel.title = self.title.unwrap_or(std::mem::take(&mut channel.title));
        channel.subscribers = self.subscribers.unwrap_or(channel.subscribers);
        channel.uploads = self.uploads.unwrap_or(channel.uploads);
        channel.long_uploads = self.long_uploads.unwrap_or(channel.long_uploads);
        channel.standing = self.standing.unwrap_or(channel.standing);
    }
}

/// Expires every upload in progress.
async fn expire_sessions(State(sandbox): State<Sandbox>, ask: Instruction<Map<String, Value>>) -> Response {
    let (_, origin) = ask.parts();
    sandbox.youtube().expire_sessions();
    origin.done(&sandbox, &json!({}))
}
