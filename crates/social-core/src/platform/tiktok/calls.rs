//! TikTok's calls (Content Posting API).

use std::time::Duration;

use http::{Method, header};
use serde_json::json;

use super::chunks::ChunkPlan;
use super::facts::{API, VERIFIED};
use super::options::{Context, PostMode, Publication};
use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect};
use crate::platform::SessionUrl;
use crate::secret::AccessToken;

pub(super) fn api_call(settings: &PlatformSettings, token: &AccessToken, path: &str, effect: Effect) -> Call {
    // An empty object: TikTok requires a Content-Length, which an absent body would not have.
    Call::new(Method::POST, settings.url(API, path), effect).bearer(token).body(Body::Json(json!({})))
}

pub(super) fn creator_call(settings: &PlatformSettings, token: &AccessToken) -> Call {
    api_call(settings, token, "/v2/post/publish/creator_info/query/", Effect::Read)
}

/// Reports whether TikTok downloads the video itself. Its URL must lie under a prefix verified for the app,
/// and must not redirect, because TikTok does not follow redirects.
pub(super) fn is_pull(publication: &Publication<'_>, settings: &PlatformSettings) -> bool {
    // A prefix ends with a slash. Otherwise `https://cdn.example` would also cover
    // `https://cdn.example.evil`.
    let covers = |prefix: &String| {
        publication
            .video_url
            .strip_prefix(prefix.trim_end_matches('/'))
            .is_some_and(|rest| rest.starts_with('/'))
    };
    !publication.video.file.redirects && settings.list(VERIFIED).iter().any(covers)
}

pub(super) fn init_call(cx: &Context<'_>) -> Call {
    let options = cx.publication.options;
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
        // A task without any bytes publishes nothing, and expires within an hour.
        (Effect::Idempotent, source)
    };
    let (path, body) = match options.post_mode() {
        PostMode::DirectPost => (
            "/v2/post/publish/video/init/",
            json!({ "post_info": options.post_info(cx.publication.caption), "source_info": source }),
        ),
        PostMode::MediaUpload => ("/v2/post/publish/inbox/video/init/", json!({ "source_info": source })),
    };
    api_call(cx.settings, cx.token, path, effect).body(Body::Json(body))
}

pub(super) fn upload_call(to: &SessionUrl, offset: u64, cx: &Context<'_>) -> Call {
    let size = cx.publication.video.file.size;
    let chunk = ChunkPlan::new(size).chunk_at(offset).unwrap_or(offset..size);
    // After the last byte, TikTok has all it needs.
    let effect = if chunk.end == size { Effect::Once } else { Effect::Idempotent };
    let range = format!("bytes {}-{}/{size}", chunk.start, chunk.end.saturating_sub(1));
    // The URL is the credential, so no token goes with it. Two minutes a chunk is 80 KB/s.
    Call::new(Method::PUT, to.url(), effect)
        .header(header::CONTENT_TYPE, cx.publication.video.facts.container.media_type())
        .header(header::CONTENT_RANGE, range)
        .body(Body::Video { start: chunk.start, end: chunk.end })
        .timeout(Duration::from_mins(2))
}
