//! A media server that responds exactly as a test requires.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::video::source::HEAD;
use crate::video::{AddressPolicy, Sources};

/// One request: its lines, in lower case but for the first.
#[derive(Debug, Clone)]
pub(super) struct Request(Vec<String>);

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// What it is for: path and query.
    pub(super) fn path(&self) -> &str {
        self.0.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default()
    }

    /// The requested range, its end exclusive.
    pub(super) fn range(&self) -> Option<Range<u64>> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some(first.parse().ok()?..last.parse::<u64>().ok()? + 1)
    }

    /// Whether it requests a file's beginning without a condition.
    pub(super) fn opens(&self) -> bool {
        self.range() == Some(0..HEAD)
            && self.header("if-match").or(self.header("if-unmodified-since")).is_none()
    }

    /// What of the range lies within a file of this size.
    pub(super) fn range_of(&self, size: u64) -> Option<Range<u64>> {
        self.range().map(|range| range.start..range.end.min(size))
    }
}

/// What the server does after its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Close,
    Hang,
    Keep,
}

pub(super) type Answer = (Vec<u8>, Then);

pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (log, counter, answer) = (Arc::clone(&seen), Arc::clone(&connections), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream;
                    while converse(&mut stream, &log, &*answer) == Some(Then::Keep) {}
                    let _ = stream.shutdown(Shutdown::Both);
                });
            }
        });
        Self { address, seen, connections }
    }

    /// Serves bytes as an honest server with ranges does.
    pub(super) fn honest(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self::start(move |request| partial(request, &bytes, "\"v1\""))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

pub(super) fn sources() -> Sources {
    Sources::new(AddressPolicy::LoopbackAllowed).unwrap()
}

/// A head and a body, as they stand.
pub(super) fn raw(head: &str, body: &[u8]) -> Answer {
    let mut bytes = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    (bytes, Then::Close)
}

/// The requested part of some bytes, with 206 and its headers.
pub(super) fn partial(request: &Request, bytes: &[u8], etag: &str) -> Answer {
    let range = request.range_of(bytes.len().try_into().unwrap()).expect("a range");
    let part = &bytes[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
    raw(&partial_head(&range, bytes.len().try_into().unwrap(), etag), part)
}

/// The same over a connection that stays open.
pub(super) fn kept_alive(request: &Request, bytes: &[u8]) -> Answer {
    let (answer, _) = partial(request, bytes, "\"v1\"");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().replace("\r\nconnection: close", "");
    ([head.as_bytes(), &answer[end..]].concat(), Then::Keep)
}

pub(super) fn partial_head(range: &Range<u64>, size: u64, etag: &str) -> String {
    format!(
        "206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {}-{}/{size}\r\netag: {etag}\r\ncontent-type: video/mp4",
        range.end - range.start,
        range.start,
        range.end - 1
    )
}

fn converse(
    stream: &mut TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request) -> Answer,
) -> Option<Then> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let request = Request(text.lines().map(str::to_owned).collect());
    log.lock().unwrap().push(request.clone());
    let (bytes, then) = answer(&request);
    // A client that has heard enough may be gone.
    let _ = stream.write_all(&bytes);
    if then == Then::Hang {
        let _ = stream.read(&mut byte);
    }
    Some(then)
}
