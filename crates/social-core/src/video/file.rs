//! A video as it was opened: everything that later reads must find unchanged.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use super::address::{self, AddressPolicy};
use super::expiry;
use super::source_error::SourceError;
use crate::clock::Timestamp;

/// The URL of a video, often signed and so a secret: it prints without its query.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct VideoUrl(String);

impl VideoUrl {
    /// Parses a URL and refuses what no video may be read from under the policy.
    pub fn parse(text: &str, policy: AddressPolicy) -> Result<Self, SourceError> {
        let mut url = Url::parse(text.trim()).map_err(|_| SourceError::UrlInvalid)?;
        address::check(&url, policy)?;
        url.set_fragment(None);
        Ok(Self(url.into()))
    }

    /// The whole URL, query and signature included.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The time from which a signed URL is refused, if the URL names it.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        Url::parse(&self.0).ok().as_ref().and_then(expiry::of)
    }
}

impl fmt::Debug for VideoUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(url) = Url::parse(&self.0) else { return f.write_str("VideoUrl(…)") };
        write!(f, "VideoUrl({}://{}{})", url.scheme(), url.host_str().unwrap_or_default(), url.path())
    }
}

impl<'de> Deserialize<'de> for VideoUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Only the shape is checked here: the policy is not ours to know, and every read checks it anyway.
        let text = String::deserialize(deserializer)?;
        if Url::parse(&text).is_err() {
            return Err(serde::de::Error::custom("not a URL"));
        }
        Ok(Self(text))
    }
}

/// What was found at a URL when it was opened. Every later read is checked against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFile {
    /// Its URL.
    pub url: VideoUrl,
    /// Its length in bytes; never 0.
    pub size: u64,
    /// Its entity tag, as sent. A strong one promises the same bytes. A weak one does not, but another weak one
    /// means another file (RFC 9110 §8.8.1).
    pub etag: Option<String>,
    /// Its `Last-Modified`, as sent.
    pub last_modified: Option<String>,
    /// Its media type by the server: a claim, not a fact.
    pub media_type: Option<String>,
    /// Whether ranges of it can be read and put together: the server serves range requests, and names the file by a
    /// strong tag or a date. If not, the file can be read from its beginning only, in one response.
    pub ranged: bool,
    /// Whether its URL redirects. We follow; a platform that downloads the video may not.
    #[serde(default)]
    pub redirects: bool,
}

/// A file that was just opened, with its beginning.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The file.
    pub file: VideoFile,
    /// Its first bytes, as many as the first response had.
    pub(super) head: Bytes,
}

impl VideoFile {
    /// The entity tag, if it promises the same bytes.
    pub(super) fn strong_etag(&self) -> Option<&str> {
        self.etag.as_deref().filter(|tag| !tag.starts_with("W/"))
    }

    /// Whether its server names it, so that another file in its place is noticed.
    pub(super) fn is_named(&self) -> bool {
        self.strong_etag().is_some() || self.last_modified.is_some()
    }
}
