//! TikTok: Login Kit for Web and the Content Posting API, v2.
//!
//! A video is published in one of two ways. `FILE_UPLOAD`: init makes a task that publishes nothing, chunks
//! follow, and the last chunk is the point of no return. `PULL_FROM_URL`, for URLs under a prefix that TikTok
//! has verified: init itself is that point. Either way the status decides what became of it.

mod errors;
mod options;
mod replies;
mod status;
mod upload;
pub mod webhook;

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use self::options::{Options, PostMode};
use self::upload::ChunkPlan;
use crate::config::{PlatformSettings, PlatformVars};
use crate::http::{Body, Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant, PlatformId};
use crate::platform::{
    CallContext, Disposition, Draft, OAuthProfile, Pace, Pkce, PlatformError, Problem, Progress, Publication,
    RemoteAccount, Shows, SocialWorker,
};
use crate::secret::AccessToken;
use crate::video::{Container, Limits, Orientation, VideoCodec};

/// TikTok, as the engine sees it.
#[derive(Debug, Clone, Copy)]
pub struct TikTok;

const WWW: &str = "TIKTOK_WWW_URL";
const API: &str = "TIKTOK_API_URL";
const VERIFIED: &str = "TIKTOK_VERIFIED_URL_PREFIXES";
const SCOPES: &str = "TIKTOK_SCOPES";

/// The address that takes a video's bytes: a credential for an hour, so it prints its host only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionUrl(Url);

impl fmt::Debug for SessionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionUrl({})", self.0.host_str().unwrap_or_default())
    }
}

/// What all steps after an accepted init know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    publish_id: String,
    /// The creator's handle, for the link.
    handle: Option<String>,
    /// Whether TikTok downloads the video itself.
    pull: bool,
    /// How many inits came before this one.
    inits: u8,
}

/// One call to TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Ask what the creator may post now.
    Creator {
        /// How many inits came before.
        inits: u8,
    },
    /// Make the task.
    Init {
        /// The creator's handle.
        handle: Option<String>,
        /// How many inits came before.
        inits: u8,
    },
    /// Send the chunk that begins at `offset`.
    Upload {
        /// The task.
        task: Task,
        /// Where the bytes go.
        to: SessionUrl,
        /// How many bytes TikTok has.
        offset: u64,
        /// How often in a row that chunk came to nothing.
        resyncs: u8,
    },
    /// After a doubt about a chunk: ask how many bytes TikTok has.
    Check {
        /// The task.
        task: Task,
        /// Where the bytes go; `None` once TikTok has called that address dead.
        to: Option<SessionUrl>,
        /// How many bytes we know TikTok has.
        offset: u64,
        /// How often in a row that chunk came to nothing.
        resyncs: u8,
    },
    /// Ask what became of it.
    Poll {
        /// The task.
        task: Task,
        /// For how many seconds we have waited so far.
        waited: u64,
    },
    /// After the publication: ask for the id of the public post.
    Find {
        /// The task.
        task: Task,
        /// How often we have looked.
        looks: u8,
    },
}

/// Eight: how often in a row a chunk may come to nothing before the task is given up; with the pauses between,
/// some ten minutes.
const MOST_RESYNCS: u8 = 8;
/// How many inits a result may take: the first, and two more where the one before provably published nothing.
const MOST_INITS: u8 = 3;

impl SocialWorker for TikTok {
    type Step = Step;

    const ID: PlatformId = PlatformId::new("tiktok");

    const VARS: PlatformVars = PlatformVars {
        platform: "tiktok",
        client_id: "TIKTOK_CLIENT_KEY",
        client_secret: "TIKTOK_CLIENT_SECRET",
        redirect_uri: "TIKTOK_REDIRECT_URI",
        callback: "tiktok-callback",
        urls: &[(WWW, "https://www.tiktok.com"), (API, "https://open.tiktokapis.com")],
        lists: &[VERIFIED, SCOPES],
    };

    const OAUTH: OAuthProfile = OAuthProfile {
        authorize: (WWW, "/v2/auth/authorize/"),
        token: (API, "/v2/oauth/token/"),
        revoke: Some((API, "/v2/oauth/revoke/")),
        client_id: "client_key",
        // Counts need user.info.stats and the handle needs user.info.profile (scope migration of 2024-02-29).
        scopes: &["user.info.basic", "user.info.profile", "user.info.stats", "video.publish", "video.upload"],
        scopes_var: SCOPES,
        separator: ',',
        needed: &[&["user.info.basic"], &["video.publish", "video.upload"]],
        pkce: Pkce::S256Hex,
        // Without it a browser that once approved the app is sent straight back with the same account.
        extra: &[("disable_auto_auth", "1")],
    };

