//! Opens a user's video URL and reads ranges of it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use reqwest::Response;
use tokio::time::timeout;

use super::address::{AddressPolicy, Lookup, SystemLookup};
use super::client::{ClientError, MediaClient, Part};
use super::file::{Opened, VideoFile, VideoUrl};
use super::reply::{self, ContentRange};
use super::source_error::SourceError;
use super::stream::VideoStream;
use crate::http::{tls_config, tls_config_trusting};

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

/// Opens videos and reads ranges of them. Follows redirects to allowed URLs, uses no proxy and retries nothing.
#[derive(Clone)]
pub struct Sources {
    client: MediaClient,
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
        Ok(Self { client: MediaClient::new(policy, lookup, tls)? })
    }

    #[cfg(test)]
    pub(super) fn with_stall(self, stall: Duration) -> Self {
        Self { client: self.client.with_stall(stall) }
    }

    /// Reads a file's beginning and learns its length, validators and whether ranges are served.
    pub async fn open(&self, url: &str) -> Result<Opened, SourceError> {
        let url = VideoUrl::parse(url, self.client.policy())?;
        let mut response = self.client.send(&url, Some(0..HEAD), HeaderMap::new()).await?;
        if let Some(length) = reply::refused_range(&response) {
            if length == 0 {
                return Err(SourceError::Empty);
            }
            // The file is there. Some servers refuse what reaches beyond its end, others every range.
            let range = (length < HEAD).then_some(0..length);
            response = self.client.send(&url, range, HeaderMap::new()).await?;
        }
        let (mut file, mut part) = self.found(&url, response).await?;
        if file.ranged && !file.is_named() {
            // Two responses without tag or date may be of two files and are never put together: the file must come in
            // one response.
            let response = self.client.send(&url, None, HeaderMap::new()).await?;
            if response.status() != StatusCode::OK {
                return Err(SourceError::RangeUnsupported);
            }
            (file, part) = self.found(&url, response).await?;
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
    async fn found(&self, url: &VideoUrl, response: Response) -> Result<(VideoFile, Part), SourceError> {
        let headers = response.headers();
        if response.status().is_success() && !reply::is_plain(headers) {
            return Err(SourceError::Encoded);
        }
        let (size, end, ranged) = match response.status() {
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
            _ => return Err(self.client.failure(url, response).await),
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
            redirects: response.url().as_str() != url.expose(),
        };
        Ok((file, Part::of(response, 0..end)?))
    }

    /// Streams one range of a file that must be the one that was opened. A server without ranges is read from the
    /// file's beginning, wherever the range begins.
    pub(super) async fn read(&self, file: &VideoFile, range: Range<u64>) -> Result<VideoStream, SourceError> {
        if range.is_empty() || range.end > file.size {
            return Err(SourceError::RangeOutside);
        }
        // Some servers refuse a single byte: its neighbour is read with it.
        let is_lone = file.ranged && range.start > 0 && range.end - range.start == 1;
        let wanted = if is_lone { range.start - 1..range.end } else { range.clone() };
        let part = self.client.part(file, wanted).await?;
        let end = if file.ranged { range.end } else { file.size };
        let mut stream = self.stream(file, part, end);
        while is_lone && stream.at() < range.start {
            stream.next(range.start).await?;
        }
        Ok(stream)
    }

    fn stream(&self, file: &VideoFile, part: Part, end: u64) -> VideoStream {
        VideoStream::new(self.client.clone(), file.clone(), part, end)
    }

    /// Confirms with one short request that the file is still the one that was opened, and fails if it is not.
    pub(super) async fn confirm(&self, file: &VideoFile) -> Result<(), SourceError> {
        let glance = self.client.part(file, 0..file.size.min(GLANCE));
        timeout(CONFIRMATION.min(self.client.stall()), glance)
            .await
            .unwrap_or(Err(SourceError::Stalled))
            .map(drop)
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
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("policy", &self.client.policy()).finish_non_exhaustive()
    }
}
