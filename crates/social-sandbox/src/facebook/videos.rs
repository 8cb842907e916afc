//! Plain videos: in pieces sent to Graph itself, which decides their sizes, or from a URL.

use super::PLATFORM;
use super::finish::finish;
use super::published::Kind;
use super::video::Video;
use crate::address::may_be_pulled;
use crate::meta::{self, Intake, Parameters, Refusal, Source, download, graph, place, success};
use crate::platforms::Memory;
use crate::receiver::{Receiver, digest};
use crate::sandbox::Sandbox;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

/// The largest plain video.
const MOST: i64 = 10 << 30;

const KNOWN: [&str; 11] = [
    "upload_phase",
    "upload_session_id",
    "file_size",
    "start_offset",
    "file_url",
    "title",
    "description",
    "published",
    "is_ai_generated",
    "universal_video_id",
    "content_category",
];

pub(super) async fn videos(
    State(sandbox): State<Sandbox>,
    Path((_, page)): Path<(String, String)>,
    asked: Parameters,
) -> Response {
    let (who, usage) = sandbox.read(|state, _| (state.facebook.who(&page), state.facebook.limits.usage));
    let phase = asked.text("upload_phase");
    let names: &[&'static str] = match phase.as_deref() {
        Some("start") => &["video_start"],
        Some("transfer") => &["video_transfer"],
        Some("finish") => &["video_finish", "finish"],
        Some(_) => &["video_cancel"],
        None => &["video_url", "finish"],
    };
    let place = place(PLATFORM, names, who);
    let work = async {
        let app = &sandbox.settings().apps.facebook;
        sandbox.change(|state, now| state.facebook.publisher(&asked, app, &page, now))?;
        asked.only(&KNOWN)?;
        let (id, body) = match phase.as_deref() {
            Some("start") => sandbox.change(|state, now| start(state, now, &page, &asked))?,
            Some("transfer") => transfer(&sandbox, &page, &asked).await?,
            Some("finish") => sandbox.change(|state, now| {
                let id = session(state, &page, &asked)?;
                let body = finish(state, now, &id, &asked)?;
                Ok::<_, Refusal>((id, body))
            })?,
            Some("cancel") => sandbox.change(|state, _| {
                let id = session(state, &page, &asked)?;
                state.facebook.videos.remove(&id);
                Ok::<_, Refusal>((id, success()))
            })?,
            Some(_) => {
                return Err(Refusal::param(
                    "(#100) Param upload_phase must be one of {START, TRANSFER, FINISH, CANCEL}",
                ));
            }
            None => from_url(&sandbox, &page, &asked)?,
        };
        sandbox.change(|state, _| {
            for fault in state.faults.take_for_outcome(&place) {
                if let Some(video) = state.facebook.videos.get_mut(&id) {
                    video.suffer(fault);
                }
            }
        });
        Ok(body)
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, "pages")), work).await
}

fn start(state: &mut Memory, now: i64, page: &str, asked: &Parameters) -> Result<(String, Value), Refusal> {
    let size = asked.number("file_size")?.filter(|size| (1..=MOST).contains(size));
    let Some(size) = size.and_then(|size| u64::try_from(size).ok()) else {
        return Err(Refusal::param("(#100) Param file_size must be the size of the video in bytes"));
    };
    let (id, session) = (meta::id("8800"), meta::id("5500"));
    let world = &mut state.facebook;
    world.videos.insert(id.clone(), Video::new(&id, page, Kind::Video, now, &world.limits));
    world.order.push(id.clone());
    world.sessions.insert(session.clone(), id.clone());
    let mut intake = Intake::new(page, Source::Bytes);
    intake.size = Some(size);
    state.meta.intakes.insert(id.clone(), intake);
    let end = world.limits.piece_bytes.min(size);
    let body = json!({
        "video_id": id,
        "upload_session_id": session,
        "start_offset": "0",
        "end_offset": end.to_string(),
    });
    Ok((id, body))
}

