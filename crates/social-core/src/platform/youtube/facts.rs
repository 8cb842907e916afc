//! What is known about YouTube, as data.

use std::time::Duration;

use super::{errors, limits};
use crate::config::PlatformVars;
use crate::model::PlatformId;
use crate::platform::{Facts, OAuthProfile, Pace, Pkce, Renewal};

/// YouTube.
#[derive(Debug, Clone, Copy)]
pub struct YouTube;

pub(super) const ACCOUNTS: &str = "GOOGLE_ACCOUNTS_URL";
pub(super) const OAUTH: &str = "GOOGLE_OAUTH_URL";
pub(super) const API: &str = "YOUTUBE_API_URL";
pub(super) const WWW: &str = "YOUTUBE_WWW_URL";
pub(super) const SCOPES: &str = "YOUTUBE_SCOPES";

/// The scopes of which one is needed to upload; the first is the narrowest.
pub(super) const UPLOADING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];
/// The scopes of which one is needed to read the channel and the status of an upload. `youtube.upload` is not
/// enough.
pub(super) const READING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];

/// The metadata key of the channel's permission for long videos.
pub(super) const LONG_UPLOADS: &str = "longUploadsStatus";

/// What is known about YouTube.
pub static FACTS: Facts = Facts {
    id: PlatformId::new("youtube"),
    vars: PlatformVars {
        platform: "youtube",
        client_id: "YOUTUBE_CLIENT_ID",
        client_secret: "YOUTUBE_CLIENT_SECRET",
        redirect_uri: "YOUTUBE_REDIRECT_URI",
        callback: "social-accounts-callback",
        urls: &[
            (ACCOUNTS, "https://accounts.google.com"),
            (OAUTH, "https://oauth2.googleapis.com"),
            (API, "https://www.googleapis.com"),
            (WWW, "https://www.youtube.com"),
        ],
        lists: &[SCOPES],
        words: &[],
        audited: None,
    },
    oauth: OAuthProfile {
        authorize: (ACCOUNTS, "/o/oauth2/v2/auth"),
        token: (OAUTH, "/token"),
        extension: None,
        renewal: Renewal::RefreshToken,
        revoke: Some((OAUTH, "/revoke")),
        client_id: "client_id",
        // openid identifies the person: a revocation affects all channels of that person.
        scopes: &[UPLOADING[0], READING[0], "openid"],
        scopes_var: SCOPES,
        separator: ' ',
        needed: &[&UPLOADING, &READING],
        pkce: Pkce::S256,
        // Without both there is no refresh token, or none for a person who has agreed before.
        extra: &[("access_type", "offline"), ("prompt", "consent")],
    },
    surfaces: &[limits::VIDEO, limits::SHORT],
    // YouTube counts days, not seconds. A second prevents bursts.
    pace: Pace { spacing: Duration::from_secs(1) },
    errors: &[errors::API, errors::VERDICTS],
    // "Realistic altered or synthetic content" (YouTube Data API, videos, `status.containsSyntheticMedia`).
    ai_label: "containsSyntheticMedia",
};
