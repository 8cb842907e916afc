//! What is known about Facebook, as data.

use std::time::Duration;

use super::{errors, limits};
use crate::config::PlatformVars;
use crate::model::PlatformId;
use crate::platform::meta::{self, UPLOAD, VERSION, VERSION_NOW};
use crate::platform::{ClientParts, Extension, Facts, OAuthProfile, Pace, Pkce, Renewal};

/// Facebook.
#[derive(Debug, Clone, Copy)]
pub struct Facebook;

pub(super) const WWW: &str = "FACEBOOK_WWW_URL";
pub(super) const GRAPH: &str = "FACEBOOK_GRAPH_URL";
pub(super) const SCOPES: &str = "FACEBOOK_SCOPES";
pub(super) const TOKEN_PATH: &str = "/{META_GRAPH_VERSION}/oauth/access_token";

/// What is known about Facebook.
pub static FACTS: Facts = Facts {
    id: PlatformId::new("facebook"),
    vars: PlatformVars {
        platform: "facebook",
        client_id: "FACEBOOK_CLIENT_ID",
        client_secret: "FACEBOOK_CLIENT_SECRET",
        redirect_uri: "FACEBOOK_REDIRECT_URI",
        callback: "social-accounts-callback",
        urls: &[
            (WWW, "https://www.facebook.com"),
            (GRAPH, "https://graph.facebook.com"),
            (UPLOAD, "https://rupload.facebook.com"),
        ],
        lists: &[SCOPES],
        words: &[(VERSION, VERSION_NOW)],
        audited: None,
    },
    oauth: OAuthProfile {
        authorize: (WWW, "/{META_GRAPH_VERSION}/dialog/oauth"),
        token: (GRAPH, TOKEN_PATH),
        // Page tokens made from a short-lived token expire with it. Those made from a long-lived one do not
        // expire.
        extension: Some(Extension {
            endpoint: (GRAPH, TOKEN_PATH),
            grant_type: "fb_exchange_token",
            token: "fb_exchange_token",
            client: ClientParts::IdAndSecret,
        }),
        renewal: Renewal::Never,
        revoke: None,
        client_id: "client_id",
        // Without business_management the Pages of business portfolios are not listed.
        scopes: &["pages_show_list", "pages_read_engagement", "pages_manage_posts", "business_management"],
        scopes_var: SCOPES,
        separator: ',',
        needed: &[&["pages_show_list"], &["pages_read_engagement"], &["pages_manage_posts"]],
        // It exists only in the OIDC variant, which Meta describes as still in testing.
        pkce: Pkce::No,
        // Asks again for scopes that were once declined.
        extra: &[("auth_type", "rerequest")],
    },
    surfaces: &[limits::REEL, limits::VIDEO],
    // 30 Reels in 24 hours are allowed, and a quiet Page has few calls available.
    pace: Pace { spacing: Duration::from_secs(10) },
    errors: &[errors::PUBLISHING, meta::SHARED],
    ai_label: "is_ai_generated",
};
