//! The wire between the processes and the platform: it draws the fault of each call, and records the calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::Deserialize;
use social_sandbox::{Fault, HangUp, Sandbox};

use crate::blow::{self, Blow, Endpoint};
use crate::caller::process_behind;
use crate::dice::Dice;
use crate::film::Film;
use crate::fleet::Fleet;
use crate::postgres::{Postgres, Stop};
use crate::timeline::{Incarnation, Timeline};

/// Longer than any body that is read here; videos are not read.
const LONGEST_BODY: usize = 64 * 1024;

/// The subject of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// An init, for this film.
    Film(Film),
    /// A publish id.
    Publish(String),
    /// An upload task, whose id ends a publish id.
    Upload(String),
    /// An account, or an unreadable request.
    Nothing,
}

/// The response on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// None: the platform or the end of the caller closed the connection.
    None,
    /// A part of it.
    Part,
    /// All of it, with this status.
    Whole(u16),
}

/// One call on the wire.
#[derive(Debug, Clone)]
pub(crate) struct CallRecord {
    pub(crate) at: Duration,
    pub(crate) took: Duration,
    pub(crate) endpoint: Endpoint,
    pub(crate) subject: Subject,
    /// The account, by its handle; an upload's is known by its publication.
    pub(crate) handle: Option<String>,
    /// The process that called, if known.
    pub(crate) who: Option<Incarnation>,
    pub(crate) blow: Option<&'static str>,
    pub(crate) answer: Answer,
}

impl CallRecord {
    /// Reports whether it was made for this account.
    pub(crate) fn is_for(&self, handle: &str) -> bool {
        self.handle.as_deref() == Some(handle)
    }

    /// Reports whether it is a call that must not be sent twice.
    pub(crate) fn can_publish(&self, is_pull: bool) -> bool {
        self.endpoint == if is_pull { Endpoint::Init } else { Endpoint::LastChunk }
    }
}

/// The wire.
pub(crate) struct Wire {
    pub(crate) sandbox: Sandbox,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) postgres: Arc<Postgres>,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) state: Mutex<State>,
}

/// The state that changes.
pub(crate) struct State {
    dice: Dice,
    /// When the faults end.
    until: Duration,
    calls: Vec<CallRecord>,
    blows: BTreeMap<&'static str, u64>,
}

impl State {
    /// Returns a wire without faults.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed, "blows"),
            until: Duration::ZERO,
            calls: Vec::new(),
            blows: BTreeMap::new(),
        }
    }
}

#[derive(Deserialize)]
struct Init {
    source_info: SourceInfo,
}

#[derive(Deserialize)]
struct SourceInfo {
    video_url: Option<String>,
    video_size: Option<u64>,
}

#[derive(Deserialize)]
struct Asked {
    publish_id: String,
}

impl Wire {
    /// Injects faults from now on until then.
    pub(crate) fn trouble_until(&self, until: Duration) {
        self.change(|state| state.until = until);
        if until <= self.timeline.now() {
            self.sandbox.clear_faults();
        }
    }

    /// Returns every call so far.
    pub(crate) fn calls(&self) -> Vec<CallRecord> {
        self.change(|state| state.calls.clone())
    }

