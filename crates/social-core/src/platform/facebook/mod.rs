//! Facebook Pages: Facebook Login, Reels, and plain videos where a Reel's limits are exceeded.
//!
//! A start creates an invisible video with an id. Its bytes follow. For a Reel, all missing bytes go to the
//! upload host at once. For a plain video, they go to Graph, in the pieces it requests. The finish is the one
//! call that must not be sent twice. Before and after it, the video's status reports the progress. The video
//! is published when the publishing phase says so.

mod account;
mod calls;
mod check;
mod errors;
mod limits;
mod options;
mod pages;
mod poll;
mod reading;
mod status;
mod step;

use std::time::Duration;

pub use self::options::{Options, Surface};
pub use self::step::{Clip, Finish, Sending, Step, Watch};
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Call, Reply};
use crate::model::{Grant, PlatformId};
use crate::platform::meta::{self, UPLOAD, VERSION, VERSION_NOW};
use crate::platform::{
    CallContext, ClientParts, ErrorTable, Extension, OAuthError, OAuthProfile, Pace, Pkce, PlatformError,
    Progress, RemoteAccounts, Renewal, RevokedGrant, Shows, SocialWorker, Steps,
};
use crate::video::Limits;

/// Facebook, as a worker.
#[derive(Debug, Clone, Copy)]
pub struct Facebook;

const WWW: &str = "FACEBOOK_WWW_URL";
const GRAPH: &str = "FACEBOOK_GRAPH_URL";
const SCOPES: &str = "FACEBOOK_SCOPES";
const TOKEN_PATH: &str = "/{META_GRAPH_VERSION}/oauth/access_token";

/// The data for a call, with the options.
type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Steps for Facebook {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Start { .. } => "start",
            Step::Upload { .. } => "upload",
            Step::Check { .. } => "check",
            Step::Finish { .. } => "finish",
            Step::Poll { .. } => "poll",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        let (clip, committed) = match step {
            Step::Start { .. } => return Shows::default(),
            Step::Upload { clip, .. } | Step::Check { clip, .. } => (clip, false),
            // If one finish was lost, the error of another proves nothing.
            Step::Finish { clip, sent } => (clip, *sent > 0),
            Step::Poll { clip, .. } => (clip, true),
        };
        let bytes_sent = (!committed).then(|| clip.sending.offset());
        Shows { committed, recallable: false, bytes_sent, publish_id: Some(clip.video.clone()) }
    }

    fn first(&self, _: &Publication<'_>, _: &PlatformSettings) -> Step {
        Step::Start { tries: 0 }
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        calls::call(step, cx)
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Start { tries } => reading::started(tries, reply, cx),
            Step::Upload { clip, stalls } => reading::uploaded(clip, stalls, reply),
            Step::Check { clip, stalls, waited } => check::read(clip, stalls, waited, reply),
            Step::Finish { clip, sent } => reading::finished(clip, sent, reply),
            Step::Poll { clip, watch } => poll::read(clip, watch, reply, cx),
        }
    }

    fn reconcile(&self, step: &Step, refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload { clip, stalls } => Some(reading::ask(clip, *stalls)),
            Step::Finish { clip, sent } => Some(poll::doubted(clip.clone(), sent.saturating_add(1), refusal)),
            Step::Start { .. } | Step::Check { .. } | Step::Poll { .. } => Some(step.clone()),
        }
    }

    /// Bytes publish nothing. For a finish no error is documented as decided before it publishes.
    fn is_proof(&self, step: &Step, refusal: &PlatformError) -> bool {
        matches!(step, Step::Upload { .. }) && meta::is_verdict(refusal)
    }
}

impl SocialWorker for Facebook {
    const ID: PlatformId = PlatformId::new("facebook");

    const VARS: PlatformVars = PlatformVars {
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
    };

    const OAUTH: OAuthProfile = OAuthProfile {
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
    };

    const SURFACES: &'static [Limits] = &[limits::REEL, limits::VIDEO];

    /// 30 Reels in 24 hours are allowed, and a quiet Page has few calls available.
    const PACE: Pace = Pace { spacing: Duration::from_secs(10) };

    const ERRORS: &'static [ErrorTable] = &[errors::PUBLISHING, meta::SHARED];

    const AI_LABEL: &'static str = "is_ai_generated";

    fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        account::read_grant(reply)
    }

    fn introspection_call(&self, settings: &PlatformSettings, grant: &Grant) -> Option<Call> {
        Some(account::introspection_call(settings, grant))
    }

    fn read_introspection(&self, grant: Grant, reply: &Reply) -> Result<Grant, PlatformError> {
        account::read_introspection(grant, reply)
    }

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, page: Option<&str>) -> Call {
        pages::call(settings, grant, page)
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        page: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        pages::read(settings, grant, page, reply)
    }

    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        account::revoke_call(settings, grant.granted_by?)
    }
}

#[cfg(test)]
pub(super) mod tests;
