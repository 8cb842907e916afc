//! YouTube: Google's OAuth 2.0 and resumable uploads of the YouTube Data API v3.
//!
//! A session is opened with all data of the video, and publishes nothing. Chunks follow, each at the offset
//! that YouTube has named. The last byte is the point of no return. After any failure, YouTube's byte count
//! is queried. The same query returns the video's id if the last response was lost. A video is published once
//! YouTube has processed it.

mod calls;
mod check;
mod chunk;
mod errors;
mod limits;
mod options;
mod processing;
mod reading;
mod replies;
mod search;
mod step;
mod words;

use std::time::Duration;

use serde_json::{Map, Value, json};

use self::calls::{UPLOADS, ask_call, channel_call, open_call, search_call, upload_call, videos_call};
pub use self::options::Options;
use self::processing::Asked;
use self::replies::{Channel, List};
use self::step::begin;
pub use self::step::{Session, Step, Upload};
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Body, Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant, PlatformId};
use crate::platform::{
    AccountRef, CallContext, ENDED, ErrorTable, OAuthProfile, Pace, Pkce, PlatformError, Progress,
    RemoteAccount, RemoteAccounts, Renewal, RevokedGrant, Shows, SocialWorker, Steps,
};
use crate::secret::{AccessToken, FormValue};
use crate::video::Limits;

/// YouTube, as a worker.
#[derive(Debug, Clone, Copy)]
pub struct YouTube;

const ACCOUNTS: &str = "GOOGLE_ACCOUNTS_URL";
const OAUTH: &str = "GOOGLE_OAUTH_URL";
const API: &str = "YOUTUBE_API_URL";
const WWW: &str = "YOUTUBE_WWW_URL";
const SCOPES: &str = "YOUTUBE_SCOPES";

/// The scopes of which one is needed to upload; the first is the narrowest.
const UPLOADING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];
/// The scopes of which one is needed to read the channel and the status of an upload. `youtube.upload` is not
/// enough.
const READING: [&str; 3] = [
    "https://www.googleapis.com/auth/youtube.readonly",
    "https://www.googleapis.com/auth/youtube",
    "https://www.googleapis.com/auth/youtube.force-ssl",
];

/// The metadata key of the channel's permission for long videos.
const LONG_UPLOADS: &str = "longUploadsStatus";

/// Google ends the grants of a consent screen in "Testing" after seven days ("OAuth 2.0 overview", refresh
/// token expiration). The end of an idle account is noticed at its next refresh.
const TESTING: std::ops::Range<Duration> = Duration::from_hours(7 * 24 - 1)..Duration::from_hours(14 * 24);
const ENDED_IN_TESTING: &str = "Google ended the permission after about seven days, because this app is still in \"Testing\". Contact support: the app must be published in the Google Cloud console. Then reconnect the account.";

/// The data for a call, with the options.
type Context<'a> = CallContext<'a, Options>;
/// A publication, with the options.
type Publication<'a> = crate::platform::Publication<'a, Options>;

impl Steps for YouTube {
    type Step = Step;

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Channel => "channel",
            Step::Open { .. } => "open",
            Step::Upload(_) => "upload",
            Step::Ask(_) => "ask",
            Step::Search { .. } => "search",
            Step::Compare { .. } => "compare",
            Step::Poll { .. } => "poll",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        match step {
            Step::Channel | Step::Open { .. } => Shows::default(),
            Step::Upload(upload) | Step::Ask(upload) => {
                Shows { committed: upload.whole_sent, bytes_sent: Some(upload.offset), ..Shows::default() }
            }
            Step::Search { .. } | Step::Compare { .. } => Shows { committed: true, ..Shows::default() },
            Step::Poll { video, .. } => {
                Shows { committed: true, publish_id: Some(video.clone()), ..Shows::default() }
            }
        }
    }

    fn first(&self, publication: &Publication<'_>, _: &PlatformSettings) -> Step {
        begin(publication)
    }

    fn call(&self, step: &Step, cx: &Context<'_>) -> Call {
        match step {
            Step::Channel => channel_call(cx.settings, cx.token, "status"),
            Step::Open { .. } => open_call(cx),
            Step::Upload(upload) => upload_call(upload, cx),
            Step::Ask(upload) => ask_call(upload, cx),
            Step::Search { .. } => search_call(cx),
            Step::Compare { ids, .. } => videos_call(cx, "snippet,status,fileDetails", &ids.join(",")),
            Step::Poll { video, .. } => videos_call(cx, "status,processingDetails", video),
        }
    }

    fn advance(&self, step: Step, reply: &Reply, cx: &Context<'_>) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Channel => reading::read_channel(reply),
            Step::Open { opens } => reading::read_session(opens, reply, cx),
            Step::Upload(upload) => reading::read_chunk(&upload, reply, cx),
            Step::Ask(upload) => reading::read_state(upload, reply, cx),
            Step::Search { session, waited } => search::read_uploads(session, waited, reply),
            Step::Compare { session, waited, .. } => search::read_candidates(session, waited, reply, cx),
            Step::Poll { video, opens, waited, missing, seen } => {
                processing::read(Asked { video, opens, waited, missing, seen }, reply, cx)
            }
        }
    }

    fn reconcile(&self, step: &Step, _refusal: Option<&PlatformError>) -> Option<Step> {
        match step {
            Step::Upload(upload) => Some(Step::Ask(reading::doubted(upload))),
            Step::Channel
            | Step::Open { .. }
            | Step::Ask(_)
            | Step::Search { .. }
            | Step::Compare { .. }
            | Step::Poll { .. } => Some(step.clone()),
        }
    }
}