    /// Content Posting API, media transfer guide, "Video restrictions". The least duration stands on none of
    /// TikTok's pages; 3 s is what publishers report.
    const LIMITS: Limits = Limits {
        min_duration: Duration::from_secs(3),
        max_duration: Duration::from_mins(10),
        max_bytes: 4_294_967_296,
        min_side: 360,
        max_side: 4096,
        min_frame_rate: 23.0,
        max_frame_rate: 60.0,
        containers: &[Container::Mp4, Container::Mov, Container::Webm],
        video_codecs: &[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp8, VideoCodec::Vp9],
        orientation: Orientation::VerticalPreferred,
    };

    /// Six inits a minute and user (direct post reference).
    const PACE: Pace = Pace { spacing: Duration::from_secs(10) };

    fn name(&self, step: &Step) -> &'static str {
        match step {
            Step::Creator { .. } => "creator",
            Step::Init { .. } => "init",
            Step::Upload { .. } => "upload",
            Step::Check { .. } => "check",
            Step::Poll { .. } => "poll",
            Step::Find { .. } => "find",
        }
    }

    fn shows(&self, step: &Step) -> Shows {
        match step {
            Step::Creator { .. } | Step::Init { .. } => Shows::default(),
            Step::Upload { task, offset, .. } => Shows {
                committed: false,
                bytes_sent: Some(*offset),
                publish_id: Some(task.publish_id.clone()),
            },
            Step::Check { task, offset, .. } => Shows {
                committed: true,
                bytes_sent: Some(*offset),
                publish_id: Some(task.publish_id.clone()),
            },
            Step::Poll { task, .. } | Step::Find { task, .. } => {
                Shows { committed: true, bytes_sent: None, publish_id: Some(task.publish_id.clone()) }
            }
        }
    }

    fn check(&self, draft: &Draft<'_>) -> Vec<Problem> {
        options::check(draft)
    }

    fn first(&self, publication: &Publication<'_>, _: &PlatformSettings) -> Step {
        begin(publication, 0)
    }

    fn call(&self, step: &Step, cx: &CallContext<'_>) -> Call {
        match step {
            Step::Creator { .. } => creator_call(cx.settings, cx.token),
            Step::Init { .. } => init_call(cx),
            Step::Upload { to, offset, .. } => upload_call(to, *offset, cx),
            Step::Check { task, .. } | Step::Poll { task, .. } | Step::Find { task, .. } => {
                api_call(cx.settings, cx.token, "/v2/post/publish/status/fetch/", Effect::Read)
                    .body(Body::Json(json!({ "publish_id": task.publish_id })))
            }
        }
    }

    fn advance(
        &self,
        step: Step,
        reply: &Reply,
        cx: &CallContext<'_>,
    ) -> Result<Progress<Step>, PlatformError> {
        match step {
            Step::Creator { inits } => read_creator(inits, reply, cx),
            Step::Init { handle, inits } => read_init(handle, inits, reply, cx),
            Step::Upload { task, to, offset, resyncs } => read_chunk(task, to, offset, resyncs, reply, cx),
            Step::Check { .. } | Step::Poll { .. } | Step::Find { .. } => status::read(step, reply, cx),
        }
    }

    fn reconcile(&self, step: &Step) -> Option<Step> {
        match step {
            // TikTok may be downloading, and it gave us no name to ask by.
            Step::Init { .. } => None,
            Step::Upload { task, to, offset, resyncs } => Some(Step::Check {
                task: task.clone(),
                to: Some(to.clone()),
                offset: *offset,
                resyncs: resyncs.saturating_add(1),
            }),
            Step::Creator { .. } | Step::Check { .. } | Step::Poll { .. } | Step::Find { .. } => {
                Some(step.clone())
            }
        }
    }

    fn profile_call(&self, settings: &PlatformSettings, grant: &Grant) -> Call {
        let granted = |scope: &str| grant.scopes.iter().any(|given| given == scope);
        let mut fields = vec!["open_id", "avatar_url", "display_name"];
        // One field beyond the granted scopes fails the whole call.
        if granted("user.info.profile") {
            fields.push("username");
        }
        if granted("user.info.stats") {
            fields.extend(["follower_count", "video_count"]);
        }
        let mut url = settings.url(API, "/v2/user/info/");
        url.query_pairs_mut().append_pair("fields", &fields.join(","));
        let call = Call::new(Method::GET, url, Effect::Read).bearer(&grant.access_token);
        Call { timeout: Duration::from_secs(10), ..call }
    }

    fn accounts(
        &self,
        settings: &PlatformSettings,
        grant: &Grant,
        reply: &Reply,
    ) -> Result<Vec<RemoteAccount>, PlatformError> {
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
        };
        Ok(vec![RemoteAccount { id, username: user.username, metadata }])
    }

    fn options_call(&self, settings: &PlatformSettings, token: &AccessToken) -> Option<Call> {
        Some(creator_call(settings, token))
    }

    fn read_options(&self, reply: &Reply) -> Result<Value, PlatformError> {
        replies::read(reply)
    }
}

