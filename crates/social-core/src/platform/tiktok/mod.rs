//! TikTok: Login Kit for Web and the Content Posting API, v2.
//!
//! A video is published in one of two ways. `FILE_UPLOAD`: init creates a task that publishes nothing, chunks
//! follow, and the last chunk is the point of no return. `PULL_FROM_URL`, for URLs under a prefix that TikTok
//! has verified: init itself is that point. In both cases the status reports the outcome.

mod calls;
mod errors;
mod limits;
mod options;
mod reading;
mod replies;
mod status;
mod step;
mod upload;
pub mod webhook;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use self::calls::{api_call, creator_call, init_call, upload_call};
pub use self::options::{Options, PostMode};
use self::reading::{Chunk, read_chunk, read_creator, read_init};
use self::step::begin;
pub use self::step::{Step, Task};
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Body, Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant, PlatformId};
use crate::platform::{
    AccountRef, CallContext, Disposition, ErrorTable, OAuthProfile, Pace, Pkce, PlatformError, Progress,
    RemoteAccount, RemoteAccounts, Renewal, Shows, SocialWorker, Steps,
};
use crate::secret::AccessToken;
use crate::video::Limits;

/// TikTok, as a worker.
#[derive(Debug, Clone, Copy)]
pub struct TikTok;

const WWW: &str = "TIKTOK_WWW_URL";
const API: &str = "TIKTOK_API_URL";
const VERIFIED: &str = "TIKTOK_VERIFIED_URL_PREFIXES";
const SCOPES: &str = "TIKTOK_SCOPES";

/// How many inits a result may use: the first, and two more if the one before provably published nothing.
const MOST_INITS: u8 = 3;

/// The data for a call, with the options.
type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Steps for TikTok {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Creator { .. } => "creator",
            Step::Init { .. } => "init",
            Step::Upload { .. } => "upload",
            Step::Check { .. } => "check",
            Step::Poll { .. } => "poll",
            Step::Recall { .. } => "recall",
            Step::Find { .. } => "find",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        match step {
            Step::Creator { .. } | Step::Init { .. } => Shows::default(),
            Step::Upload { task, offset, whole_sent, .. } | Step::Check { task, offset, whole_sent, .. } => {
                Shows {
                    committed: *whole_sent,
                    recallable: false,
                    bytes_sent: Some(*offset),
                    publish_id: Some(task.publish_id.clone()),
                }
            }
            Step::Poll { task, .. } | Step::Recall { task, .. } | Step::Find { task, .. } => Shows {
                committed: true,
                // "Best effort, only for pulls still downloading" (cancel reference).
                recallable: task.pull && matches!(step, Step::Poll { .. }),
                bytes_sent: None,
                publish_id: Some(task.publish_id.clone()),
            },
        }
    }

    fn first(&self, publication: &Publication<'_>, _: &PlatformSettings) -> Step {
        begin(publication, 0)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        match step {
            Step::Creator { .. } => creator_call(cx.settings, cx.token),
            Step::Init { .. } => init_call(cx),
            Step::Upload { to, offset, .. } => upload_call(to, *offset, cx),
            Step::Recall { task, .. } => {
                api_call(cx.settings, cx.token, "/v2/post/publish/cancel/", Effect::Idempotent)
                    .body(Body::Json(json!({ "publish_id": task.publish_id })))
            }
            Step::Check { task, .. } | Step::Poll { task, .. } | Step::Find { task, .. } => {
                api_call(cx.settings, cx.token, "/v2/post/publish/status/fetch/", Effect::Read)
                    .body(Body::Json(json!({ "publish_id": task.publish_id })))
            }
        }
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Creator { inits } => read_creator(inits, reply, cx),
            Step::Init { handle, inits } => read_init(handle, inits, reply, cx),
            Step::Upload { task, to, offset, resyncs, whole_sent } => {
                read_chunk(Chunk { task, to, offset, resyncs, whole_sent }, reply)
            }
            Step::Recall { task, waited } => status::read_recall(task, waited, reply),
            Step::Check { .. } | Step::Poll { .. } | Step::Find { .. } => status::read(step, reply, cx),
        }
    }

    fn reconcile(&self, step: &Step, _refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            // TikTok may be downloading, and returned no id to query.
            Step::Init { .. } => None,
            Step::Upload { task, to, offset, resyncs, whole_sent } => Some(reading::check(
                task.clone(),
                Some(to.clone()),
                *offset,
                *resyncs,
                *whole_sent || upload::is_last(task.size, *offset),
            )),
            Step::Creator { .. }
            | Step::Check { .. }
            | Step::Poll { .. }
            | Step::Recall { .. }
            | Step::Find { .. } => Some(step.clone()),
        }
    }

    /// A named error creates no task ("Direct Post", error codes): only a success has a `publish_id`. Without
    /// one, TikTok has nothing to download into.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        let is_named = errors::API.iter().any(|(code, ..)| *code == refusal.code);
        matches!(step, Step::Init { .. })
            && is_named
            && refusal.status < 500
            && refusal.disposition != Disposition::Ambiguous
    }

    fn recall(&self, step: &Step) -> Option<Step> {
        match step {
            Step::Poll { task, waited } if task.pull => {
                Some(Step::Recall { task: task.clone(), waited: *waited })
            }
            Step::Creator { .. }
            | Step::Init { .. }
            | Step::Upload { .. }
            | Step::Check { .. }
            | Step::Poll { .. }
            | Step::Recall { .. }
            | Step::Find { .. } => None,
        }
    }
}

