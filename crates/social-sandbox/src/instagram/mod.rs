//! The simulated Instagram: Instagram Login and the content publishing API for Reels.

mod account;
mod backdoor;
mod consent;
mod container;
mod control;
mod create;
mod limits;
mod node;
mod overview;
mod population;
mod profile;
mod publish;
mod published;
mod token;
mod user;
mod world;

pub use crate::meta::App;
pub use account::AccountType;
pub use backdoor::Instagram;
pub use limits::{Limits, SecondPublish, Shape, UploadStatus, UploadType};
pub use published::Published;

pub(crate) use world::{PLATFORM, World};

use crate::avatar::picture;
use crate::login;
use crate::meta::{self, Roots};
use crate::platforms::{Button, Simulator, nothing};
use crate::registration::Registration;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::routing::{get, post};
use consent::InstagramLogin;

/// The endpoint names of faults, which [`Instagram::calls`] counts.
///
/// `token` is every request for a token; `token_exchange`, `token_extend` and `token_refresh` are one kind
/// each. `container` creates a container, and `container_status` checks it. `media` reads a published one,
/// and `media_list` lists them.
pub const ENDPOINTS: [&str; 13] = [
    "authorize",
    "token",
    "token_exchange",
    "token_extend",
    "token_refresh",
    "me",
    "container",
    "upload",
    "container_status",
    "quota",
    "media_publish",
    "media",
    "media_list",
];

/// The scopes of the simulated endpoints.
pub const SCOPES: [&str; 2] = ["instagram_business_basic", "instagram_business_content_publish"];

/// The faults with a button.
pub(crate) const BUTTONS: [Button; 3] = [
    ("Publication lost after it took effect", &[("endpoint", "media_publish"), ("kind", "hangUpAfter")]),
    ("Video format refused", &[("endpoint", "container"), ("kind", "failReason"), ("reason", "2207026")]),
    (
        "Called spam, and live all the same",
        &[("endpoint", "media_publish"), ("kind", "statusAfter"), ("status", "400"), ("code", "4/2207051")],
    ),
];

/// Returns the app that Meta registers for Instagram Login.
pub(crate) fn registered(registration: Registration) -> App {
    App::registered(registration, &SCOPES, meta::Proof::Optional)
}

/// The whole platform, for the registry.
pub(crate) static SIMULATOR: Simulator = Simulator {
    name: PLATFORM,
    label: "Instagram",
    parts: "Instagram Login, containers, uploads, Reels, quota",
    endpoints: &ENDPOINTS,
    buttons: &BUTTONS,
    routes: host,
    controls: control::routes,
    overview: overview::overview,
    skip_processing: |sandbox| {
        sandbox.change(|memory, _| {
            memory.instagram.limits.processing_polls = 0;
        });
    },
    settle: nothing,
    resume: nothing,
};

/// Returns Instagram's routes; this one router serves its three hosts.
fn host(sandbox: &Sandbox) -> Router {
    let roots =
        Roots { unversioned: &["me"], versionless: &["oauth", "access_token", "refresh_access_token"] };
    let routes = Router::new()
        .route("/oauth/authorize", get(login::show::<InstagramLogin>).post(login::decide::<InstagramLogin>))
        .route("/oauth/access_token", post(token::exchange))
        .route("/access_token", get(token::extend))
        .route("/refresh_access_token", get(token::refresh))
        .route("/{version}/me", get(user::me))
        .route("/{version}/{node}", get(node::read))
        .route("/{version}/{node}/media", post(create::create).get(publish::list))
        .route("/{version}/{node}/media_publish", post(publish::publish))
        .route("/{version}/{node}/content_publishing_limit", get(publish::quota))
        .route("/avatar/{username}", get(picture))
        .route("/video/{media}/file", get(meta::video_file))
        .route("/{username}", get(profile::profile))
        .route("/reel/{shortcode}/", get(profile::reel));
    meta::host(routes, roots, sandbox)
}