fn api_call(settings: &PlatformSettings, token: &AccessToken, path: &str, effect: Effect) -> Call {
    // An empty object: TikTok wants a Content-Length, which an absent body would not have.
    Call::new(Method::POST, settings.url(API, path), effect).bearer(token).body(Body::Json(json!({})))
}

fn creator_call(settings: &PlatformSettings, token: &AccessToken) -> Call {
    api_call(settings, token, "/v2/post/publish/creator_info/query/", Effect::Read)
}

/// Options were checked when the post was made; ones that no longer read are treated as none, and the init
/// they lead to is refused by TikTok for want of a privacy level.
fn options_of(publication: &Publication<'_>) -> Options {
    Options::read(publication.options).unwrap_or_default()
}

fn begin(publication: &Publication<'_>, inits: u8) -> Step {
    match options_of(publication).post_mode {
        PostMode::DirectPost => Step::Creator { inits },
        // A draft's owner chooses everything in the app, and its scope cannot ask for the creator.
        PostMode::MediaUpload => Step::Init { handle: publication.username.map(str::to_owned), inits },
    }
}

/// TikTok downloads the video itself where its address lies under a prefix verified for the app.
fn is_pull(publication: &Publication<'_>, settings: &PlatformSettings) -> bool {
    settings.list(VERIFIED).iter().any(|prefix| publication.video_url.starts_with(prefix.as_str()))
}

fn init_call(cx: &CallContext<'_>) -> Call {
    let options = options_of(&cx.publication);
    let (effect, source) = if is_pull(&cx.publication, cx.settings) {
        // TikTok may publish as soon as it has read this.
        (Effect::Once, json!({ "source": "PULL_FROM_URL", "video_url": cx.publication.video_url }))
    } else {
        let size = cx.publication.video.file.size;
        let plan = ChunkPlan::new(size);
        let source = json!({
            "source": "FILE_UPLOAD",
            "video_size": size,
            "chunk_size": plan.chunk_size,
            "total_chunk_count": plan.total,
        });
        // A task that never gets a byte publishes nothing and is gone in an hour.
        (Effect::Idempotent, source)
    };
    let (path, body) = match options.post_mode {
        PostMode::DirectPost => (
            "/v2/post/publish/video/init/",
            json!({ "post_info": options.post_info(cx.publication.caption), "source_info": source }),
        ),
        PostMode::MediaUpload => ("/v2/post/publish/inbox/video/init/", json!({ "source_info": source })),
    };
    api_call(cx.settings, cx.token, path, effect).body(Body::Json(body))
}

fn upload_call(to: &SessionUrl, offset: u64, cx: &CallContext<'_>) -> Call {
    let size = cx.publication.video.file.size;
    let chunk = ChunkPlan::new(size).chunk_at(offset).unwrap_or(offset..size);
    // With its last byte TikTok has all it needs.
    let effect = if chunk.end == size { Effect::Once } else { Effect::Idempotent };
    let range = format!("bytes {}-{}/{size}", chunk.start, chunk.end.saturating_sub(1));
    let mut headers: Vec<(HeaderName, HeaderValue)> = vec![(
        header::CONTENT_TYPE,
        HeaderValue::from_static(cx.publication.video.facts.container.media_type()),
    )];
    if let Ok(range) = HeaderValue::try_from(range) {
        headers.push((header::CONTENT_RANGE, range));
    }
    let call = Call::new(Method::PUT, to.0.clone(), effect);
    // The address is the credential, so no token goes with it. Two minutes a chunk is 80 KB/s.
    Call {
        headers,
        body: Body::Video { start: chunk.start, end: chunk.end },
        timeout: Duration::from_mins(2),
        ..call
    }
}

