//! What is known about Instagram, as data.

use std::time::Duration;

use super::{errors, limits};
use crate::config::PlatformVars;
use crate::model::PlatformId;
use crate::platform::meta::{self, UPLOAD, VERSION, VERSION_NOW};
use crate::platform::{ClientParts, Extension, Facts, OAuthProfile, Pace, Pkce, Renewal};

/// Instagram.
#[derive(Debug, Clone, Copy)]
pub struct Instagram;

pub(super) const WWW: &str = "INSTAGRAM_WWW_URL";
pub(super) const API: &str = "INSTAGRAM_API_URL";
pub(super) const GRAPH: &str = "INSTAGRAM_GRAPH_URL";
pub(super) const SCOPES: &str = "INSTAGRAM_SCOPES";
/// `url`: Meta fetches the video; `resumable`: we send its bytes, which Meta documents for Facebook Login
/// only.
pub(super) const UPLOAD_MODE: &str = "INSTAGRAM_UPLOAD_MODE";

/// A day: from this age on, a token is renewed.
pub(super) const RENEWABLE: Duration = Duration::from_hours(24);

/// What is known about Instagram.
pub static FACTS: Facts = Facts {
    id: PlatformId::new("instagram"),
    vars: PlatformVars {
        platform: "instagram",
        client_id: "INSTAGRAM_CLIENT_ID",
        client_secret: "INSTAGRAM_CLIENT_SECRET",
        redirect_uri: "INSTAGRAM_REDIRECT_URI",
        callback: "social-accounts-callback",
        urls: &[
            (WWW, "https://www.instagram.com"),
            (API, "https://api.instagram.com"),
            (GRAPH, "https://graph.instagram.com"),
            (UPLOAD, "https://rupload.facebook.com"),
        ],
        lists: &[SCOPES],
        words: &[(VERSION, VERSION_NOW), (UPLOAD_MODE, "url")],
        audited: None,
    },
    oauth: OAuthProfile {
        authorize: (WWW, "/oauth/authorize"),
        token: (API, "/oauth/access_token"),
        extension: Some(Extension {
            endpoint: (GRAPH, "/access_token"),
            grant_type: "ig_exchange_token",
            token: "access_token",
            client: ClientParts::Secret,
        }),
        renewal: Renewal::AccessToken {
            by: Extension {
                endpoint: (GRAPH, "/refresh_access_token"),
                grant_type: "ig_refresh_token",
                token: "access_token",
                client: ClientParts::Nothing,
            },
            from_age: RENEWABLE,
        },
        // Meta documents no revocation for Instagram Login.
        revoke: None,
        client_id: "client_id",
        scopes: &["instagram_business_basic", "instagram_business_content_publish"],
        scopes_var: SCOPES,
        separator: ',',
        needed: &[&["instagram_business_basic"], &["instagram_business_content_publish"]],
        pkce: Pkce::No,
        // Without it, a browser that is signed in connects the account of that session.
        extra: &[("force_reauth", "true")],
    },
    surfaces: &[limits::REEL],
    // 400 containers in 24 hours are allowed, and a quiet account has few calls available.
    pace: Pace { spacing: Duration::from_secs(10) },
    errors: &[errors::PUBLISHING, meta::SHARED],
    ai_label: "is_ai_generated",
};
