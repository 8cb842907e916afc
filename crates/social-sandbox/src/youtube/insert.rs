//! `videos.insert`: opens a resumable session, or receives a whole video in one request.

use super::bearer::place;
use super::envelope;
use super::envelope::Refusal;
use super::metadata::Metadata;
use super::query::{Query, Signature, VIDEO_PARTS, credential};
use super::related::Related;
use super::session::Session;
use super::upload::{opened_at, receive};
use crate::clock::{DAY, SECOND};
use crate::place::Place;
use crate::platforms::Memory;
use crate::random;
use crate::request::{content_length, is_of, lacks_length, media_type};
use crate::sandbox::Sandbox;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;

/// 256 GB, as in the discovery document.
const MOST: u64 = 274_877_906_944;

/// The longest metadata of a video.
const LONGEST_METADATA: usize = 1 << 20;

/// The parameters of `videos.insert`.
const METHOD: Signature = Signature {
    served: &["part", "notifySubscribers", "autoLevels", "stabilize"],
    unserved: &["onBehalfOfContentOwner", "onBehalfOfContentOwnerChannel"],
};

/// How the bytes arrive (`uploadType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// In requests of their own.
    Resumable,
    /// In this request, after the metadata.
    Multipart,
    /// In this request, without metadata.
    Media,
}

/// A request to insert, with the bytes of the video if it has them.
struct Insertion<'a> {
    token: Option<&'a str>,
    query: &'a str,
    headers: &'a HeaderMap,
    way: Option<Way>,
    body: &'a Bytes,
    total: Option<u64>,
    media_type: Option<String>,
}

