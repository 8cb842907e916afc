//! The PUTs of a session: chunks, and queries of the byte count ("Resumable Uploads").

use super::bearer::at;
use super::envelope;
use super::envelope::Refusal;
use super::query::credential;
use super::session::{Admitted, GRANULE, NotTaken, Put, Ticket};
use super::video::Video;
use crate::fault::FaultKind;
use crate::place::Place;
use crate::platforms::Memory;
use crate::receiver::{NotWhole, Receiver, Taken, digest};
use crate::request::ContentRange;
use crate::sandbox::Sandbox;
use crate::serve::hang_up;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt as _;

pub(super) async fn put(
    State(sandbox): State<Sandbox>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let query = query.unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let id = pairs.find(|(name, _)| name == "upload_id").map(|(_, value)| value.into_owned());
    let id = id.unwrap_or_default();
    let (range, token) = (ContentRange::read(&headers), credential(&headers, &query));
    let account = sandbox.read(|state, _| {
        let world = &state.youtube;
        world.who(&world.sessions.get(&id)?.channel)
    });
    let names: &[&str] = match range {
        Some(ContentRange::Nothing { .. }) => &["upload_status"],
        Some(range) if !range.is_last() => &["upload"],
        Some(_) | None => &["upload_last", "upload"],
    };
    let place = at(names, account);
    let answer = async {
        let put = Put { id: &id, token: token.as_deref(), headers: &headers, range };
        match sandbox.change(|state, now| state.youtube.admit(&put, now)) {
            Ok(Admitted::Chunk(ticket)) => receive(&sandbox, &place, ticket, body).await.into_response(),
            Ok(Admitted::Progress { committed }) => progressed(committed),
            Ok(Admitted::Done { video }) => done(&sandbox, &id, &video),
            Err(refused) => {
                // As gateways do, the whole request is read. Otherwise the error response would be lost in a
                // reset connection.
                let mut body = body;
                while let Some(Ok(_)) = body.frame().await {}
                refused.into_response()
            }
        }
    };
    sandbox.answer(&place, envelope::refuse, answer).await
}

/// Receives the bytes. Of an interrupted chunk, whole units are kept.
pub(super) async fn receive(
    sandbox: &Sandbox,
    place: &Place,
    ticket: Ticket,
    body: Body,
) -> Result<Response, NotTaken> {
    let broken = |_| NotTaken::Refused(Refusal::new(500, "backendError", "Backend Error"));
    let cut_off = || NotTaken::Refused(Refusal::bad("The request was cut off."));
    let cut = sandbox.change(|state, _| state.faults.take_cut(place));
    let mut receiver =
        Receiver::open(sandbox, &ticket.file, ticket.start, ticket.taken.clone()).map_err(broken)?;
    let go_on = |count, taken: &Taken| sandbox.change(|state, _| state.youtube.commit(&ticket, count, taken));
    let count = match receiver.drink(body, cut, GRANULE, go_on).await {
        Ok(count) => count,
        Err(NotWhole::Fault) => return Ok(hang_up()),
        Err(NotWhole::Cut) => return Err(cut_off()),
        Err(NotWhole::Unwanted) => return Err(conflict()),
        Err(NotWhole::Disk(error)) => return Err(broken(error)),
    };
    let reached = ticket.start.saturating_add(count);
    if ticket.end.is_some_and(|end| end != reached) {
        return Err(cut_off());
    }
    if ticket.end.is_some() && ticket.total != Some(reached) {
        return sandbox.change(|state, _| advanced(sandbox, state, place, &ticket));
    }
    let taken = receiver.finish();
    let sha256 = digest(sandbox, &ticket.file, reached, taken.clone()).await.map_err(broken)?;
    let video = sandbox.change(|state, now| complete(state, place, &ticket, sha256, (reached, &taken), now));
    video.map(|video| done(sandbox, &ticket.id, &video))
}

/// Returns "more expected", perhaps at another URL.
fn advanced(
    sandbox: &Sandbox,
    state: &mut Memory,
    place: &Place,
    ticket: &Ticket,
) -> Result<Response, NotTaken> {
    let faults = state.faults.take_for_outcome(place);
    let moves = faults.contains(&FaultKind::Moved);
    let Some(session) = state.youtube.current(ticket) else { return Err(conflict()) };
    session.faults.extend(faults.into_iter().filter(|fault| *fault != FaultKind::Moved));
    let (committed, parts) = (session.committed, session.parts.clone());
    let mut response = progressed(committed);
    if let Some(id) = moves.then(|| state.youtube.relocate(&ticket.id)).flatten() {
        let named = opened_at(sandbox, StatusCode::PERMANENT_REDIRECT, &id, &parts);
        response.headers_mut().extend(named.headers().clone());
    }
    Ok(response)
}

/// Records the last byte: from now on the video exists, and the app cannot stop it.
fn complete(
    state: &mut Memory,
    place: &Place,
    ticket: &Ticket,
    sha256: String,
    (size, taken): (u64, &Taken),
    now: i64,
) -> Result<String, NotTaken> {
    let faults = state.faults.take_for_outcome(place);
    let world = &mut state.youtube;
    let id = world.fresh_video_id();
    let Some(session) = world.current(ticket) else { return Err(conflict()) };
    session.committed = size;
    session.video = Some(id.clone());
    let mut video = Video::new(&id, session, sha256, size, taken.head.container(), now);
    for fault in session.faults.drain(..).chain(faults) {
        video.suffer(fault);
    }
    let owner = video.channel.clone();
    video.begin(&world.limits);
    if let Some(channel) = world.channels.get_mut(&owner) {
        video.settle_privacy(channel.uploads);
        channel.videos.push(id.clone());
    }
    world.order.push(id.clone());
    world.unsettled.insert(id.clone());
    world.videos.insert(id.clone(), video);
    Ok(id)
}

/// Returns the outcome of the upload: the same for every query.
fn done(sandbox: &Sandbox, session: &str, video: &str) -> Response {
    sandbox.read(|state, now| {
        let world = &state.youtube;
        let parts = world.sessions.get(session).map(|session| session.parts.clone()).unwrap_or_default();
        let found =
            world.videos.get(video).and_then(|video| Some((video, world.channels.get(&video.channel)?)));
        let Some((video, channel)) = found else { return NotTaken::Gone(404).into_response() };
        let status = StatusCode::from_u16(world.limits.done_status).unwrap_or(StatusCode::OK);
        envelope::written(status, &video.resource(&parts, channel, now))
    })
}

/// Returns 308: more bytes are expected. Without a range nothing has arrived yet.
fn progressed(committed: u64) -> Response {
    let mut response = (StatusCode::PERMANENT_REDIRECT, [(header::CONTENT_LENGTH, "0")]).into_response();
    let range = committed.checked_sub(1).map(|last| format!("bytes=0-{last}"));
    if let Some(range) = range.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::RANGE, range);
    }
    response
}

fn conflict() -> NotTaken {
    let message = "Another request sends these bytes.";
    NotTaken::Refused(Refusal::new(409, "conflict", message).in_domain("global"))
}

/// Returns a response without a body that names a session's URL.
pub(super) fn opened_at(sandbox: &Sandbox, status: StatusCode, id: &str, parts: &[String]) -> Response {
    let query = format!("uploadType=resumable&upload_id={id}&part={}", parts.join(","));
    let location = sandbox.address(&format!("/youtube/upload/youtube/v3/videos?{query}"));
    (status, [(header::LOCATION, location), (header::CONTENT_LENGTH, "0".into())]).into_response()
}
