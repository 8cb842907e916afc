//! The control endpoints of the simulated YouTube.

use super::channel::{Channel, LongUploads, Standing, Uploads, is_handle};
use super::limits::Limits;
use crate::instruction::{Instruction, Unfit, changed};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/published", get(published))
        .route("/limits", post(limits).get(current_limits))
        .route("/channels", post(channel))
        .route("/expire-tokens", post(expire))
        .route("/expire-sessions", post(expire_sessions))
        .route("/revoke", post(revoke))
}

async fn published(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(json!({ "published": sandbox.youtube().published() }))
}

async fn current_limits(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(sandbox.read(|state, _| json!(state.youtube.limits)))
}

/// Changes the named limits and keeps the others.
async fn limits(State(sandbox): State<Sandbox>, wanted: Instruction<Map<String, Value>>) -> Response {
    let (wanted, origin) = wanted.parts();
    let changed = sandbox.change(|state, _| {
        let limits: Limits = changed(&state.youtube.limits, wanted)?;
        state.youtube.limits = limits.clone();
        Ok::<_, Unfit>(limits)
    });
    match changed {
        Ok(limits) => origin.done(&sandbox, &json!(limits)),
        Err(unfit) => unfit.into_response(),
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

/// Which tokens expire.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Tokens {
    #[default]
    Access,
    Refresh,
}

#[derive(Deserialize)]
struct Target {
    account: String,
    #[serde(default)]
    tokens: Tokens,
}

async fn expire(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    let found = match target.tokens {
        Tokens::Access => sandbox.youtube().expire_tokens(&target.account),
        Tokens::Refresh => sandbox.youtube().expire_refresh_tokens(&target.account),
    };
    if found { origin.done(&sandbox, &json!({})) } else { unknown_channel() }
}

/// Expires every upload in progress.
async fn expire_sessions(State(sandbox): State<Sandbox>, ask: Instruction<Map<String, Value>>) -> Response {
    let (_, origin) = ask.parts();
    sandbox.youtube().expire_sessions();
    origin.done(&sandbox, &json!({}))
}

/// The channel's owner removes the app in their Google account.
async fn revoke(State(sandbox): State<Sandbox>, target: Instruction<Target>) -> Response {
    let (target, origin) = target.parts();
    if sandbox.youtube().revoke(&target.account) {
        origin.done(&sandbox, &json!({}))
    } else {
        unknown_channel()
    }
}

fn unknown_channel() -> Response {
    Unfit("there is no such channel".into()).into_response()
}
