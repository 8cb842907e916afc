//! `videos.insert`: opening a resumable session, before any byte of the video.

use super::bearer::place;
use super::envelope;
use super::envelope::Refusal;
use super::metadata::Metadata;
use super::query::{Query, VIDEO_PARTS};
use super::session::Session;
use crate::call::Place;
use crate::clock::{DAY, SECOND};
use crate::random;
use crate::request::{self, content_length, is_of, lacks_length};
use crate::sandbox::{Memory, Sandbox};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

/// 256 GB, as the discovery document has it.
const MOST: u64 = 274_877_906_944;

/// What can be inserted with a video.
const INSERTED: [&str; 3] = ["snippet", "status", "paidProductPlacementDetails"];

pub(super) async fn open(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(response) = lacks_length(&headers) {
        return response;
    }
    let place = place(&sandbox, &["insert"], &headers);
    let answer = async {
        let opened =
            sandbox.change(|state, now| begin(state, now, &place, query.as_deref(), &headers, &body));
        match opened {
            Ok((id, parts)) => opened_at(&sandbox, StatusCode::OK, &id, &parts),
            Err(refusal) => refusal.into_response(),
        }
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// An answer without a body that names a session's address.
pub(super) fn opened_at(sandbox: &Sandbox, status: StatusCode, id: &str, parts: &[String]) -> Response {
    let query = format!("uploadType=resumable&upload_id={id}&part={}", parts.join(","));
    let location = sandbox.address(&format!("/youtube/upload/youtube/v3/videos?{query}"));
    (status, [(header::LOCATION, location), (header::CONTENT_LENGTH, "0".into())]).into_response()
}

fn begin(
    state: &mut Memory,
    now: i64,
    place: &Place,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(String, Vec<String>), Refusal> {
    let world = &mut state.youtube;
    let caller = world.caller(request::bearer(headers), now)?;
    // Also an invalid request costs one of the day's hundred.
    world.spend_insert(now)?;
    caller.needs(&super::UPLOADING)?;
    let most = world.limits.uploads_per_day;
    let session_seconds = world.limits.session_seconds;
    let channel = world.channel_behind(&caller)?;
    let query = Query::read(query, &["uploadType", "part", "notifySubscribers"])?;
    if query.need("uploadType")? != "resumable" {
        return Err(Refusal::bad("Only uploadType=resumable is simulated."));
    }
    if !matches!(query.find("notifySubscribers"), None | Some("true" | "false")) {
        return Err(Refusal::bad("Invalid value at 'notify_subscribers' (TYPE_BOOL)."));
    }
    let parts = query.parts(&VIDEO_PARTS)?;
    if let Some(part) = parts.iter().find(|part| !INSERTED.contains(&part.as_str())) {
        return Err(Refusal::new(400, "unexpectedPart", &format!("'{part}'")).in_domain("youtube.part"));
    }
    if !is_of(headers, "application/json") {
        return Err(Refusal::bad("The content type must be application/json."));
    }
    if content_length(headers).is_some_and(|length| length != u64::try_from(body.len()).unwrap_or(0)) {
        return Err(Refusal::bad("Content-Length and body differ."));
    }
    let (total, media_type) = announced(headers)?;
    let file_name = slug(headers)?;
    let metadata = Metadata::read(body, &parts)?;
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

/// The sessions, without those that have died.
fn world_sessions(state: &mut Memory, now: i64) -> &mut std::collections::HashMap<String, Session> {
    let sessions = &mut state.youtube.sessions;
    sessions.retain(|_, session| session.expires_at > now);
    sessions
}

/// `X-Upload-Content-Length` and `X-Upload-Content-Type`: what is to come.
fn announced(headers: &HeaderMap) -> Result<(u64, String), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let length: Option<u64> = text("x-upload-content-length").and_then(|value| value.parse().ok());
    let Some(length) = length.filter(|length| *length > 0) else {
        return Err(Refusal::bad("X-Upload-Content-Length is missing or not a positive number."));
    };
    if length > MOST {
        let message = "Media too large.";
        return Err(Refusal::new(413, "uploadTooLarge", message).in_domain("global"));
    }
    let kind = text("x-upload-content-type").unwrap_or_default();
    if !(kind == "application/octet-stream"
        || kind.strip_prefix("video/").is_some_and(|rest| !rest.is_empty()))
    {
        let message = format!(
            "Media type '{kind}' is not supported. Valid media types: [video/*, application/octet-stream]"
        );
        return Err(Refusal::new(400, "badContent", &message).in_domain("global"));
    }
    Ok((length, kind.to_owned()))
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