/// Returns the video of the named session.
fn session(state: &Memory, page: &str, asked: &Parameters) -> Result<String, Refusal> {
    let session = asked.required("upload_session_id")?;
    let world = &state.facebook;
    let id = world
        .sessions
        .get(&session)
        .filter(|id| world.videos.get(*id).is_some_and(|video| video.page == page));
    id.cloned().ok_or_else(|| Refusal::hidden(&session))
}

/// Returns the next expected piece.
fn wanted(intake: &Intake, piece: u64) -> (u64, u64) {
    let size = intake.size.unwrap_or_default();
    (intake.received, intake.received.saturating_add(piece).min(size))
}

/// Returns the error for a piece that was not expected. Here the offsets are numbers; responses have them as
/// text.
fn misplaced(intake: &Intake, piece: u64, message: &str) -> Refusal {
    let (start, end) = wanted(intake, piece);
    Refusal::new(6001, 1_363_037, message).with_data(json!({ "start_offset": start, "end_offset": end }))
}

async fn transfer(sandbox: &Sandbox, page: &str, asked: &Parameters) -> Result<(String, Value), Refusal> {
    let start = asked.number("start_offset")?.and_then(|start| u64::try_from(start).ok());
    let bytes = asked.piece.clone().unwrap_or_default();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let id = sandbox.read(|state, _| session(state, page, asked))?;
    let (taken, end, size) = sandbox.change(|state, _| {
        let piece = state.facebook.limits.piece_bytes;
        let Some(intake) = state.meta.intakes.get_mut(&id) else { return Err(Refusal::hidden(&id)) };
        if start != Some(intake.received) || intake.arrived.is_some() {
            let message = "The start offset is not where the upload stands";
            return Err(misplaced(intake, piece, message));
        }
        let end = intake.received.saturating_add(length);
        let size = intake.size.unwrap_or_default();
        if length == 0 || end > intake.received.saturating_add(piece).min(size) {
            return Err(Refusal::plain(6001, "The piece is not of the size that was asked for"));
        }
        Ok((intake.taken(), end, size))
    })?;
    let broken = |_| Refusal::plain(2, "The piece could not be written").status(500);
    let taken = store(sandbox, &id, start.unwrap_or_default(), taken, &bytes).map_err(broken)?;
    let sha256 = if end == size {
        Some(digest(sandbox, &id, size, taken.clone()).await.map_err(broken)?)
    } else {
        None
    };
    let body = sandbox.change(|state, now| {
        let piece = state.facebook.limits.piece_bytes;
        let Some(intake) = state.meta.intakes.get_mut(&id) else { return Err(Refusal::hidden(&id)) };
        if Some(intake.received) != start {
            let message = "Another request has sent this piece";
            return Err(misplaced(intake, piece, message));
        }
        intake.advance(now, end, taken, sha256);
        let (start, end) = wanted(intake, piece);
        Ok(json!({ "start_offset": start.to_string(), "end_offset": end.to_string() }))
    })?;
    Ok((id, body))
}

fn store(
    sandbox: &Sandbox,
    id: &str,
    start: u64,
    taken: crate::receiver::Taken,
    bytes: &Bytes,
) -> std::io::Result<crate::receiver::Taken> {
    let mut receiver = Receiver::open(sandbox, id, start, taken)?;
    receiver.take(bytes)?;
    Ok(receiver.finish())
}

/// Creates a video that is already finished; Facebook fetches its bytes afterwards.
fn from_url(sandbox: &Sandbox, page: &str, asked: &Parameters) -> Result<(String, Value), Refusal> {
    let url = asked.required("file_url")?;
    if !Url::parse(&url).is_ok_and(|url| may_be_pulled(&url)) {
        return Err(Refusal::plain(389, "(#389) Unable to fetch video file from URL."));
    }
    let id = meta::id("8800");
    sandbox.change(|state, now| {
        let world = &mut state.facebook;
        world.videos.insert(id.clone(), Video::new(&id, page, Kind::Video, now, &world.limits));
        world.order.push(id.clone());
        state.meta.intakes.insert(id.clone(), Intake::new(page, Source::Url(url)));
        super::finish::promise(state, now, &id, asked)
    })?;
    download(sandbox, &id);
    let body = json!({ "id": id });
    Ok((id, body))
}
