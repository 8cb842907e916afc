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
mod insert;
mod limits;
mod mask;
mod metadata;
mod overview;
mod pages;
mod query;
mod quota;
mod related;
mod session;
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
pub use video::Published;

pub(crate) use control::routes as control_routes;
pub(crate) use overview::{BUTTONS, overview};
pub(crate) use world::World;

use crate::avatar;
use crate::fault::Fault;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::routing::{get, post};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "youtube";

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

/// Every scope that a consent screen can declare.
pub const SCOPES: [&str; 5] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
    OPENID,
];

/// The scope that identifies the person (`OpenID` Connect Core §3.1.2.1); it cannot be refused alone.
const OPENID: &str = "openid";

/// The scopes of which one is needed to read. `youtube.upload` is not among them.
const READING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];

/// The scopes of which one is needed to upload.
const UPLOADING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];

/// Reports whether the fault can happen.
pub(crate) fn knows(fault: &Fault) -> bool {
    fault.platform == PLATFORM && ENDPOINTS.contains(&fault.endpoint.as_str())
}

/// Returns the routes of Google's and YouTube's hosts, all in this one router.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/o/oauth2/v2/auth", get(consent::show).post(consent::decide))
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
