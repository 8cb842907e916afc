//! The media client: opens a user's video URL and reads ranges of it.

use std::error::Error;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, Response};
use tokio::time::timeout;
use url::Url;

use super::address::{self, AddressPolicy, CheckedLookup, Lookup, Refusal, SystemLookup};
use super::file::{VideoFile, VideoUrl};
use super::reply::{self, ContentRange};
use super::source_error::SourceError;
use super::stream::{Ending, VideoStream};

/// A server that sends nothing for this long has stopped; slow disks and cold caches answer well before.
const STALL: Duration = Duration::from_secs(20);

/// A TCP and TLS handshake across the world takes under a second; a lost packet or two adds three.
const CONNECT: Duration = Duration::from_secs(10);

/// An error's body is read this far to tell an expired link from a forbidden one.
const ERROR_BODY: usize = 8 * 1024;

/// `read_all` is for headers of files, not for files.
const READ_ALL: u64 = 8 * 1024 * 1024;

/// 32 MB: what a server without ranges may have to send before what is wanted of a file: 5 s at 50 Mbit/s, which fits a
/// ten-second function. Movie headers at the end of a larger file are out of reach.
const READ_THROUGH: u64 = 32_000_000;

/// 3 s: so long a last stretch waits to hear that the file is still the same.
const CONFIRMATION: Duration = Duration::from_secs(3);

