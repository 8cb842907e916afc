//! The simulated TikTok: Login Kit, user info, the Content Posting API, the Display API, webhooks.

mod account;
mod app;
mod authorize;
mod backdoor;
mod bearer;
mod chunk;
mod consent;
mod control;
mod creator;
mod envelope;
mod grant;
mod grants;
mod init;
mod limits;
mod notice;
mod overview;
mod population;
mod profile;
mod publication;
mod source;
mod status;
mod token;
mod upload;
mod user;
mod videos;
mod webhook;
mod world;

pub use account::Visibility;
pub use app::{App, AppError};
pub use backdoor::TikTok;
pub use limits::{IdForm, Limits, Progress, Rotation};
pub use publication::{Begun, Mode, Published};

pub(crate) use webhook::announce;
pub(crate) use world::{PLATFORM, World};

use crate::avatar;
use crate::login;
use crate::platforms::Simulator;
use crate::registration::{Registration, scopes};
use crate::sandbox::Sandbox;
use axum::Router;
use axum::routing::{get, post, put};
use consent::TikTokLogin;
use overview::BUTTONS;

/// The endpoint names of faults, which [`TikTok::calls`] counts.
///
/// `token` is every call of the token endpoint, `token_exchange` and `token_refresh` one kind each. `init` is
/// both inits. `upload` is every chunk, `upload_last` the one that completes the video.
pub const ENDPOINTS: [&str; 16] = [
    "authorize",
    "token",
    "token_exchange",
    "token_refresh",
    "revoke",
    "user_info",
    "creator_info",
    "init",
    "video_init",
    "inbox_init",
    "upload",
    "upload_last",
    "status",
    "cancel",
    "video_list",
    "video_query",
];

/// The scopes of the simulated endpoints.
pub const SCOPES: [&str; 6] = [
    "user.info.basic",
    "user.info.profile",
    "user.info.stats",
    "video.list",
    "video.publish",
    "video.upload",
];

/// Returns the app that TikTok registers: every scope, and audited.
pub(crate) fn registered(registration: Registration) -> App {
    App {
        client_key: registration.client_id,
        client_secret: registration.client_secret,
        redirect_uris: registration.redirect_uris,
        scopes: scopes(&SCOPES),
        webhook_url: registration.webhook_url,
        verified_url_prefixes: registration.verified_url_prefixes,
        audited: true,
    }
}

/// The whole platform, for the registry.
pub(crate) static SIMULATOR: Simulator = Simulator {
    name: PLATFORM,
    label: "TikTok",
    parts: "login, tokens, creator info, direct posts, drafts, uploads, downloads, status, video lists, webhooks",
    endpoints: &ENDPOINTS,
    buttons: &BUTTONS,
    routes: |sandbox| routes().with_state(sandbox.clone()),
    controls: control::routes,
    overview: overview::overview,
    skip_processing: |sandbox| {
        sandbox.change(|memory, _| {
            memory.tiktok.limits.processing_polls = 0;
        });
    },
    settle: |sandbox| {
        let notices = sandbox.change(|memory, now| memory.tiktok.settle(now));
        announce(sandbox, notices);
    },
    resume: init::resume,
};

/// Returns TikTok's routes; this one router serves both of its hosts.
fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/v2/auth/authorize/", get(login::show::<TikTokLogin>).post(login::decide::<TikTokLogin>))
        // The spelling of most libraries.
        .route("/v2/auth/authorize", get(login::show::<TikTokLogin>).post(login::decide::<TikTokLogin>))
        .route("/v2/oauth/token/", post(token::token))
        .route("/v2/oauth/revoke/", post(token::revoke))
        .route("/v2/user/info/", get(user::info))
        .route("/v2/post/publish/creator_info/query/", post(creator::query))
        .route("/v2/post/publish/video/init/", post(init::video))
        .route("/v2/post/publish/inbox/video/init/", post(init::inbox))
        .route("/v2/post/publish/status/fetch/", post(status::fetch))
        .route("/v2/post/publish/cancel/", post(status::cancel))
        .route("/v2/video/list/", post(videos::list))
        .route("/v2/video/query/", post(videos::query))
        .route("/upload/", put(chunk::chunk))
        .route("/avatar/{username}", get(avatar::picture))
        .route("/media/{publish_id}", get(profile::media))
        .route("/@{username}", get(profile::profile))
        .route("/@{username}/video/{post_id}", get(profile::video))
        .route("/@{username}/draft", post(profile::finish_draft))
}