impl SocialWorker for YouTube {
    const ID: PlatformId = PlatformId::new("youtube");

    const VARS: PlatformVars = PlatformVars {
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
    };

    const OAUTH: OAuthProfile = OAuthProfile {
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
    };

    const SURFACES: &'static [Limits] = &[limits::VIDEO, limits::SHORT];

    /// YouTube counts days, not seconds. A second prevents bursts.
    const PACE: Pace = Pace { spacing: Duration::from_secs(1) };

    const ERRORS: &'static [ErrorTable] = &[errors::API, errors::VERDICTS];

    /// "Realistic altered or synthetic content" (YouTube Data API, videos, `status.containsSyntheticMedia`).
    const AI_LABEL: &'static str = "containsSyntheticMedia";

    fn accounts_call(&self, settings: &PlatformSettings, grant: &Grant, _: Option<&str>) -> Call {
        let parts = "snippet,contentDetails,status,statistics";
        channel_call(settings, &grant.access_token, parts).timeout(Duration::from_secs(10))
    }

    fn read_accounts(
        &self,
        settings: &PlatformSettings,
        _: &Grant,
        _: Option<&str>,
        reply: &Reply,
    ) -> Result<RemoteAccounts, PlatformError> {
        let channels = match replies::read::<List<Channel>>(reply) {
            Ok(channels) => channels.items,
            // A person without a channel; both responses occur.
            Err(error) if error.code == "youtubeSignupRequired" => Vec::new(),
            Err(error) => return Err(error),
        };
        let accounts = channels.into_iter().filter(|channel| !channel.id.is_empty());
        Ok(RemoteAccounts {
            accounts: accounts.map(|channel| account(channel, settings)).collect(),
            ..RemoteAccounts::default()
        })
    }

    /// Google expects only the token, and accepts either. The refresh token is the one that is still valid.
    fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        let token = grant.refresh_token.map_or_else(
            || FormValue::new(grant.access_token.expose()),
            |token| FormValue::new(token.expose()),
        );
        let call = Call::new(http::Method::POST, settings.url(OAUTH, "/revoke"), Effect::Idempotent);
        Some(call.body(Body::Form(vec![("token", token)])).timeout(Duration::from_secs(10)))
    }

    fn why_ended(&self, lasted: Duration) -> &'static str {
        if TESTING.contains(&lasted) { ENDED_IN_TESTING } else { ENDED }
    }

    fn options_call(
        &self,
        settings: &PlatformSettings,
        _: &AccountRef<'_>,
        token: &AccessToken,
    ) -> Option<Call> {
        Some(channel_call(settings, token, "status"))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        let channels = replies::read::<List<Channel>>(reply)?;
        let status = channels.items.into_iter().next().and_then(|channel| channel.status.long_uploads_status);
        Ok(json!({
            LONG_UPLOADS: status,
            "privacyStatus": options::PRIVACY,
            "license": options::LICENSES,
        }))
    }
}

/// Returns a channel as an account.
fn account(channel: Channel, settings: &PlatformSettings) -> RemoteAccount {
    let Channel { id, snippet, content_details, status, statistics } = channel;
    let username = snippet.custom_url.map(|url| url.trim_start_matches('@').to_owned());
    let path = username.as_ref().map_or_else(|| format!("/channel/{id}"), |name| format!("/@{name}"));
    let mut own = Map::new();
    own.extend(content_details.related_playlists.uploads.map(|uploads| (UPLOADS.to_owned(), uploads.into())));
    own.extend(status.long_uploads_status.map(|status| (LONG_UPLOADS.to_owned(), status.into())));
    let metadata = AccountMetadata {
        display_name: snippet.title,
        avatar_url: snippet.thumbnails.medium.or(snippet.thumbnails.default).map(|picture| picture.url),
        follower_count: statistics.subscriber_count.filter(|_| !statistics.hidden_subscriber_count),
        video_count: statistics.video_count,
        profile_url: Some(settings.url(WWW, &path).into()),
        own,
    };
    RemoteAccount { id, username, metadata, token: None }
}

#[cfg(test)]
pub(super) mod tests;