    /// Returns the count of each fault.
    pub(crate) fn blows(&self) -> BTreeMap<&'static str, u64> {
        self.change(|state| state.blows.clone())
    }

    fn change<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forwards a request to the platform, or lets the drawn fault happen.
    pub(crate) async fn pass(self: Arc<Self>, request: Request, next: Next) -> Response {
        let Ok((request, endpoint, subject)) = recognise(request).await else {
            return hang_up();
        };
        let Some(endpoint) = endpoint else { return next.run(request).await };
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let who = peer.and_then(|peer| self.caller(peer));
        let bearer = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
        let handle = token.and_then(|token| self.sandbox.tiktok().holder(token));
        let at = self.timeline.now();
        let (index, drawn) = self.change(|state| {
            let left = state.until.saturating_sub(at);
            let drawn = if left.is_zero() { None } else { blow::draw(&mut state.dice, endpoint, left) };
            let blow = drawn.as_ref().map(|(name, _)| *name);
            if let Some(name) = blow {
                *state.blows.entry(name).or_default() += 1;
            }
            let (took, answer) = (Duration::ZERO, Answer::None);
            state.calls.push(CallRecord { at, took, endpoint, subject, handle, who, blow, answer });
            (state.calls.len() - 1, drawn)
        });
        let response = self.befall(request, next, endpoint, who, drawn.map(|(_, blow)| blow)).await;
        let (answer, took) = (answer_of(&response), self.timeline.now().saturating_sub(at));
        self.change(|state| {
            if let Some(record) = state.calls.get_mut(index) {
                (record.answer, record.took) = (answer, took);
            }
        });
        response
    }

    async fn befall(
        self: &Arc<Self>,
        request: Request,
        next: Next,
        endpoint: Endpoint,
        who: Option<Incarnation>,
        blow: Option<Blow>,
    ) -> Response {
        match blow {
            None => next.run(request).await,
            Some(Blow::Fault(kind)) => {
                // It affects this call, or one of the same kind in flight at the same time.
                self.sandbox.fail(Fault::tiktok(endpoint.name(), kind));
                next.run(request).await
            }
            Some(Blow::KillBefore) => {
                self.kill(who).await;
                hang_up()
            }
            Some(Blow::KillDuring(after)) => {
                self.kill_after(who, after);
                next.run(request).await
            }
            Some(Blow::KillAfter) => {
                next.run(request).await;
                self.kill(who).await;
                hang_up()
            }
            Some(Blow::KillSoon(after)) => {
                let response = next.run(request).await;
                self.kill_after(who, after);
                response
            }
            Some(Blow::Freeze(after, lasting)) => {
                let response = next.run(request).await;
                let (fleet, who) = (Arc::clone(&self.fleet), self.victim(who));
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    if let Some(who) = who {
                        fleet.freeze(who, lasting).await;
                    }
                });
                response
            }
            Some(Blow::Database) => {
                let response = next.run(request).await;
                let postgres = Arc::clone(&self.postgres);
                let timeline = Arc::clone(&self.timeline);
                // A separate task: the caller may close the connection meanwhile.
                tokio::spawn(async move {
                    if let Err(error) = postgres.restart(Stop::Killed, Duration::from_millis(300)).await {
                        timeline.note_oddity(format!("Postgres did not come back: {error}"));
                    }
                });
                tokio::time::sleep(Duration::from_millis(30)).await;
                response
            }
        }
    }

    fn caller(&self, peer: SocketAddr) -> Option<Incarnation> {
        let running = self.fleet.running();
        let processes: Vec<u32> = running.iter().map(|(_, process)| *process).collect();
        let process = process_behind(peer, &processes)?;
        running.into_iter().find(|(_, known)| *known == process).map(|(who, _)| who)
    }

    /// Returns the caller; if it is unknown, one of the processes.
    fn victim(&self, who: Option<Incarnation>) -> Option<Incarnation> {
        who.or_else(|| {
            let running = self.fleet.running();
            let index = self.change(|state| state.dice.index(running.len()));
            running.get(index).map(|(who, _)| *who)
        })
    }

    async fn kill(&self, who: Option<Incarnation>) {
        if let Some(who) = self.victim(who) {
            self.fleet.kill(who).await;
        }
    }

    /// Kills it after a while, whatever happens to the call.
    fn kill_after(self: &Arc<Self>, who: Option<Incarnation>, after: Duration) {
        let wire = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            wire.kill(who).await;
        });
    }
}

