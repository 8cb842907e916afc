//! The server of the tests' videos: a real one with ranges, which can misbehave on request.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::world::Time;

const VIDEO: &[u8] = include_bytes!("../fixtures/video/vertical_540.mp4");

/// One file.
#[derive(Clone)]
struct File {
    bytes: Bytes,
    etag: String,
}

/// The abilities of a server.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Skill {
    /// Ranges, and a strong tag for each file.
    #[default]
    Ranges,
    /// Only whole files, without a tag but with a known length.
    WholeFiles,
    /// Only whole files, without a known length.
    LengthlessFiles,
}

/// The speed of the server: virtual time passes for every piece that it sends.
#[derive(Clone)]
pub(crate) struct Slowness {
    pub(crate) bytes_per_second: f64,
    pub(crate) time: Time,
}

/// The server.
#[derive(Clone, Default)]
pub(crate) struct VideoServer {
    files: Arc<Mutex<HashMap<String, File>>>,
    slowness: Arc<Mutex<Option<Slowness>>>,
    sent: Arc<AtomicU64>,
    skill: Arc<Mutex<Skill>>,
    /// The lengths at which responses are cut off, the next one last; if empty, none is.
    breaks: Arc<Mutex<Vec<u64>>>,
    /// The requested lengths of all responses longer than an inspection's.
    asked: Arc<Mutex<Vec<usize>>>,
    expiring: Arc<Mutex<HashMap<String, u32>>>,
    refusing: Arc<Mutex<HashMap<String, (u32, StatusCode)>>>,
    /// Where the long responses of a file switch to another file, which then takes its place.
    overwriting: Arc<Mutex<HashMap<String, (usize, Bytes)>>>,
    held: Arc<AtomicBool>,
    released: Arc<Notify>,
    base: String,
}

/// Returns a real video, padded with a `free` box to this size (ISO/IEC 14496-12 §8.1.2).
pub(crate) fn video(size: usize) -> Bytes {
    static MADE: Mutex<BTreeMap<usize, Bytes>> = Mutex::new(BTreeMap::new());
    MADE.lock().unwrap().entry(size).or_insert_with(|| make_video(size)).clone()
}

fn make_video(size: usize) -> Bytes {
    padded(VIDEO, size)
}

/// Returns a video of this size that is wider than high, so no Reel.
pub(crate) fn landscape(size: usize) -> Bytes {
    padded(include_bytes!("../fixtures/video/silent_hevc_moov_last.mp4"), size)
}

/// Returns a larger version of a file.
pub(crate) fn padded(file: &[u8], size: usize) -> Bytes {
    let mut bytes = file.to_vec();
    if size > bytes.len() + 8 {
        let padding = size - bytes.len();
        bytes.extend_from_slice(&u32::try_from(padding).unwrap().to_be_bytes());
        bytes.extend_from_slice(b"free");
        // Not all zeros: a chunk that is sent twice or to the wrong offset must change the hash. The block's
        // length is a prime, so no two chunks of any size are alike.
        let block: Vec<u8> =
            (0..1_000_003).map(|at| u8::try_from((at / 7 + at / 65_537) % 251).unwrap()).collect();
        while bytes.len() < size {
            bytes.extend_from_slice(&block[..block.len().min(size - bytes.len())]);
        }
    }
    bytes.into()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from_digit(half.into(), 16).unwrap())
        .collect()
}

impl VideoServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { base: format!("http://{}", listener.local_addr().unwrap()), ..Self::default() };
        let app = Router::new()
            .route("/{name}", get(serve))
            .route("/to/{name}", get(lead))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        server
    }

    /// Returns the common prefix of its URLs.
    pub(crate) fn base(&self) -> String {
        format!("{}/", self.base)
    }

    /// Lets time pass for every piece from now on.
    pub(crate) fn slow_down(&self, slowness: Slowness) {
        *self.slowness.lock().unwrap() = Some(slowness);
    }

    /// Blocks downloads of whole files: a platform's download hangs.
    pub(crate) fn hold_downloads(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Releases the downloads.
    pub(crate) fn release_downloads(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.released.notify_waiters();
    }

    /// Removes an ability from now on.
    pub(crate) fn forget(&self, skill: Skill) {
        *self.skill.lock().unwrap() = skill;
    }

    /// Cuts off the next long responses after this many bytes each.
    pub(crate) fn break_off(&self, after: Vec<u64>) {
        *self.breaks.lock().unwrap() = after;
    }

    /// Returns the requested length of each long response.
    pub(crate) fn asked(&self) -> Vec<usize> {
        self.asked.lock().unwrap().clone()
    }

    /// Lets the signature of a file's URL expire after this many more requests.
    pub(crate) fn expire_after(&self, name: &str, requests: u32) {
        self.expiring.lock().unwrap().insert(name.to_owned(), requests);
    }

    /// Rejects requests for a file after this many more.
    pub(crate) fn refuse_after(&self, name: &str, requests: u32, status: StatusCode) {
        self.refusing.lock().unwrap().insert(name.to_owned(), (requests, status));
    }

    /// Returns the error for this request, if it is rejected.
    fn refusal(&self, name: &str) -> Option<StatusCode> {
        let mut refusing = self.refusing.lock().unwrap();
        let (left, status) = refusing.get_mut(name)?;
        let refusal = (*left == 0).then_some(*status);
        *left = left.saturating_sub(1);
        refusal
    }

    /// Overwrites a file in place when the first long response reaches this byte.
    pub(crate) fn overwrite(&self, name: &str, at: usize, with: Bytes) {
        self.overwriting.lock().unwrap().insert(name.to_owned(), (at, with));
    }

    /// Reports whether that has happened.
    pub(crate) fn is_overwritten(&self, name: &str) -> bool {
        !self.overwriting.lock().unwrap().contains_key(name)
    }

    /// Returns a URL that redirects to a file.
    pub(crate) fn leading_to(&self, name: &str) -> String {
        format!("{}/to/{name}", self.base)
    }

    /// Reports whether this request still comes in time.
    fn is_in_time(&self, name: &str) -> bool {
        let mut expiring = self.expiring.lock().unwrap();
        let Some(left) = expiring.get_mut(name) else { return true };
        let is_in_time = *left > 0;
        *left = left.saturating_sub(1);
        is_in_time
    }

    /// Returns how many bytes it has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    /// Adds a file, or replaces one. Returns its URL.
    pub(crate) fn put(&self, name: &str, bytes: Bytes) -> String {
        let etag = format!("\"{}\"", &sha256(&bytes)[..16]);
        self.files.lock().unwrap().insert(name.to_owned(), File { bytes, etag });
        format!("{}/{name}", self.base)
    }
}