/// Why the media client could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS configuration.
    #[error("the media client's TLS could not be set up")]
    Tls(#[from] rustls::Error),
    /// The HTTP client.
    #[error("the media client could not be set up")]
    Client(#[from] reqwest::Error),
}

/// Opens videos and reads ranges of them; never follows a redirect, uses a proxy or retries.
#[derive(Clone)]
pub struct Sources {
    client: Client,
    policy: AddressPolicy,
    stall: Duration,
}

impl Sources {
    /// Builds the client with the system's resolver.
    pub fn new(policy: AddressPolicy) -> Result<Self, ClientError> {
        Self::with_lookup(policy, Arc::new(SystemLookup))
    }

    /// Builds the client with another resolver; its answers are filtered all the same.
    pub fn with_lookup(policy: AddressPolicy, lookup: Arc<dyn Lookup>) -> Result<Self, ClientError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls()?)
            .dns_resolver(CheckedLookup { policy, lookup })
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            // One large body per connection: HTTP/2's flow control only slows it down.
            .http1_only()
            .connect_timeout(CONNECT)
            .user_agent("social-publisher")
            .build()?;
        Ok(Self { client, policy, stall: STALL })
    }

    #[cfg(test)]
    pub(super) fn with_stall(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// Asks for the first byte and learns the file's length, validators and whether ranges are served.
    pub async fn open(&self, url: &str) -> Result<VideoFile, SourceError> {
        let url = VideoUrl::parse(url, self.policy)?;
        let mut response = self.send(&url, Some(0..1), HeaderMap::new()).await?;
        let headers = response.headers();
        let (size, ranged) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = ContentRange::of(headers).ok_or(SourceError::RangeUnsupported)?;
                if (range.first, range.last) != (0, 0) {
                    return Err(SourceError::RangeMismatch);
                }
                (range.total, true)
            }
            StatusCode::OK => (reply::content_length(headers), false),
            StatusCode::RANGE_NOT_SATISFIABLE if ContentRange::unsatisfied(headers) == Some(0) => {
                (Some(0), true)
            }
            _ => return Err(self.failure(&url, response).await),
        };
        if !reply::is_plain(headers) {
            return Err(SourceError::RangeMismatch);
        }
        let size = size.ok_or(SourceError::RangeUnsupported)?;
        if size == 0 {
            return Err(SourceError::Empty);
        }
        let etag = reply::etag(headers);
        let last_modified = reply::kept(headers, header::LAST_MODIFIED);
        let media_type = reply::kept(headers, header::CONTENT_TYPE);
        if ranged && reply::content_length(headers) == Some(1) {
            // Taken off the connection, so that the next read need not make another.
            let _ = timeout(self.stall, response.chunk()).await;
        }
        let mut file = VideoFile { url, size, etag, last_modified, media_type, ranged };
        // Two answers that name no file cannot be told to be of one: never put together what may be two.
        file.ranged &= file.strong_etag().is_some() || file.last_modified.is_some();
        Ok(file)
    }

    /// Streams one range of a file that must be the one that was opened. A server without ranges is read from the
    /// file's beginning, wherever the range begins.
    pub(super) async fn read(&self, file: &VideoFile, range: Range<u64>) -> Result<VideoStream, SourceError> {
        if range.is_empty() || range.end > file.size {
            return Err(SourceError::RangeOutside);
        }
        let asked = file.ranged.then(|| range.clone());
        let response = self.send(&file.url, asked, conditions(file)).await?;
        let span = match (response.status(), file.ranged) {
            (StatusCode::PARTIAL_CONTENT, true) => {
                check_range(file, &range, response.headers())?;
                range
            }
            (StatusCode::OK, false) => 0..file.size,
            (StatusCode::OK, true) => return Err(whole(file, response.headers())),
            (StatusCode::RANGE_NOT_SATISFIABLE, _) => return Err(outside(file, response.headers())),
            _ => return Err(self.failure(&file.url, response).await),
        };
        check_same(file, response.headers())?;
        let declared = reply::content_length(response.headers());
        let expected = span.end - span.start;
        if declared.is_some_and(|declared| declared != expected) && !file.ranged {
            return Err(SourceError::Changed);
        }
        match declared {
            Some(declared) if declared < expected => {
                return Err(SourceError::Truncated { missing: expected - declared });
            }
            Some(declared) if declared > expected => return Err(SourceError::TooLong),
            _ => {}
        }
        let ending = if declared.is_some() { Ending::Declared } else { Ending::Open };
        Ok(VideoStream::new(reqwest::Body::from(response), span.start, span.end, ending, self.stall))
    }

    /// Fails if another file lies there by now. Whatever else keeps that from being told is no proof of it.
    pub(super) async fn confirm(&self, file: &VideoFile) -> Result<(), SourceError> {
        let first = file.ranged.then_some(0..1);
        let asked = timeout(CONFIRMATION, self.send(&file.url, first.clone(), conditions(file))).await;
        let Ok(Ok(response)) = asked else { return Ok(()) };
        let same = match (response.status(), first) {
            (StatusCode::PARTIAL_CONTENT, Some(first)) => check_range(file, &first, response.headers())
                .and_then(|()| check_same(file, response.headers())),
            (StatusCode::OK, _) => match reply::content_length(response.headers()) {
                Some(length) if length != file.size => Err(SourceError::Changed),
                _ => check_same(file, response.headers()),
            },
            (StatusCode::PRECONDITION_FAILED, _) => Err(SourceError::Changed),
            _ => Ok(()),
        };
        same.or_else(|error| if matches!(error, SourceError::Changed) { Err(error) } else { Ok(()) })
    }

    /// Reads one short range, at most 8 MiB, into memory. A server without ranges has to send all that lies before it,
    /// so that must not be much.
    pub async fn read_all(&self, file: &VideoFile, range: Range<u64>) -> Result<Bytes, SourceError> {
        let length = range.end.saturating_sub(range.start);
        if length > READ_ALL {
            return Err(SourceError::RangeOutside);
        }
        if !file.ranged && range.start > READ_THROUGH {
            return Err(SourceError::RangeUnsupported);
        }
        let (start, end) = (range.start, range.end);
        let mut stream = self.read(file, range).await?;
        while stream.at() < start {
            stream.next(start).await?;
        }
        let mut bytes = BytesMut::with_capacity(usize::try_from(length).unwrap_or(0));
        while stream.at() < end {
            bytes.extend_from_slice(&stream.next(end).await?);
        }
        Ok(bytes.freeze())
    }

    async fn send(
        &self,
        url: &VideoUrl,
        range: Option<Range<u64>>,
        conditions: HeaderMap,
    ) -> Result<Response, SourceError> {
        // The URL may come from a database row: it is judged each time, under today's policy.
        let url = Url::parse(url.expose()).map_err(|_| SourceError::UrlInvalid)?;
        address::check(&url, self.policy)?;
        let mut request =
            self.client.get(url).headers(conditions).header(header::ACCEPT_ENCODING, "identity");
        if let Some(range) = range {
            request = request.header(header::RANGE, format!("bytes={}-{}", range.start, range.end - 1));
        }
        match timeout(self.stall, request.send()).await {
            Ok(answer) => answer.map_err(|error| unreachable(error.without_url())),
            Err(_) => Err(SourceError::Stalled),
        }
    }

    async fn failure(&self, url: &VideoUrl, mut response: Response) -> SourceError {
        let status = response.status();
        // By the server's own clock: ours may be off.
        let now = reply::date(response.headers());
        let is_over = url.expires_at().zip(now).is_some_and(|(end, now)| end <= now);
        let mut body = BytesMut::new();
        let reading = async {
            while body.len() < ERROR_BODY {
                let Ok(Some(chunk)) = response.chunk().await else { break };
                let room = ERROR_BODY - body.len();
                body.extend_from_slice(&chunk.slice(..chunk.len().min(room)));
            }
        };
        // The whole of it against one clock: an error is not worth a slow drip.
        let _ = timeout(self.stall, reading).await;
        reply::failure(status, &body, is_over)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("policy", &self.policy).finish_non_exhaustive()
    }
}

