//! What is known about TikTok, as data.

use std::time::Duration;

use super::{errors, limits};
use crate::config::PlatformVars;
use crate::model::PlatformId;
use crate::platform::{Facts, OAuthProfile, Pace, Pkce, Renewal};

/// TikTok.
#[derive(Debug, Clone, Copy)]
pub struct TikTok;

pub(super) const WWW: &str = "TIKTOK_WWW_URL";
pub(super) const API: &str = "TIKTOK_API_URL";
pub(super) const VERIFIED: &str = "TIKTOK_VERIFIED_URL_PREFIXES";
pub(super) const SCOPES: &str = "TIKTOK_SCOPES";

/// What is known about TikTok.
pub static FACTS: Facts = Facts {
    id: PlatformId::new("tiktok"),
    vars: PlatformVars {
        platform: "tiktok",
        client_id: "TIKTOK_CLIENT_KEY",
        client_secret: "TIKTOK_CLIENT_SECRET",
        redirect_uri: "TIKTOK_REDIRECT_URI",
        callback: "tiktok-callback",
        urls: &[(WWW, "https://www.tiktok.com"), (API, "https://open.tiktokapis.com")],
        lists: &[VERIFIED, SCOPES],
        words: &[],
        audited: Some("TIKTOK_AUDITED"),
    },
    oauth: OAuthProfile {
        authorize: (WWW, "/v2/auth/authorize/"),
        token: (API, "/v2/oauth/token/"),
        extension: None,
        renewal: Renewal::RefreshToken,
        revoke: Some((API, "/v2/oauth/revoke/")),
        client_id: "client_key",
        // Counts need user.info.stats and the handle needs user.info.profile (scope migration of 2024-02-29).
        scopes: &["user.info.basic", "user.info.profile", "user.info.stats", "video.publish", "video.upload"],
        scopes_var: SCOPES,
        separator: ',',
        needed: &[&["user.info.basic"], &["video.publish", "video.upload"]],
        pkce: Pkce::S256Hex,
        // Without it, TikTok redirects a browser that once approved the app straight back, with the same
        // account.
        extra: &[("disable_auto_auth", "1")],
    },
    surfaces: &[limits::DIRECT, limits::INBOX],
    // TikTok allows six inits a minute and user (direct post reference). With eleven seconds between them,
    // six may come a few seconds early or late without a seventh in any minute.
    pace: Pace { spacing: Duration::from_secs(11) },
    errors: &[errors::API, errors::FAIL_REASONS],
    ai_label: "is_aigc",
};
