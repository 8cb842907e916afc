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

use crate::http::{tls_config, tls_config_trusting};

use super::address::{self, AddressPolicy, CheckedLookup, Lookup, Refusal, SystemLookup};
use super::file::{Opened, VideoFile, VideoUrl};
use super::reply::{self, ContentRange};
use super::source_error::SourceError;
use super::stream::{Ending, Part, VideoStream};
use super::{expiry, hops, same};

/// A server that sends nothing for this long has stopped. Slow disks and cold caches respond well before.
const STALL: Duration = Duration::from_secs(20);

/// A TCP and TLS handshake across the world takes under a second; a lost packet or two adds three.
const CONNECT: Duration = Duration::from_secs(10);

/// An error's body is read this far to distinguish an expired link from a forbidden one.
const ERROR_BODY: usize = 8 * 1024;

/// `read_all` is for headers of files, not for files.
const READ_ALL: u64 = 8 * 1024 * 1024;

/// 32 MB that a server without ranges may have to send before the needed bytes: 5 s at 50 Mbit/s, which fits a
/// ten-second function. Movie headers at the end of a larger file are out of reach.
const READ_THROUGH: u64 = 32_000_000;

/// 64 KiB: a file is opened with its beginning, where most headers are. Not with one byte: some servers respond to that
/// with the whole file, others not at all.
pub(super) const HEAD: u64 = 64 * 1024;

/// 16 bytes are requested if only the headers matter. One byte would do, except for those servers.
const GLANCE: u64 = 16;

/// 10 s: the end of a file waits this long for the confirmation that it is unchanged. A slower server has failed.
const CONFIRMATION: Duration = Duration::from_secs(10);

