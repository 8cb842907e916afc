//! Reads requests in the way that all platforms share.

use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use std::collections::HashMap;
use url::{Host, Url};

/// A form's fields.
pub(crate) type Form = HashMap<String, String>;

/// Returns the token of the `Authorization` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    token(headers, "bearer")
}

/// Returns the token if it has this scheme.
pub(crate) fn token<'headers>(headers: &'headers HeaderMap, wanted: &str) -> Option<&'headers str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then_some(token.trim())
}

/// Returns a client's id and secret from HTTP Basic, undecoded (RFC 6749 §2.3.1).
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(token(headers, "basic")?).ok()?;
    let (name, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

/// Returns the fields of a body with the content type of a form.
pub(crate) fn form(headers: &HeaderMap, body: &Bytes) -> Option<Form> {
    is_of(headers, "application/x-www-form-urlencoded")
        .then(|| url::form_urlencoded::parse(body).into_owned().collect())
}

/// Returns the content type without its parameters, in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = value.split_once(';').map_or(value, |(kind, _)| kind);
    kind.trim().to_ascii_lowercase()
}

/// Reports whether the request's content type is `wanted`, with any parameters.
pub(crate) fn is_of(headers: &HeaderMap, wanted: &str) -> bool {
    media_type(headers) == wanted
}

/// Returns the announced length of the body.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Returns the error for a request that does not announce the length of its body, even zero.
pub(crate) fn lacks_length(headers: &HeaderMap) -> Option<Response> {
    if headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    Some((StatusCode::LENGTH_REQUIRED, Html("<h1>411 Length Required</h1>")).into_response())
}

/// Reports whether the URL leads to the same machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A `Content-Range` (RFC 9110 §14.4); a total of `*` is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentRange {
    /// `bytes first-last/total`.
    Bytes { first: u64, last: u64, total: Option<u64> },
    /// `bytes */total`.
    Nothing { total: Option<u64> },
}

impl ContentRange {
    /// Returns the header, if it is present and valid.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
        let (range, total) = text.split_once('/')?;
        let total = if total == "*" { None } else { Some(total.parse().ok()?) };
        if range == "*" {
            return Some(Self::Nothing { total });
        }
        let (first, last) = range.split_once('-')?;
        Some(Self::Bytes { first: first.parse().ok()?, last: last.parse().ok()?, total })
    }

    /// Reports whether it ends at the end of the whole.
    pub(crate) fn is_last(self) -> bool {
        match self {
            Self::Bytes { last, total, .. } => Some(last.saturating_add(1)) == total,
            Self::Nothing { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContentRange;
    use http::{HeaderMap, HeaderValue, header};

    fn read(text: &'static str) -> Option<ContentRange> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_RANGE, HeaderValue::from_static(text));
        ContentRange::read(&headers)
    }

    #[test]
    fn a_content_range_is_read_to_the_letter() {
        assert_eq!(read("bytes 0-9/10"), Some(ContentRange::Bytes { first: 0, last: 9, total: Some(10) }));
        assert_eq!(read("bytes 0-9/*"), Some(ContentRange::Bytes { first: 0, last: 9, total: None }));
        assert_eq!(read("bytes */10"), Some(ContentRange::Nothing { total: Some(10) }));
        assert_eq!(read("bytes */*"), Some(ContentRange::Nothing { total: None }));
        for bad in ["bytes 0--1/0", "0-9/10", "bytes=0-9/10", "bytes 0-9", "bytes 0-9/", "bytes -9/10"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
