//! The simulated TikTok.

use serde_json::json;
use social_sandbox::tiktok::{ENDPOINTS, Limits, Visibility};
use social_sandbox::{Fault, Sandbox};

use super::{Facts, Published, StandIn, Way, at_every_call, status};
use crate::source::video;
use crate::world::public;

pub(super) struct TikTok;

/// The codes that reject an init before it creates a task. (Content Posting API, "Direct Post", "Upload" and
/// "Error handling": only a success names a task, and without one there is nothing to download into.) Codes
/// for an outage of TikTok, or for another call, are not among them.
const PROOFS: [&str; 16] = [
    "invalid_param",
    "invalid_params",
    "invalid_file_upload",
    "app_version_check_failed",
    "scope_permission_missed",
    "publish_not_cancellable",
    "access_token_invalid",
    "scope_not_authorized",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "spam_risk_too_many_pending_share",
    "reached_active_user_cap",
    "unaudited_client_can_only_post_to_private_accounts",
    "url_ownership_unverified",
    "privacy_level_option_mismatch",
    "rate_limit_exceeded",
];

fn is_init(call: &str) -> bool {
    matches!(call, "init" | "video_init" | "inbox_init")
}

/// The calls of publishing in the first way.
const CALLS: [&str; 5] = ["creator_info", "video_init", "upload", "upload_last", "status"];

const FACTS: Facts = Facts {
    platform: "tiktok",
    last_call: "upload_last",
    endpoints: &ENDPOINTS,
    umbrellas: &["init", "upload"],
    reads: &["creator_info", "status"],
};

impl StandIn for TikTok {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.tiktok().create_account(handle, Visibility::Public);
    }

    fn without_limits(&self, sandbox: &Sandbox) {
        sandbox.tiktok().set_limits(Limits::unlimited());
    }

    fn ways(&self) -> Vec<Way> {
        let way =
            |options: &_, is_pull| Way { options: Clone::clone(options), is_pull, may_doubt: is_pull, video };
        let (post, draft) = (public(), json!({"post_mode": "MEDIA_UPLOAD"}));
        vec![way(&post, false), way(&draft, false), way(&post, true), way(&draft, true)]
    }

    fn published(&self, sandbox: &Sandbox) -> Vec<Published> {
        let published = sandbox.tiktok().published();
        published.into_iter().map(|one| Published { caption: one.caption, sha256: one.sha256 }).collect()
    }

    fn beginnings(&self, sandbox: &Sandbox) -> u64 {
        sandbox.tiktok().calls("video_init")
    }

    fn look(&self, way: &Way) -> Option<(&'static str, &'static str)> {
        (!way.is_pull).then_some(("status", "check"))
    }

    fn publishes(&self, way: &Way, call: &str) -> bool {
        if way.is_pull { is_init(call) } else { call == "upload_last" }
    }

    fn is_proof(&self, way: &Way, call: &str, code: &str) -> bool {
        way.is_pull && is_init(call) && PROOFS.contains(&code)
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let kinds = [
            status(500, "internal_error", None),
            status(503, "internal_error", Some(7)),
            status(429, "rate_limit_exceeded", None),
            status(429, "rate_limit_exceeded", Some(90)),
            status(401, "access_token_invalid", None),
        ];
        let mut faults = at_every_call("tiktok", &CALLS, &kinds);
        // The upload URL is the credential: no token, so no 401 of this kind.
        let is_real = |fault: &Fault| {
            !fault.endpoint.starts_with("upload") || fault.kind != status(401, "access_token_invalid", None)
        };
        faults.retain(is_real);
        faults
    }
}
