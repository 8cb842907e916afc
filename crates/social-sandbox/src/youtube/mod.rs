//! The simulated YouTube: Google's OAuth 2.0, and the parts of the YouTube Data API v3 that publishing needs.

mod app;
mod authorize;
mod backdoor;
mod bearer;
mod channel;
mod channels;
mod consent;
mod control;
mod envelope;
mod grant;
mod grants;
mod insert;
mod limits;
mod mask;
mod metadata;
mod overview;
mod pages;
mod population;
mod query;
mod quota;
mod related;
mod scopes;
mod session;
mod sessions;
mod token;
mod upload;
mod video;
mod videos;
mod world;

pub use app::{App, AppError, Publishing};
pub use backdoor::YouTube;
pub use channel::{LongUploads, Standing, Uploads};
pub use limits::{Limits, NoChannel};
pub use metadata::Privacy;
pub use scopes::SCOPES;
pub use video::Published;

pub(crate) use world::{PLATFORM, World};

use crate::avatar;
use crate::login;
use crate::platforms::{Simulator, nothing};
use crate::registration::{Registration, scopes};
use crate::sandbox::Sandbox;
use axum::Router;
use axum::routing::{get, post};
use consent::GoogleLogin;
use overview::BUTTONS;

/// The endpoint names of faults, which [`YouTube::calls`] counts.
///
/// `token` is every call of the token endpoint, `token_exchange` and `token_refresh` one kind each. `insert`
/// opens a session; if it brings a whole video, it is `upload_last` too. `upload` is every chunk,
/// `upload_last` the one that completes the video, and `upload_status` queries the byte count.
pub const ENDPOINTS: [&str; 12] = [
    "authorize",
    "token",
    "token_exchange",
    "token_refresh",
    "revoke",
    "channels",
    "insert",
    "upload",
    "upload_last",
    "upload_status",
    "videos",
    "playlist_items",
];

/// Returns the client that Google registers: every scope, in production.
pub(crate) fn registered(registration: Registration) -> App {
    App {
        client_id: registration.client_id,
        client_secret: registration.client_secret,
        redirect_uris: registration.redirect_uris,
        scopes: scopes(&SCOPES),
        publishing: Publishing::Production,
    }
}

/// The whole platform, for the registry.
pub(crate) static SIMULATOR: Simulator = Simulator {
    name: PLATFORM,
    label: "YouTube",
    parts: "Google login, tokens, channels, resumable uploads, processing, quota",
    endpoints: &ENDPOINTS,
    buttons: &BUTTONS,
    routes: |sandbox| routes().with_state(sandbox.clone()),
    controls: control::routes,
    overview: overview::overview,
    skip_processing: |sandbox| {
        sandbox.change(|memory, _| {
            let limits = &mut memory.youtube.limits;
            (limits.invisible_polls, limits.processing_polls) = (0, 0);
        });
    },
    settle: |sandbox| sandbox.change(|memory, now| memory.youtube.settle(now)),
    resume: nothing,
};

/// Returns the routes of Google's and YouTube's hosts, all in this one router.
fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/o/oauth2/v2/auth", get(login::show::<GoogleLogin>).post(login::decide::<GoogleLogin>))
        .route("/token", post(token::token))
        .route("/revoke", post(token::revoke))
        .route("/youtube/v3/channels", get(channels::list).post(channels::list))
        .route("/youtube/v3/videos", get(videos::list).post(videos::list))
        .route("/youtube/v3/playlistItems", get(videos::items).post(videos::items))
        .route("/upload/youtube/v3/videos", post(insert::open).put(upload::put))
        .route("/resumable/upload/youtube/v3/videos", post(insert::open).put(upload::put))
        .route("/avatar/{handle}", get(avatar::picture))
        .route("/media/{video}", get(pages::file))
        .route("/watch", get(pages::watch))
        .route("/@{handle}", get(pages::channel))
}
