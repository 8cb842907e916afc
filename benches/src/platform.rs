//! A platform and a source of videos to work against: a process of its own, so that only the worker is measured.
//!
//! It checks nothing; the strict one is the sandbox's. It takes every upload, never ends processing, and sends
//! videos as slowly as it is told.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::trouble::Outcome;

const HEAD: &[u8] = include_bytes!("../../tests/fixtures/video/vertical_540.mp4");
/// What a lively platform's calls take.
const CALL: Duration = Duration::from_millis(50);
const STALL: Duration = Duration::from_secs(5);
/// 64 KiB: what is sent at once.
const PIECE: u64 = 65_536;

#[derive(Debug)]
struct Platform {
    base: String,
    video_size: u64,
    bytes_per_second: u64,
    polls: AtomicU64,
    taken: AtomicU64,
    manner: Manner,
}

/// How it behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Answers at once, and never ends processing.
    Busy,
    /// Answers after 50 ms, and publishes at the first poll. Calls with a token that says `fail` are refused;
    /// with one that says `stall`, after five seconds.
    Lively,
}

/// Serves until the process is killed; says where on the first line.
pub(crate) async fn serve(video_size: u64, bytes_per_second: u64, manner: &str) -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let mut out = std::io::stdout();
    writeln!(out, "{base}")?;
    out.flush()?;
    let manner = if manner == "lively" { Manner::Lively } else { Manner::Busy };
    let (polls, taken) = (AtomicU64::new(0), AtomicU64::new(0));
    let platform = Arc::new(Platform { base, video_size, bytes_per_second, polls, taken, manner });
    let app = Router::new()
        .route("/v2/post/publish/creator_info/query/", post(creator))
        .route("/v2/post/publish/video/init/", post(init))
        .route("/v2/post/publish/status/fetch/", post(status))
        .route("/upload", put(upload))
        .route("/videos/{name}", get(video).head(video))
        .route("/count", get(count))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(middleware::from_fn_with_state(Arc::clone(&platform), behave))
        .with_state(platform);
    Ok(axum::serve(listener, app).await?)
}

/// Lets some calls fail, and delays all of them.
async fn behave(State(platform): State<Arc<Platform>>, request: Request, next: Next) -> Response {
    if platform.manner == Manner::Busy {
        return next.run(request).await;
    }
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|token| token.to_str().ok())
        .unwrap_or_default();
    let stalls = token.contains("stall");
    let fails = stalls || token.contains("fail");
    tokio::time::sleep(if stalls { STALL } else { CALL }).await;
    if fails { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
}

fn ok(data: &Value) -> Json<Value> {
    Json(
        json!({ "data": data, "error": { "code": "ok", "message": "", "log_id": "202612011200000123456789" } }),
    )
}

async fn creator() -> Json<Value> {
    ok(&json!({
        "creator_username": "demokitchen", "creator_nickname": "Demo Kitchen", "creator_avatar_url": "",
        "privacy_level_options": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"], "comment_disabled": false,
        "duet_disabled": false, "stitch_disabled": false, "max_video_post_duration_sec": 600
    }))
}

async fn init(State(platform): State<Arc<Platform>>) -> Json<Value> {
    let id = platform.polls.fetch_add(1, Ordering::Relaxed);
    ok(
        &json!({ "publish_id": format!("v_pub_file~v2-1.{id}"), "upload_url": format!("{}/upload", platform.base) }),
    )
}

async fn status(State(platform): State<Arc<Platform>>) -> Json<Value> {
    platform.polls.fetch_add(1, Ordering::Relaxed);
    let status = if platform.manner == Manner::Busy { "PROCESSING_UPLOAD" } else { "PUBLISH_COMPLETE" };
    ok(
        &json!({ "status": status, "uploaded_bytes": 0, "publicaly_available_post_id": ["7512345678901234567"] }),
    )
}

async fn upload(State(platform): State<Arc<Platform>>, request: Request) -> Response {
    let range = request.headers().get(header::CONTENT_RANGE).cloned();
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(piece)) = body.next().await {
        platform.taken.fetch_add(u64::try_from(piece.len()).unwrap_or_default(), Ordering::Relaxed);
    }
    // `bytes first-last/total`: the last chunk is answered 201, the others 206.
    let range = range.as_ref().and_then(|range| range.to_str().ok()).unwrap_or_default();
    let is_last =
        range.strip_prefix("bytes ").and_then(|range| range.split_once('/')).is_some_and(|(span, total)| {
            span.split_once('-')
                .is_some_and(|(_, last)| last.parse::<u64>().ok().map(|last| last + 1) == total.parse().ok())
        });
    let mut reply = (if is_last { StatusCode::CREATED } else { StatusCode::PARTIAL_CONTENT }).into_response();
    if let Ok(value) = range.parse() {
        reply.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    reply
}

async fn count(State(platform): State<Arc<Platform>>) -> Json<Value> {
    Json(json!({
        "polls": platform.polls.load(Ordering::Relaxed), "taken": platform.taken.load(Ordering::Relaxed)
    }))
}

/// A real video's head, and a `free` box to the size that is wanted (ISO/IEC 14496-12 §8.1.2).
fn piece(platform: &Platform, from: u64, to: u64) -> Bytes {
    let head_size = u64::try_from(HEAD.len()).unwrap_or_default();
    let padding = u32::try_from(platform.video_size - head_size).unwrap_or_default();
    let mut bytes = Vec::new();
    for at in from..to {
        let byte = match at.checked_sub(head_size) {
            None => usize::try_from(at).ok().and_then(|at| HEAD.get(at)).copied(),
            Some(at @ 0..4) => usize::try_from(at).ok().and_then(|at| padding.to_be_bytes().get(at).copied()),
            Some(at @ 4..8) => usize::try_from(at - 4).ok().and_then(|at| b"free".get(at).copied()),
            Some(_) => break,
        };
        bytes.push(byte.unwrap_or_default());
    }
    bytes.resize(usize::try_from(to - from).unwrap_or_default(), 7);
    bytes.into()
}

async fn video(State(platform): State<Arc<Platform>>, headers: HeaderMap) -> Response {
    let total = platform.video_size;
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'))
        .and_then(|(first, last)| {
            Some((first.parse::<u64>().ok()?, last.parse().unwrap_or(total - 1).min(total - 1)))
        });
    let (first, last) = asked.unwrap_or((0, total - 1));
    let pause = Duration::from_micros(PIECE * 1_000_000 / platform.bytes_per_second.max(1));
    let status = if asked.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let pieces = stream::unfold(first, move |at| {
        let platform = Arc::clone(&platform);
        async move {
            if at > last {
                return None;
            }
            let to = (at + PIECE).min(last + 1);
            tokio::time::sleep(pause).await;
            Some((Ok::<_, Infallible>(piece(&platform, at, to)), to))
        }
    });
    let headers = [
        (header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}")),
        (header::CONTENT_LENGTH, (last + 1 - first).to_string()),
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::ETAG, "\"bench\"".to_owned()),
    ];
    (status, headers, Body::from_stream(pieces)).into_response()
}