/// Why the media client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the media client could not be set up: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// Opens videos and reads ranges of them. Follows redirects to allowed URLs, uses no proxy and retries nothing.
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

    /// Builds the client with another resolver, whose results are filtered in the same way.
    pub fn with_lookup(policy: AddressPolicy, lookup: Arc<dyn Lookup>) -> Result<Self, ClientError> {
        Self::with_tls(policy, lookup, tls_config())
    }

    /// Builds a client that trusts these authorities in place of the public ones.
    pub fn trusting(policy: AddressPolicy, authorities: rustls::RootCertStore) -> Result<Self, ClientError> {
        Self::with_tls(policy, Arc::new(SystemLookup), tls_config_trusting(authorities))
    }

    fn with_tls(
        policy: AddressPolicy,
        lookup: Arc<dyn Lookup>,
        tls: rustls::ClientConfig,
    ) -> Result<Self, ClientError> {
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
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

    /// Reads a file's beginning and learns its length, validators and whether ranges are served.
    pub async fn open(&self, url: &str) -> Result<Opened, SourceError> {
        let url = VideoUrl::parse(url, self.policy)?;
        let mut answer = self.send(&url, Some(0..HEAD), HeaderMap::new()).await?;
        if let Some(length) = reply::refused_range(&answer) {
            if length == 0 {
                return Err(SourceError::Empty);
            }
            // The file is there. Some servers refuse what reaches beyond its end, others every range.
            let range = (length < HEAD).then_some(0..length);
            answer = self.send(&url, range, HeaderMap::new()).await?;
        }
        let (mut file, mut part) = self.found(&url, answer).await?;
        if file.ranged && !file.is_named() {
            // Two responses without tag or date may be of two files and are never put together: the file must come in
            // one response.
            let answer = self.send(&url, None, HeaderMap::new()).await?;
            if answer.status() != StatusCode::OK {
                return Err(SourceError::RangeUnsupported);
            }
            (file, part) = self.found(&url, answer).await?;
        }
        let begun = part.span.end.min(HEAD);
        let mut stream = self.stream(&file, part, begun);
        let mut head = BytesMut::new();
        while stream.at() < begun {
            head.extend_from_slice(&stream.next(begun).await?);
        }
        Ok(Opened { file, head: head.freeze() })
    }

    /// The file that a response is the beginning of.
    async fn found(&self, url: &VideoUrl, answer: Response) -> Result<(VideoFile, Part), SourceError> {
        let headers = answer.headers();
        if answer.status().is_success() && !reply::is_plain(headers) {
            return Err(SourceError::Encoded);
        }
        let (size, end, ranged) = match answer.status() {
            StatusCode::PARTIAL_CONTENT => {
                let range = ContentRange::of(headers).ok_or(SourceError::RangeUnsupported)?;
                if range.first != 0 {
                    return Err(SourceError::RangeMismatch);
                }
                (range.total.ok_or(SourceError::RangeUnsupported)?, range.last.saturating_add(1), true)
            }
            StatusCode::OK => {
                let length = reply::content_length(headers).ok_or(SourceError::RangeUnsupported)?;
                (length, length, false)
            }
            _ => return Err(self.failure(url, answer).await),
        };
        if size == 0 {
            return Err(SourceError::Empty);
        }
        let file = VideoFile {
            url: url.clone(),
            size,
            etag: reply::etag(headers),
            last_modified: reply::kept(headers, header::LAST_MODIFIED),
            media_type: reply::kept(headers, header::CONTENT_TYPE),
            ranged,
            redirects: answer.url().as_str() != url.expose(),
        };
        Ok((file, part_of(answer, 0..end)?))
    }

    /// Streams one range of a file that must be the one that was opened. A server without ranges is read from the
    /// file's beginning, wherever the range begins.
    pub(super) async fn read(&self, file: &VideoFile, range: Range<u64>) -> Result<VideoStream, SourceError> {
        if range.is_empty() || range.end > file.size {
            return Err(SourceError::RangeOutside);
        }
        // Some servers refuse a single byte: its neighbour is read with it.
        let is_lone = file.ranged && range.start > 0 && range.end - range.start == 1;
        let asked = if is_lone { range.start - 1..range.end } else { range.clone() };
        let part = self.part(file, asked).await?;
        let end = if file.ranged { range.end } else { file.size };
        let mut stream = self.stream(file, part, end);
        while is_lone && stream.at() < range.start {
            stream.next(range.start).await?;
        }
        Ok(stream)
    }

    /// The part of a range that one response has: as much of it as the server sends at a time.
    pub(super) async fn part(&self, file: &VideoFile, range: Range<u64>) -> Result<Part, SourceError> {
        let asked = file.ranged.then(|| range.clone());
        let response = self.send(&file.url, asked, same::conditions(file)).await?;
        let headers = response.headers();
        let span = match (response.status(), file.ranged) {
            (StatusCode::PARTIAL_CONTENT, true) => same::part(file, &range, headers)?,
            (StatusCode::OK, true) => same::whole(file, &range, headers)?,
            (StatusCode::OK, false) => {
                same::check(file, headers)?;
                if reply::content_length(headers).is_some_and(|length| length != file.size) {
                    return Err(SourceError::Changed);
                }
                0..file.size
            }
            (StatusCode::RANGE_NOT_SATISFIABLE, _) => return Err(same::outside(file, headers)),
            _ => return Err(self.failure(&file.url, response).await),
        };
        part_of(response, span)
    }

    fn stream(&self, file: &VideoFile, part: Part, end: u64) -> VideoStream {
        VideoStream::new(self.clone(), file.clone(), part, end, self.stall)
    }

    /// Confirms with one short request that the file is still the one that was opened, and fails if it is not.
    pub(super) async fn confirm(&self, file: &VideoFile) -> Result<(), SourceError> {
        let glance = self.part(file, 0..file.size.min(GLANCE));
        timeout(CONFIRMATION.min(self.stall), glance).await.unwrap_or(Err(SourceError::Stalled)).map(drop)
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

    /// Sends a request and follows redirects, each to an allowed URL only.
    async fn send(
        &self,
        url: &VideoUrl,
        range: Option<Range<u64>>,
        conditions: HeaderMap,
    ) -> Result<Response, SourceError> {
        // The URL may come from a database row: it is judged each time, under today's policy.
        let mut url = Url::parse(url.expose()).map_err(|_| SourceError::UrlInvalid)?;
        address::check(&url, self.policy)?;
        let asking = async {
            for _ in 0..=hops::MOST_HOPS {
                let mut request = self
                    .client
                    .get(url)
                    .headers(conditions.clone())
                    .header(header::ACCEPT_ENCODING, "identity");
                if let Some(range) = &range {
                    request =
                        request.header(header::RANGE, format!("bytes={}-{}", range.start, range.end - 1));
                }
                let response = request.send().await.map_err(|error| unreachable(error.without_url()))?;
                match hops::next(&response, self.policy)? {
                    Some(next) => url = next,
                    None => return Ok(response),
                }
            }
            Err(SourceError::Redirects)
        };
        timeout(self.stall, asking).await.unwrap_or(Err(SourceError::Stalled))
    }

    async fn failure(&self, url: &VideoUrl, mut response: Response) -> SourceError {
        let status = response.status();
        // By the server's own clock: ours may be off.
        let now = reply::date(response.headers());
        let ends = [url.expires_at(), expiry::of(response.url())];
        let is_over = now.is_some_and(|now| ends.into_iter().flatten().any(|end| end <= now));
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

/// A response that claims to be this part of a file.
fn part_of(response: Response, span: Range<u64>) -> Result<Part, SourceError> {
    let expected = span.end - span.start;
    let ending = match reply::content_length(response.headers()) {
        Some(declared) if declared < expected => {
            return Err(SourceError::Truncated { missing: expected - declared });
        }
        Some(declared) if declared > expected => return Err(SourceError::TooLong),
        Some(_) => Ending::Declared,
        None => Ending::Open,
    };
    Ok(Part { body: reqwest::Body::from(response), span, ending })
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