impl SocialWorker for TikTok {
    const ID: PlatformId = PlatformId::new("tiktok");

    const VARS: PlatformVars = PlatformVars {
        platform: "tiktok",
        client_id: "TIKTOK_CLIENT_KEY",
        client_secret: "TIKTOK_CLIENT_SECRET",
        redirect_uri: "TIKTOK_REDIRECT_URI",
        callback: "tiktok-callback",
        urls: &[(WWW, "https://www.tiktok.com"), (API, "https://open.tiktokapis.com")],
        lists: &[VERIFIED, SCOPES],
        words: &[],
    };

    const OAUTH: OAuthProfile = OAuthProfile {
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
    };

    const SURFACES: &'static [Limits] = &[limits::DIRECT, limits::INBOX];

    /// TikTok allows six inits a minute and user (direct post reference). With eleven seconds between them,
    /// six may come a few seconds early or late without a seventh in any minute.
    const PACE: Pace = Pace { spacing: Duration::from_secs(11) };

    const ERRORS: &'static [ErrorTable] = &[errors::API, errors::FAIL_REASONS];

    const AI_LABEL: &'static str = "is_aigc";

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _page: Option<&str>) -> Call {
        let granted = |scope: &str| grant.scopes.iter().any(|given| given == scope);
        let mut fields = vec!["open_id", "avatar_url", "display_name"];
        // A field beyond the granted scopes fails the whole call.
        if granted("user.info.profile") {
            fields.push("username");
        }
        if granted("user.info.stats") {
            fields.extend(["follower_count", "video_count"]);
        }
        Call::new(Method::GET, settings.url(API, "/v2/user/info/"), Effect::Read)
            .query(&[("fields", &fields.join(","))])
            .bearer(&grant.access_token)
            .timeout(Duration::from_secs(10))
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        _page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        let user = replies::read::<replies::UserInfo>(reply)?.user;
        let id = grant.remote_id.clone().or(user.open_id).ok_or_else(|| PlatformError::unreadable(reply))?;
        let profile_url =
            user.username.as_ref().map(|name| settings.url(WWW, &format!("/@{name}")).to_string());
        let metadata = AccountMetadata {
            display_name: user.display_name,
            avatar_url: user.avatar_url,
            follower_count: user.follower_count,
            video_count: user.video_count,
            profile_url,
            ..AccountMetadata::default()
        };
        Ok(RemoteAccount { id, username: user.username, metadata, token: None }.into())
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        _account: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(creator_call(settings, token))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        replies::read(reply)
    }
}

#[cfg(test)]
pub(super) mod tests;
