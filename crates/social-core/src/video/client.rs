//! The media client: sends one request for a video and reads what its response is.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, Response};
use tokio::time::timeout;
use url::Url;

use super::address::{self, AddressPolicy, CheckedLookup, Lookup, SystemLookup};
use super::file::{VideoFile, VideoUrl};
use super::source_error::{Refusal, SourceError};
use super::{expiry, hops, reply, same};
use crate::http::tls_config;

/// A server that sends nothing for this long has stopped. Slow disks and cold caches respond well before.
const STALL: Duration = Duration::from_secs(20);

/// A TCP and TLS handshake across the world takes under a second; a lost packet or two adds three.
const CONNECT: Duration = Duration::from_secs(10);

/// An error's body is read this far to distinguish an expired link from a forbidden one.
const ERROR_BODY: usize = 8 * 1024;

/// Why the media client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the media client could not be set up: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// How the end of a body is known (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By `Content-Length`, which the HTTP client enforces.
    Length,
    /// By the end of the connection or of the last chunk. Its last bytes wait until the body has really ended.
    Delimited,
}

/// A response that has begun: a part of a file.
pub(super) struct Part {
    pub(super) body: reqwest::Body,
    /// What the body must be.
    pub(super) span: Range<u64>,
    pub(super) framing: Framing,
}

impl Part {
    /// Takes a response that claims to be this part of a file.
    pub(super) fn of(response: Response, span: Range<u64>) -> Result<Self, SourceError> {
        let expected = span.end - span.start;
        let framing = match reply::content_length(response.headers()) {
            Some(declared) if declared < expected => {
                return Err(SourceError::Truncated { missing: expected - declared });
            }
            Some(declared) if declared > expected => return Err(SourceError::TooLong),
            Some(_) => Framing::Length,
            None => Framing::Delimited,
        };
        Ok(Self { body: reqwest::Body::from(response), span, framing })
    }
}

/// Returns a client that connects to allowed addresses only, follows no redirects, uses no proxy and retries nothing.
/// URLs that name an address are not its own concern: see [`address::check`].
///
/// # Errors
/// When the client cannot be set up.
pub(crate) fn guarded_client(policy: AddressPolicy) -> Result<Client, ClientError> {
    guarded(policy, Arc::new(SystemLookup), tls_config())
}

fn guarded(
    policy: AddressPolicy,
    lookup: Arc<dyn Lookup>,
    tls: rustls::ClientConfig,
) -> Result<Client, ClientError> {
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
    Ok(client)
}

/// Follows redirects to allowed URLs, uses no proxy and retries nothing.
#[derive(Clone)]
pub(super) struct MediaClient {
    client: Client,
    policy: AddressPolicy,
    stall: Duration,
}

impl MediaClient {
    pub(super) fn new(
        policy: AddressPolicy,
        lookup: Arc<dyn Lookup>,
        tls: rustls::ClientConfig,
    ) -> Result<Self, ClientError> {
        Ok(Self { client: guarded(policy, lookup, tls)?, policy, stall: STALL })
    }

    #[cfg(test)]
    pub(super) fn with_stall(self, stall: Duration) -> Self {
        Self { stall, ..self }
    }

    /// Returns which URLs it may request.
    pub(super) fn policy(&self) -> AddressPolicy {
        self.policy
    }

    /// Returns how long a server may send nothing.
    pub(super) fn stall(&self) -> Duration {
        self.stall
    }

    /// The part of a range that one response has: as much of it as the server sends at a time.
    pub(super) async fn part(&self, file: &VideoFile, range: Range<u64>) -> Result<Part, SourceError> {
        let wanted = file.ranged.then(|| range.clone());
        let response = self.send(&file.url, wanted, same::conditions(file)).await?;
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
        Part::of(response, span)
    }

    /// Sends a request and follows redirects, each to an allowed URL only.
    pub(super) async fn send(
        &self,
        url: &VideoUrl,
        range: Option<Range<u64>>,
        conditions: HeaderMap,
    ) -> Result<Response, SourceError> {
        // The URL may come from a database row: it is judged each time, under today's policy.
        let mut url = Url::parse(url.expose()).map_err(|_| SourceError::UrlInvalid)?;
        address::check(&url, self.policy)?;
        let exchange = async {
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
        timeout(self.stall, exchange).await.unwrap_or(Err(SourceError::Stalled))
    }

    /// Finds out why a response is no success.
    pub(super) async fn failure(&self, url: &VideoUrl, mut response: Response) -> SourceError {
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