fn tls() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// "Only if it is still the same file": by strong tag, else by date (RFC 9110 §13.1). Not `If-Range`, which answers a
/// changed file by sending all of the new one.
fn conditions(file: &VideoFile) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(value) = file.strong_etag().and_then(|tag| tag.parse().ok()) {
        headers.insert(header::IF_MATCH, value);
    } else if let Some(value) = file.last_modified.as_ref().and_then(|date| date.parse().ok()) {
        headers.insert(header::IF_UNMODIFIED_SINCE, value);
    }
    headers
}

/// All of the file where a part was asked for: of the same file it is a cache that does not care, and asked again it
/// may; of another it is a change.
fn whole(file: &VideoFile, headers: &HeaderMap) -> SourceError {
    match check_same(file, headers) {
        Err(error) => error,
        Ok(()) if reply::content_length(headers) == Some(file.size) => SourceError::RangeIgnored,
        Ok(()) => SourceError::Changed,
    }
}

/// A part of the file is no longer there, unless the file is as long as it was.
fn outside(file: &VideoFile, headers: &HeaderMap) -> SourceError {
    if ContentRange::unsatisfied(headers) == Some(file.size) {
        SourceError::RangeMismatch
    } else {
        SourceError::Changed
    }
}

/// The range must be the one asked for, of a file as long as it was.
fn check_range(file: &VideoFile, range: &Range<u64>, headers: &HeaderMap) -> Result<(), SourceError> {
    let found = ContentRange::of(headers).ok_or(SourceError::RangeMismatch)?;
    if found.total.is_some_and(|total| total != file.size) {
        return Err(SourceError::Changed);
    }
    if found.total.is_none() || found.first != range.start || found.last != range.end - 1 {
        return Err(SourceError::RangeMismatch);
    }
    Ok(())
}

/// Servers that ignore conditions still name their file: hold them to the name, the date and the type.
fn check_same(file: &VideoFile, headers: &HeaderMap) -> Result<(), SourceError> {
    if !reply::is_plain(headers) {
        return Err(SourceError::RangeMismatch);
    }
    let is_pinned = |pinned: &Option<String>, found: Option<String>| pinned.is_none() || *pinned == found;
    let same_tag = is_pinned(&file.etag, reply::etag(headers));
    // Where a strong tag holds, dates may differ between the machines of one service.
    let same_date = file.strong_etag().is_some()
        || is_pinned(&file.last_modified, reply::kept(headers, header::LAST_MODIFIED));
    // A type may be left out of a part; another one may not come in its place.
    let found = reply::kept(headers, header::CONTENT_TYPE);
    let same_type = file
        .media_type
        .as_deref()
        .zip(found.as_deref())
        .is_none_or(|(pinned, found)| is_same_type(pinned, found));
    if same_tag && same_date && same_type { Ok(()) } else { Err(SourceError::Changed) }
}

/// Without parameters and in any case (RFC 9110 §8.3.1).
fn is_same_type(one: &str, other: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence(one) == essence(other)
}

/// Finds our own refusal among the causes of a failed connection.
fn unreachable(error: reqwest::Error) -> SourceError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(found) = cause {
        if let Some(&refusal) = found.downcast_ref::<Refusal>() {
            return refusal.into();
        }
        cause = found.source();
    }
    SourceError::Unreachable(error)
}
