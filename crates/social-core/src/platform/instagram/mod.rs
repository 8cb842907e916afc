//! Instagram: Instagram Login and the content publishing API, for Reels.
//!
//! A container is created, which is invisible: Meta fetches the video from its URL, or we send the bytes.
//! When it is finished, `media_publish` makes it public. That is the one call that must not be sent twice.
//! The container's status reports the outcome of a lost one.

mod account;
mod calls;
mod errors;
mod limits;
mod list;
mod options;
mod reading;
mod status;
mod step;
mod verify;

use std::time::Duration;

use serde_json::Value;

pub use self::options::Options;
pub use self::step::{Step, Task};
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Grant, PlatformId};
use crate::platform::meta::{self, Refusal, UPLOAD, VERSION, VERSION_NOW};
use crate::platform::{
    AccountRef, CallContext, ClientParts, ENDED, ErrorTable, Extension, OAuthError, OAuthProfile, Pace, Pkce,
    PlatformError, Progress, RemoteAccounts, Renewal, Shows, SocialWorker, Steps,
};
use crate::secret::AccessToken;
use crate::video::Limits;

/// Instagram, as a worker.
#[derive(Debug, Clone, Copy)]
pub struct Instagram;

const WWW: &str = "INSTAGRAM_WWW_URL";
const API: &str = "INSTAGRAM_API_URL";
const GRAPH: &str = "INSTAGRAM_GRAPH_URL";
const SCOPES: &str = "INSTAGRAM_SCOPES";
/// `url`: Meta fetches the video; `resumable`: we send its bytes, which Meta documents for Facebook Login
/// only.
const UPLOAD_MODE: &str = "INSTAGRAM_UPLOAD_MODE";

/// A day: from this age on, a token is renewed.
const RENEWABLE: Duration = Duration::from_hours(24);
/// Sixty days: how long a token is valid without a renewal.
const LIFETIME: Duration = Duration::from_hours(60 * 24);

const LAPSED: &str =
    "Instagram ended the permission because it wasn't used for sixty days. Reconnect the account.";

/// The data for a call, with the options.
type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Steps for Instagram {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Quota { .. } => "quota",
            Step::Create { .. } => "create",
            Step::Upload { .. } => "upload",
            Step::Poll { .. } => "poll",
            Step::Allowance { .. } => "allowance",
            Step::Publish { .. } => "publish",
            Step::Verify { .. } => "verify",
            Step::Search { .. } => "search",
            Step::Find { .. } => "find",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        let (task, committed) = match step {
            Step::Quota { .. } | Step::Create { .. } => return Shows::default(),
            Step::Upload { task, .. } | Step::Poll { task, .. } => (task, false),
            // If one call to publish was lost, the error of another proves nothing.
            Step::Allowance { task, sent } | Step::Publish { task, sent, .. } => (task, *sent > 0),
            Step::Verify { task, .. } | Step::Search { task, .. } | Step::Find { task, .. } => (task, true),
        };
        let bytes_sent = if let Step::Upload { offset, .. } = step { Some(*offset) } else { None };
        Shows { committed, recallable: false, bytes_sent, publish_id: Some(task.container.clone()) }
    }

    fn first(&self, _: &Publication<'_>, _: &PlatformSettings) -> Step {
        step::begin(0)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        calls::call(step, cx)
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Quota { tries } => reading::quota_read(tries, reply),
            Step::Create { tries } => reading::created(tries, reply, cx),
            Step::Upload { task, to, offset, stalls } => reading::uploaded(task, &to, offset, stalls, reply),
            Step::Poll { task, upload, waited, hidden } => {
                status::read(status::Watched { task, upload, waited, hidden }, reply)
            }
            Step::Allowance { task, sent } => reading::allowance(task, sent, reply, cx),
            Step::Publish { task, .. } => reading::published(&task, reply),
            Step::Verify { task, sent, since, waited, refused } => {
                verify::read(verify::Doubted { task, sent, since, waited, refused }, reply)
            }
            Step::Search { task, since, why } => list::read(task, since, why, reply, cx),
            Step::Find { task, media } => reading::found(&task, media, reply),
        }
    }

    fn reconcile(&self, step: &Step, refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload { task, to, offset, stalls } => Some(reading::ask(task, to, *offset, *stalls)),
            Step::Publish { task, sent, since } => Some(Step::Verify {
                task: task.clone(),
                sent: sent.saturating_add(1),
                since: *since,
                waited: 0,
                refused: refusal.map(Refusal::of),
            }),
            Step::Quota { .. }
            | Step::Create { .. }
            | Step::Poll { .. }
            | Step::Allowance { .. }
            | Step::Verify { .. }
            | Step::Search { .. }
            | Step::Find { .. } => Some(step.clone()),
        }
    }

    /// Bytes publish nothing. For `media_publish` no error is documented as decided before it publishes.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        matches!(step, Step::Upload { .. }) && meta::is_verdict(refusal)
    }
}

impl SocialWorker for Instagram {
    const ID: PlatformId = PlatformId::new("instagram");

    const VARS: PlatformVars = PlatformVars {
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
    };

    const OAUTH: OAuthProfile = OAuthProfile {
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
    };

    const SURFACES: &'static [Limits] = &[limits::REEL];

    /// 400 containers in 24 hours are allowed, and a quiet account has few calls available.
    const PACE: Pace = Pace { spacing: Duration::from_secs(10) };

    const ERRORS: &'static [ErrorTable] = &[errors::PUBLISHING, meta::SHARED];

    const AI_LABEL: &'static str = "is_ai_generated";

    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        account::read_grant(reply)
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _page: Option<&str>) -> Call {
        account::call(settings, grant)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        _grant: &Grant,
        _page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        account::read(settings, reply)
    }

    fn why_ended(&self, lasted: Duration) -> &'static str {
        if lasted >= LIFETIME { LAPSED } else { ENDED }
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(calls::quota_call(settings, account.id).bearer(token))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        reading::options(reply)
    }
}

#[cfg(test)]
pub(super) mod tests;
