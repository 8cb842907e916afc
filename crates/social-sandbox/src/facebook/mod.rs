//! The simulated Facebook: Facebook Login, Pages and their tokens, Reels and other Page videos.

mod accounts;
mod backdoor;
mod businesses;
mod consent;
mod control;
mod finish;
mod limits;
mod list;
mod overview;
mod page_roles;
mod permissions;
mod population;
mod profile;
mod published;
mod reels;
mod status;
mod token;
mod video;
mod videos;
mod world;

pub use crate::meta::App;
pub use backdoor::Facebook;
pub use limits::{Expiry, Limits, SecondFinish, Spelling};
pub use page_roles::Role;
pub use published::{Kind, Published};

pub(crate) use world::{PLATFORM, World};

use crate::avatar::picture;
use crate::meta::{self, Roots};
use crate::platforms::{Button, Simulator, nothing};
use crate::registration::Registration;
use crate::sandbox::Sandbox;
use axum::Router;
use axum::routing::{delete, get, post};

/// The endpoint names of faults, which [`Facebook::calls`] counts.
///
/// `token` is every request for a user token, `token_exchange` and `token_extend` one kind each. `finish` is
/// both finishes, `reel_finish` and `video_finish` one each. `upload` is the upload host, `video_transfer` a
/// piece sent to Graph.
pub const ENDPOINTS: [&str; 23] = [
    "authorize",
    "token",
    "token_exchange",
    "token_extend",
    "me",
    "permissions",
    "revoke",
    "debug_token",
    "accounts",
    "businesses",
    "business_pages",
    "page",
    "reel_start",
    "upload",
    "finish",
    "reel_finish",
    "video_start",
    "video_transfer",
    "video_finish",
    "video_cancel",
    "video_url",
    "status",
    "list",
];

/// The scopes of the simulated endpoints.
pub const SCOPES: [&str; 4] =
    ["pages_show_list", "pages_read_engagement", "pages_manage_posts", "business_management"];

/// The faults with a button.
pub(crate) const BUTTONS: [Button; 3] = [
    ("Finish lost after it took effect", &[("endpoint", "finish"), ("kind", "hangUpAfter")]),
    ("Upload cut after a megabyte", &[("endpoint", "upload"), ("kind", "cut"), ("bytes", "1000000")]),
    ("Resolution too low", &[("endpoint", "reel_start"), ("kind", "failReason"), ("reason", "1363127")]),
];

/// Returns the app that Meta registers for Facebook Login, with "Require App Secret" enabled.
pub(crate) fn registered(registration: Registration) -> App {
    App::registered(registration, &SCOPES, meta::Proof::Required)
}

/// The whole platform, for the registry.
pub(crate) static SIMULATOR: Simulator = Simulator {
    name: PLATFORM,
    label: "Facebook",
    parts: "Facebook Login, Pages, Reels, plain videos",
    endpoints: &ENDPOINTS,
    buttons: &BUTTONS,
    routes: host,
    controls: control::routes,
    overview: overview::overview,
    skip_processing: |sandbox| {
        sandbox.change(|memory, _| {
            let limits = &mut memory.facebook.limits;
            (limits.processing_polls, limits.publishing_polls) = (0, 0);
        });
    },
    settle: nothing,
    resume: nothing,
};

/// Returns Facebook's routes; this one router serves both of its hosts.
fn host(sandbox: &Sandbox) -> Router {
    let roots = Roots { unversioned: &["me", "oauth", "dialog", "debug_token"], versionless: &[] };
    let routes = Router::new()
        .route("/{version}/dialog/oauth", get(consent::show).post(consent::decide))
        .route("/{version}/oauth/access_token", get(token::token).post(token::token))
        .route("/{version}/debug_token", get(token::debug))
        .route("/{version}/me", get(permissions::me))
        .route("/{version}/{node}/accounts", get(accounts::list))
        .route("/{version}/{node}/businesses", get(businesses::list))
        .route("/{version}/{node}/owned_pages", get(businesses::owned))
        .route("/{version}/{node}/client_pages", get(businesses::clients))
        .route("/{version}/{node}/permissions", get(permissions::list).delete(permissions::revoke))
        .route("/{version}/{node}/permissions/{name}", delete(permissions::withdraw))
        .route("/{version}/{node}", get(status::read))
        .route("/{version}/{node}/video_reels", post(reels::reels).get(list::reels))
        .route("/{version}/{node}/videos", post(videos::videos).get(list::videos))
        .route("/avatar/{username}", get(picture))
        .route("/video/{id}/file", get(meta::video_file))
        .route("/{page}", get(profile::page_of))
        .route("/reel/{id}", get(profile::reel));
    meta::host(routes, roots, sandbox)
}
