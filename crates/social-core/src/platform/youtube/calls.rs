//! YouTube's calls (YouTube Data API v3).

use std::time::Duration;

use http::{HeaderName, Method, header};
use serde_json::{Map, Value, json};

use super::checkpoint::Upload;
use super::chunks::chunk_at;
use super::facts::API;
use super::options::{Context, Publication};
use super::words::{description_of, title_of};
use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect};
use crate::platform::AccountRef;
use crate::secret::AccessToken;

/// How many of a channel's latest uploads are compared: as many as one unit of quota returns.
const LATEST: &str = "50";

/// The metadata key of the playlist with all uploads of a channel.
pub(super) const UPLOADS: &str = "uploadsPlaylistId";

pub(super) fn read_call(
    settings: &PlatformSettings,
    token: &AccessToken,
    resource: &str,
    parameters: &[(&str, &str)],
) -> Call {
    Call::new(Method::GET, settings.url(API, &format!("/youtube/v3/{resource}")), Effect::Read)
        .bearer(token)
        .query(parameters)
}

/// `channels.list`: one unit.
pub(super) fn channel_call(settings: &PlatformSettings, token: &AccessToken, part: &str) -> Call {
    read_call(settings, token, "channels", &[("part", part), ("mine", "true")])
}

/// Returns the file name, which identifies our own upload.
pub(super) fn file_name(publication: &Publication<'_>) -> String {
    format!("post-{}.{}", publication.result, publication.video.facts.container.extension())
}

/// `videos.insert`: opens a session, which alone publishes nothing.
pub(super) fn open_call(cx: &Context<'_>) -> Call {
    let options = cx.publication.options;
    let notify = if options.notify_subscribers.unwrap_or(true) { "true" } else { "false" };
    let (parts, resource) = resource(&cx.publication);
    Call::new(Method::POST, cx.settings.url(API, "/upload/youtube/v3/videos"), Effect::Idempotent)
        .bearer(cx.token)
        .query(&[("uploadType", "resumable"), ("part", parts), ("notifySubscribers", notify)])
        .header(HeaderName::from_static("x-upload-content-length"), cx.publication.video.file.size)
        .header(HeaderName::from_static("x-upload-content-type"), media_type(cx))
        .header(HeaderName::from_static("slug"), file_name(&cx.publication))
        .body(Body::Json(resource))
}

/// Returns the `part` of the request and the video resource.
fn resource(publication: &Publication<'_>) -> (&'static str, Value) {
    let options = publication.options;
    let given = |fields: &mut Map<String, Value>, name: &str, value: Option<Value>| {
        if let Some(value) = value {
            fields.insert(name.to_owned(), value);
        }
    };
    let text = |value: &Option<String>| value.as_deref().map(Value::from);
    let mut snippet = Map::new();
    snippet.insert(
        "title".into(),
        title_of(options.title.as_deref(), publication.title, publication.caption).into(),
    );
    snippet.insert(
        "description".into(),
        description_of(options.description.as_deref(), publication.caption).into(),
    );
    given(&mut snippet, "tags", Some(options.tags()).filter(|tags| !tags.is_empty()).map(|tags| json!(tags)));
    given(&mut snippet, "categoryId", text(&options.category_id));
    given(&mut snippet, "defaultLanguage", text(&options.default_language));
    given(&mut snippet, "defaultAudioLanguage", text(&options.default_audio_language));
    let mut status = Map::new();
    // Never left to YouTube, whose default would make the video public without the user's choice.
    status.insert("privacyStatus".into(), options.privacy_status.as_deref().unwrap_or("private").into());
    status.insert(
        "selfDeclaredMadeForKids".into(),
        options.self_declared_made_for_kids.unwrap_or(false).into(),
    );
    status.insert("containsSyntheticMedia".into(), options.contains_synthetic_media.unwrap_or(false).into());
    given(&mut status, "publishAt", text(&options.publish_at).filter(|_| options.is_scheduled()));
    given(&mut status, "license", text(&options.license));
    given(&mut status, "embeddable", options.embeddable.map(Value::from));
    given(&mut status, "publicStatsViewable", options.public_stats_viewable.map(Value::from));
    match options.has_paid_product_placement {
        None => ("snippet,status", json!({ "snippet": snippet, "status": status })),
        Some(paid) => (
            "snippet,status,paidProductPlacementDetails",
            json!({
                "snippet": snippet,
                "status": status,
                "paidProductPlacementDetails": { "hasPaidProductPlacement": paid },
            }),
        ),
    }
}

fn media_type(cx: &Context<'_>) -> &'static str {
    cx.publication.video.facts.container.media_type()
}

/// Sends a chunk. None is resent without checking what YouTube has: it keeps a part of an interrupted one.
pub(super) fn upload_call(upload: &Upload, cx: &Context<'_>) -> Call {
    let size = upload.session.size;
    let chunk = chunk_at(upload.offset, size);
    let range = format!("bytes {}-{}/{size}", chunk.start, chunk.end.saturating_sub(1));
    // Two minutes a chunk is 70 KB/s.
    Call::new(Method::PUT, upload.to.url(), Effect::Once)
        .bearer(cx.token)
        .header(header::CONTENT_TYPE, media_type(cx))
        .header(header::CONTENT_RANGE, range)
        .body(Body::Video { start: chunk.start, end: chunk.end })
        .timeout(Duration::from_mins(2))
}

/// Queries how much of the video YouTube has.
pub(super) fn ask_call(upload: &Upload, cx: &Context<'_>) -> Call {
    Call::new(Method::PUT, upload.to.url(), Effect::Read)
        .bearer(cx.token)
        .header(header::CONTENT_RANGE, format!("bytes */{}", upload.session.size))
}

/// `playlistItems.list`: the channel's latest uploads.
pub(super) fn search_call(cx: &Context<'_>) -> Call {
    let playlist = uploads_of(&cx.publication.account);
    let parameters =
        [("part", "snippet,contentDetails"), ("playlistId", playlist.as_str()), ("maxResults", LATEST)];
    read_call(cx.settings, cx.token, "playlistItems", &parameters)
}

/// Returns the playlist of a channel's uploads, as stored when the channel was connected, or as all are
/// named.
fn uploads_of(account: &AccountRef<'_>) -> String {
    let told = account.metadata.own.get(UPLOADS).and_then(serde_json::Value::as_str);
    told.map_or_else(|| format!("UU{}", account.id.strip_prefix("UC").unwrap_or(account.id)), str::to_owned)
}

/// `videos.list`: the data of these videos.
pub(super) fn videos_call(cx: &Context<'_>, part: &str, ids: &str) -> Call {
    read_call(cx.settings, cx.token, "videos", &[("part", part), ("id", ids)])
}