/// Returns the endpoint and the subject of a request.
async fn recognise(request: Request) -> Result<(Request, Option<Endpoint>, Subject), axum::Error> {
    let path = request.uri().path().to_owned();
    let path = path.strip_prefix("/tiktok").unwrap_or(&path);
    let endpoint = match path {
        "/v2/post/publish/creator_info/query/" => Endpoint::Creator,
        "/v2/post/publish/video/init/" | "/v2/post/publish/inbox/video/init/" => Endpoint::Init,
        "/v2/post/publish/status/fetch/" => Endpoint::Status,
        "/v2/post/publish/cancel/" => Endpoint::Cancel,
        "/v2/oauth/token/" => Endpoint::Refresh,
        "/upload/" => {
            let query = request.uri().query().unwrap_or_default();
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            let id = pairs.find(|(name, _)| name == "upload_id").map(|(_, id)| id.into_owned());
            let range = request.headers().get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok());
            let endpoint = if range.is_some_and(is_last) { Endpoint::LastChunk } else { Endpoint::Chunk };
            return Ok((request, Some(endpoint), id.map_or(Subject::Nothing, Subject::Upload)));
        }
        _ => return Ok((request, None, Subject::Nothing)),
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST_BODY).await?;
    let subject = subject(endpoint, &body);
    let is_exchange = endpoint == Endpoint::Refresh && !contains(&body, b"grant_type=refresh_token");
    let request = Request::from_parts(parts, Body::from(body));
    Ok((request, Some(endpoint).filter(|_| !is_exchange), subject))
}

fn subject(endpoint: Endpoint, body: &Bytes) -> Subject {
    let found = match endpoint {
        Endpoint::Init => serde_json::from_slice(body).ok().and_then(|Init { source_info }| {
            let by_url = source_info.video_url.as_deref().and_then(Film::named);
            by_url.or_else(|| Film::of_size(source_info.video_size?)).map(Subject::Film)
        }),
        Endpoint::Status | Endpoint::Cancel => {
            serde_json::from_slice(body).ok().map(|Asked { publish_id }| Subject::Publish(publish_id))
        }
        Endpoint::Creator | Endpoint::Refresh | Endpoint::Chunk | Endpoint::LastChunk => None,
    };
    found.unwrap_or(Subject::Nothing)
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

/// Reports whether the range is `bytes first-last/total`, with nothing after the last.
fn is_last(range: &str) -> bool {
    let numbers = || {
        let (range, total) = range.strip_prefix("bytes ")?.split_once('/')?;
        let last: u64 = range.split_once('-')?.1.parse().ok()?;
        Some((last, total.parse::<u64>().ok()?))
    };
    numbers().is_some_and(|(last, total)| last.saturating_add(1) == total)
}

fn hang_up() -> Response {
    let mut response = StatusCode::BAD_GATEWAY.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

fn answer_of(response: &Response) -> Answer {
    if response.extensions().get::<HangUp>().is_some() {
        return Answer::None;
    }
    let announced = response.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // The sandbox's broken bodies are streams, and streams do not know their length.
    if announced.is_some() && response.body().size_hint().exact().is_none() {
        return Answer::Part;
    }
    Answer::Whole(response.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_chunk_ends_where_the_video_does() {
        assert!(is_last("bytes 10-19/20"));
        assert!(!is_last("bytes 0-9/20"));
        assert!(!is_last("nonsense"));
    }

    #[test]
    fn an_init_names_its_film_by_address_or_by_size() {
        let by_url =
            Bytes::from_static(br#"{"source_info":{"video_url":"http://localhost/verified/12.mp4"}}"#);
        let film = Film { number: 12, length: crate::film::Length::Short };
        assert_eq!(subject(Endpoint::Init, &by_url), Subject::Film(film));
        let by_size = format!(r#"{{"source_info":{{"video_size":{}}}}}"#, 148_382 + 12 + 12);
        assert_eq!(subject(Endpoint::Init, &Bytes::from(by_size)), Subject::Film(film));
    }
}