async fn lead(Path(name): Path<String>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, format!("/{name}"))]).into_response()
}

async fn serve(State(server): State<VideoServer>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(file) = server.files.lock().unwrap().get(&name).cloned() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if !server.is_in_time(&name) {
        return (StatusCode::FORBIDDEN, EXPIRED).into_response();
    }
    if let Some(status) = server.refusal(&name) {
        return status.into_response();
    }
    let condition = headers.get(header::IF_MATCH).map(|tag| tag.to_str().unwrap().to_owned());
    if condition.is_some_and(|tag| tag != file.etag) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    let total = file.bytes.len();
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-'));
    let skill = *server.skill.lock().unwrap();
    if range.is_none() && skill == Skill::Ranges {
        let released = server.released.notified();
        if server.held.load(Ordering::SeqCst) {
            released.await;
        }
        return ([(header::ETAG, file.etag)], file.bytes).into_response();
    }
    let (first, last) = range.filter(|_| skill == Skill::Ranges).unwrap_or(("0", ""));
    let first: usize = first.parse().unwrap();
    let last = last.parse().unwrap_or(usize::MAX).min(total - 1);
    if first > last {
        return StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    }
    let bytes = file.bytes.slice(first..=last);
    let mut response = Response::builder().header(header::CONTENT_TYPE, "video/mp4");
    if skill == Skill::Ranges {
        response = response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{total}"))
            .header(header::ETAG, file.etag);
    }
    if skill != Skill::LengthlessFiles {
        response = response.header(header::CONTENT_LENGTH, bytes.len());
    }
    response.body(Body::from_stream(server.pieces(name, first, bytes))).unwrap()
}

impl VideoServer {
    /// Overwrites a file and the rest of a response, if it is time. Returns the length until then.
    fn overwritten_by(&self, name: &str, at: usize, rest: &mut Bytes) -> usize {
        let mut overwriting = self.overwriting.lock().unwrap();
        let Some((from, _)) = overwriting.get(name) else { return usize::MAX };
        if at < *from {
            return *from - at;
        }
        let (_, with) = overwriting.remove(name).unwrap();
        *rest = with.slice(at..at + rest.len());
        self.put(name, with);
        usize::MAX
    }

    /// Returns bytes as a stream, with the requested speed and cut.
    fn pieces(
        self,
        name: String,
        first: usize,
        bytes: Bytes,
    ) -> impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
        let slowness = self.slowness.lock().unwrap().clone();
        let is_long = bytes.len() > 1_000_000;
        if is_long {
            self.asked.lock().unwrap().push(bytes.len());
        }
        let broken = if is_long { self.breaks.lock().unwrap().pop() } else { None };
        let left = broken.map_or(usize::MAX, |broken| usize::try_from(broken).unwrap());
        let end = first + bytes.len();
        stream::unfold((bytes, left), move |(mut rest, left)| {
            let (slowness, sent) = (slowness.clone(), Arc::clone(&self.sent));
            let at = end - rest.len();
            let until = if is_long { self.overwritten_by(&name, at, &mut rest) } else { usize::MAX };
            async move {
                if rest.is_empty() {
                    return None;
                }
                if left == 0 {
                    return Some((Err(io::Error::other("broken off")), (Bytes::new(), 0)));
                }
                let piece = rest.split_to(rest.len().min(PIECE).min(left).min(until));
                if let Some(slowness) = slowness {
                    let seconds = f64::from(u32::try_from(piece.len()).unwrap()) / slowness.bytes_per_second;
                    slowness.time.pass(Duration::from_secs_f64(seconds)).await;
                }
                sent.fetch_add(piece.len().try_into().unwrap(), Ordering::SeqCst);
                let left = left - piece.len();
                Some((Ok(piece), (rest, left)))
            }
        })
    }
}

/// The response of S3.
const EXPIRED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";

/// Four megabytes at a time: each piece moves three clocks.
const PIECE: usize = 1 << 22;
