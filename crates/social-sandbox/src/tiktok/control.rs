//! The control endpoints of the simulated TikTok.

use super::account::{Account, Interaction, Standing, Visibility, is_username};
use super::notice::Notice;
use super::publication::Published;
use super::webhook::{self, Signature};
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
use serde_json::{Value, json};

/// The webhook's reason if the user disconnected the app.
const REVOKED_BY_USER: i64 = 1;

/// The most copies of one webhook.
const COPIES: u32 = 20;

pub(crate) fn routes() -> Router<Sandbox> {
    controls::routes::<World>().route("/accounts", post(account)).route("/webhooks", post(send))
}

impl PlatformState for World {
    fn published(memory: &Memory, _: i64) -> Vec<Published> {
        let world = &memory.tiktok;
        let all = world.order.iter().filter_map(|id| world.publications.get(id));
        all.filter_map(|one| one.published(&world.accounts.get(&one.open_id)?.username)).collect()
    }

    fn find(&self, name: &str) -> Option<String> {
        let known = self.accounts.get(name).or_else(|| self.by_username(name));
        known.map(|account| account.open_id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        for access in self.access.values_mut().filter(|access| access.open_id == id) {
            access.expires_at = access.expires_at.min(now);
        }
    }

    fn expire_refresh(&mut self, id: &str, now: i64) {
        for refresh in self.refresh.values_mut().filter(|refresh| refresh.open_id == id) {
            refresh.expires_at = refresh.expires_at.min(now);
        }
    }

    fn revoke(sandbox: &Sandbox, id: &str) {
        sandbox.change(|memory, _| memory.tiktok.revoke(id));
        webhook::announce(sandbox, vec![Notice::removed(id, REVOKED_BY_USER)]);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountWanted {
    handle: String,
    display_name: Option<String>,
    visibility: Option<Visibility>,
    standing: Option<Standing>,
    comments: Option<Interaction>,
    duets: Option<Interaction>,
    stitches: Option<Interaction>,
    followers: Option<i64>,
    videos: Option<i64>,
    longest_video_seconds: Option<i32>,
}

/// Creates an account, or changes the one with this handle.
async fn account(State(sandbox): State<Sandbox>, wanted: Instruction<AccountWanted>) -> Response {
    let (wanted, origin) = wanted.parts();
    if !is_username(wanted.handle.trim_start_matches('@')) {
        return Unfit("a handle has 2 to 24 letters, digits, dots or underscores".into()).into_response();
    }
    let open_id = sandbox.change(|state, _| {
        let visibility = wanted.visibility.unwrap_or(Visibility::Public);
        let account = state.tiktok.account_named(&wanted.handle, visibility);
        wanted.apply(account);
        account.open_id.clone()
    });
    origin.done(&sandbox, &json!({ "openId": open_id }))
}

impl AccountWanted {
    fn apply(self, account: &mut Account) {
        account.display_name = self.display_name.unwrap_or(std::mem::take(&mut account.display_name));
        account.visibility = self.visibility.unwrap_or(account.visibility);
        account.standing = self.standing.unwrap_or(account.standing);
        account.comments = self.comments.unwrap_or(account.comments);
        account.duets = self.duets.unwrap_or(account.duets);
        account.stitches = self.stitches.unwrap_or(account.stitches);
        account.followers = self.followers.unwrap_or(account.followers);
        account.videos = self.videos.unwrap_or(account.videos);
        account.longest_video_seconds = self.longest_video_seconds.unwrap_or(account.longest_video_seconds);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookWanted {
    event: String,
    account: Option<String>,
    #[serde(default)]
    content: Value,
    #[serde(default)]
    signature: Signature,
    #[serde(default = "once")]
    times: u32,
}

/// Sends a webhook with any content, also a forged one, also several times.
async fn send(State(sandbox): State<Sandbox>, wanted: Instruction<WebhookWanted>) -> Response {
    let (wanted, origin) = wanted.parts();
    let open_id = wanted.account.map(|name| sandbox.tiktok().open_id(&name).unwrap_or(name));
    let notice = Notice { event: wanted.event, open_id, content: wanted.content };
    for _ in 0..wanted.times.min(COPIES) {
        webhook::post(&sandbox, &notice, wanted.signature);
    }
    origin.done(&sandbox, &json!({}))
}

fn once() -> u32 {
    1
}