fn read_creator(inits: u8, reply: &Reply, cx: &CallContext<'_>) -> Result<Progress<Step>, PlatformError> {
    let creator = replies::read::<replies::Creator>(reply)?;
    let options = options_of(&cx.publication);
    let offered = |level: &String| creator.privacy_level_options.contains(level);
    if !options.privacy_level.as_ref().is_some_and(offered) {
        return Err(refusal("privacy_level_option_mismatch", reply));
    }
    let longest = creator.max_video_post_duration_sec.map(u64::from).map(Duration::from_secs);
    if longest.is_some_and(|longest| cx.publication.video.facts.duration > longest) {
        return Err(PlatformError {
            code: "duration_check_failed".to_owned(),
            status: reply.status,
            disposition: Disposition::UserFixable,
            message: "The video is longer than TikTok allows this account. Cut it and post it again.",
            log_id: None,
        });
    }
    let handle = creator.username.or_else(|| cx.publication.username.map(str::to_owned));
    Ok(Progress::Next(Step::Init { handle, inits }))
}

/// A refusal of our own, with the words of TikTok's table.
fn refusal(code: &str, reply: &Reply) -> PlatformError {
    PlatformError::sort(errors::API, Some(code), None, reply)
}

fn read_init(
    handle: Option<String>,
    inits: u8,
    reply: &Reply,
    cx: &CallContext<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let init = replies::read::<replies::Init>(reply)?;
    let pull = is_pull(&cx.publication, cx.settings);
    let task = Task { publish_id: init.publish_id, handle, pull, inits: inits.saturating_add(1) };
    if pull {
        return Ok(status::wait(task, 0));
    }
    let to =
        init.upload_url.and_then(|url| Url::parse(&url).ok()).filter(|url| is_upload_host(url, cx.settings));
    // An address we may not send to leaves a task without bytes, which publishes nothing.
    let Some(to) = to else { return Err(PlatformError::unreadable(reply)) };
    Ok(Progress::Next(Step::Upload { task, to: SessionUrl(to), offset: 0, resyncs: 0 }))
}

/// Bytes go to TikTok's upload hosts alone, whatever a reply says, or to the host that stands in for its API.
fn is_upload_host(url: &Url, settings: &PlatformSettings) -> bool {
    let stand_in = settings.url(API, "/");
    let same = url.scheme() == stand_in.scheme()
        && url.host() == stand_in.host()
        && url.port_or_known_default() == stand_in.port_or_known_default();
    let own = url.scheme() == "https"
        && url.port_or_known_default() == Some(443)
        && url.host_str().is_some_and(|host| host.ends_with(".tiktokapis.com"));
    same || own
}

fn read_chunk(
    task: Task,
    to: SessionUrl,
    offset: u64,
    resyncs: u8,
    reply: &Reply,
    cx: &CallContext<'_>,
) -> Result<Progress<Step>, PlatformError> {
    let size = cx.publication.video.file.size;
    let end = ChunkPlan::new(size).chunk_at(offset).map_or(size, |chunk| chunk.end);
    let is_last = end == size;
    let _resynced = resyncs.saturating_add(1);
    match reply.status {
        201 => Ok(status::wait(task, 0)),
        206 if !is_last => Ok(Progress::Next(Step::Upload { task, to, offset: end, resyncs: 0 })),
        // TikTok expects more after the last chunk, counts otherwise than we do, or answers with the undocumented
        // 200 that was seen on a last chunk: ask what it has.
        200 | 206 | 416 => {
            Ok(Progress::Next(Step::Check { task, to: Some(to), offset, resyncs: resyncs.saturating_add(1) }))
        }
        // The address has expired or is forgotten: nothing more can be sent there.
        403 | 404 => Ok(Progress::Next(Step::Check { task, to: None, offset, resyncs })),
        _ => Err(PlatformError::sort(errors::API, None, None, reply)),
    }
}

#[cfg(test)]
mod tests;