pub(super) async fn open(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    let query = query.unwrap_or_default();
    let token = credential(&headers, &query);
    let way = Way::of(&query);
    let names: &[&str] = match way {
        Some(Way::Resumable) | None => &["insert"],
        Some(Way::Multipart | Way::Media) => &["insert", "upload_last", "upload"],
    };
    let place = place(&sandbox, names, token.as_deref());
    let answer = async {
        let (token, query, headers) = (token.as_deref(), query.as_str(), &headers);
        let read =
            Insertion { token, query, headers, way, body: &Bytes::new(), total: None, media_type: None };
        match way {
            Some(Way::Resumable) | None => {
                let Ok(body) = axum::body::to_bytes(body, LONGEST_METADATA).await else {
                    return Refusal::bad("The request was cut off.").into_response();
                };
                let read = Insertion { body: &body, ..read };
                match sandbox.change(|state, now| begin(state, now, &place, read)) {
                    Ok((id, parts)) => opened_at(&sandbox, StatusCode::OK, &id, &parts),
                    Err(refusal) => refusal.into_response(),
                }
            }
            Some(Way::Multipart) => match Related::read(headers, body).await {
                Some(Related { metadata, media_type, media }) => {
                    let read = Insertion { body: &metadata, media_type: Some(media_type), ..read };
                    whole(&sandbox, &place, read, media).await
                }
                None => Refusal::bad("The request is not multipart/related with two parts.").into_response(),
            },
            Some(Way::Media) => {
                let (total, media_type) = (content_length(headers), Some(media_type(headers)));
                whole(&sandbox, &place, Insertion { total, media_type, ..read }, body).await
            }
        }
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

impl Way {
    fn of(query: &str) -> Option<Self> {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        match &*pairs.find(|(name, _)| name == "uploadType")?.1 {
            "resumable" => Some(Self::Resumable),
            "multipart" => Some(Self::Multipart),
            "media" => Some(Self::Media),
            _ => None,
        }
    }
}

/// Receives a video whose bytes come with the request; an interruption leaves nothing.
async fn whole(sandbox: &Sandbox, place: &Place, read: Insertion<'_>, media: Body) -> Response {
    let total = read.total;
    let opened = sandbox.change(|state, now| {
        let (id, _) = begin(state, now, place, read)?;
        let gone = || Refusal::new(500, "backendError", "Backend Error");
        let ticket = state.youtube.admit_all(&id, total).ok_or_else(gone)?;
        Ok::<_, Refusal>((id, ticket))
    });
    let (id, ticket) = match opened {
        Ok(opened) => opened,
        Err(refusal) => {
            // As gateways do, the whole request is read. Otherwise the error response would be lost in a
            // reset connection.
            let mut media = media;
            while let Some(Ok(_)) = media.frame().await {}
            return refusal.into_response();
        }
    };
    let answer = receive(sandbox, place, ticket, media).await.into_response();
    // Its URL is unknown to the client, so the upload cannot be resumed.
    sandbox.change(|state, _| state.youtube.sessions.remove(&id));
    answer
}

fn begin(
    state: &mut Memory,
    now: i64,
    place: &Place,
    read: Insertion<'_>,
) -> Result<(String, Vec<String>), Refusal> {
    let world = &mut state.youtube;
    let caller = world.caller(read.token, now)?;
    // An invalid request also costs one of the day's hundred.
    world.quota.spend_insert(world.limits.inserts_per_day, now)?;
    caller.needs(&super::scopes::UPLOADING)?;
    let most = world.limits.uploads_per_day;
    let session_seconds = world.limits.session_seconds;
    let channel = world.channel_behind(&caller)?;
    let query = Query::read(read.query, &METHOD)?;
    query.need("uploadType")?;
    let way = read.way.ok_or_else(|| Refusal::bad("Invalid value at 'uploadType'."))?;
    for name in ["notifySubscribers", "autoLevels", "stabilize"] {
        query.flag(name)?;
    }
    let parts = query.parts(&VIDEO_PARTS)?;
    if way == Way::Resumable && !read.body.is_empty() && !is_of(read.headers, "application/json") {
        return Err(Refusal::bad("The content type must be application/json."));
    }
    let (total, media_type) = match way {
        Way::Resumable => announced(read.headers)?,
        Way::Multipart | Way::Media => (read.total, read.media_type),
    };
    if total.is_some_and(|total| total > MOST) {
        return Err(Refusal::new(413, "uploadTooLarge", "Media too large.").in_domain("global"));
    }
    if let Some(kind) = media_type.as_deref().filter(|kind| !is_video(kind)) {
        let message = format!(
            "Media type '{kind}' is not supported. Valid media types: [video/*, application/octet-stream]"
        );
        return Err(Refusal::new(400, "badContent", &message).in_domain("global"));
    }
    let file_name = slug(read.headers)?;
    let metadata = Metadata::read(read.body, &parts)?;
    while channel.recent.front().is_some_and(|at| *at <= now.saturating_sub(DAY)) {
        channel.recent.pop_front();
    }
    if channel.recent.len() >= most {
        let message = "The user has exceeded the number of videos they may upload.";
        return Err(Refusal::new(400, "uploadLimitExceeded", message).in_domain("youtube.video"));
    }
    channel.recent.push_back(now);
    let id = format!("ADPycd{}", random::text(90));
    let expires_at = now.saturating_add(i64::from(session_seconds) * SECOND);
    let channel = channel.id.clone();
    let mut session = Session::new(channel, metadata, parts.clone(), total, media_type, expires_at);
    session.file_name = file_name;
    session.faults = state.faults.take_for_outcome(place);
    world_sessions(state, now).insert(id.clone(), session);
    Ok((id, parts))
}

/// Returns the sessions that have not expired.
fn world_sessions(state: &mut Memory, now: i64) -> &mut std::collections::HashMap<String, Session> {
    let sessions = &mut state.youtube.sessions;
    sessions.retain(|_, session| session.expires_at > now);
    sessions
}

/// Returns `X-Upload-Content-Length` and `X-Upload-Content-Type`: what the client knows about the upload.
fn announced(headers: &HeaderMap) -> Result<(Option<u64>, Option<String>), Refusal> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let bad = || Refusal::bad("X-Upload-Content-Length is not a positive number.");
    let length = match text("x-upload-content-length") {
        None => None,
        Some(value) => Some(value.parse().ok().filter(|length| *length > 0).ok_or_else(bad)?),
    };
    Ok((length, text("x-upload-content-type").map(str::to_owned)))
}

fn is_video(kind: &str) -> bool {
    kind == "application/octet-stream" || kind.strip_prefix("video/").is_some_and(|rest| !rest.is_empty())
}

fn slug(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("slug") else { return Ok(None) };
    match value.to_str() {
        Ok(name) if !name.is_empty() && name.len() <= 255 && !name.contains(['/', '\\', '<', '>']) => {
            Ok(Some(name.to_owned()))
        }
        Ok(_) | Err(_) => {
            let message = "The video filename specified in the Slug header is invalid.";
            Err(Refusal::new(400, "invalidFilename", message).in_domain("youtube.video"))
        }
    }
}
