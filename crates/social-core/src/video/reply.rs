//! What a media server's response means, good or bad.

use chrono::DateTime;
use http::{HeaderMap, StatusCode, header};
use reqwest::Response;

use super::source_error::SourceError;
use crate::clock::Timestamp;

/// Classifies a response that is no success. `body` is the beginning of its body, and `is_over` says whether the URL
/// had expired by then.
pub(super) fn failure(status: StatusCode, body: &[u8], is_over: bool) -> SourceError {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => SourceError::NotFound,
        StatusCode::PRECONDITION_FAILED => SourceError::Changed,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            SourceError::ServerError(status)
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            if is_over {
                SourceError::Expired
            } else {
                denied(status, body)
            }
        }
        // No request had a condition that could lead to this.
        StatusCode::NOT_MODIFIED => SourceError::Refused(status),
        _ if status.is_redirection() => SourceError::Redirects,
        _ if status.is_server_error() => SourceError::ServerError(status),
        _ => SourceError::Refused(status),
    }
}

/// What storage services write when a signature's time is over; found in lower case. The tests have each service's
/// whole response.
const EXPIRED: &[&str] = &[
    "request has expired",          // S3, MinIO, B2, OSS: <Code>AccessDenied</Code>
    "expiredrequest",               // R2
    "expiredtoken",                 // S3 with temporary credentials, Google Cloud Storage
    "claim timestamp check failed", // Supabase: {"error":"InvalidJWT"}
    "jwt expired",                  // Supabase, older
    "signature not valid in the specified time", // Azure Blob Storage
    "signed expiry time",           // Azure Blob Storage, of a delegated key
    "expired_auth_token",           // Backblaze B2's own API
    "signature has expired",
    "signature expired",
    "token has expired",
    "url has expired",
    "link has expired",
];

fn denied(status: StatusCode, body: &[u8]) -> SourceError {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    if EXPIRED.iter().any(|phrase| text.contains(phrase)) {
        return SourceError::Expired;
    }
    // Supabase responds with 400 and puts the meaning into the body.
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if compact.contains(r#""statuscode":"404""#) || compact.contains(r#""statuscode":404"#) {
        return SourceError::NotFound;
    }
    if status == StatusCode::BAD_REQUEST {
        SourceError::Refused(status)
    } else {
        SourceError::AccessDenied(status)
    }
}

/// A `Content-Range` of bytes: first, last (inclusive) and the whole length, if known (RFC 9110 §14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) total: Option<u64>,
}

impl ContentRange {
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.trim();
        let (unit, rest) = text.split_once(' ')?;
        let (span, total) = rest.trim().split_once('/')?;
        let (first, last) = span.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        let sane =
            unit.eq_ignore_ascii_case("bytes") && first <= last && total.is_none_or(|total| last < total);
        sane.then_some(Self { first, last, total })
    }

    /// The length in a 416 response: an empty file has `bytes */0`.
    pub(super) fn unsatisfied(headers: &HeaderMap) -> Option<u64> {
        number(headers.get(header::CONTENT_RANGE)?.to_str().ok()?.trim().strip_prefix("bytes */")?)
    }
}

fn number(text: &str) -> Option<u64> {
    // `parse` alone would take a leading `+`.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A header short and plain enough to store in a row and send back.
pub(super) fn kept(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= 256).then(|| text.to_owned())
}

/// The entity tag, strong or weak. What has no quotes is none: it could not be sent back (RFC 9110 §8.8.3).
pub(super) fn etag(headers: &HeaderMap) -> Option<String> {
    kept(headers, header::ETAG).filter(|tag| {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"')
    })
}

/// The time of the response by the server's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    Some(DateTime::parse_from_rfc2822(text).ok()?.to_utc())
}

/// The declared length of the body.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim())
}

/// Codings that are none: `aws-chunked` is how a file was once uploaded, and some stores return an empty one for an
/// upload without any.
const NO_CODINGS: &[&str] = &["", "identity", "aws-chunked"];

/// Whether the bytes are the file's own and not compressed on the way.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_ENCODING).iter().all(|value| {
        value.to_str().is_ok_and(|codings| {
            codings
                .split(',')
                .all(|coding| NO_CODINGS.iter().any(|none| coding.trim().eq_ignore_ascii_case(none)))
        })
    })
}

/// The file's length, if a response refuses a range of it and names the length.
pub(super) fn refused_range(response: &Response) -> Option<u64> {
    (response.status() == StatusCode::RANGE_NOT_SATISFIABLE)
        .then(|| ContentRange::unsatisfied(response.headers()))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Option<(u64, u64, Option<u64>)> {
        let headers = HeaderMap::from_iter([(header::CONTENT_RANGE, text.parse().unwrap())]);
        ContentRange::of(&headers).map(|found| (found.first, found.last, found.total))
    }

    #[test]
    fn a_content_range_is_read_strictly() {
        assert_eq!(range("bytes 0-0/10"), Some((0, 0, Some(10))));
        assert_eq!(range("bytes 5-9/*"), Some((5, 9, None)));
        for wrong in
            ["bytes 0-10/10", "bytes 5-4/10", "bytes */10", "items 0-1/2", "bytes +0-1/2", "bytes 0-/2", ""]
        {
            assert_eq!(range(wrong), None, "{wrong}");
        }
        assert_eq!(range("bytes 0-1/99999999999999999999999"), None);
    }

    #[test]
    fn only_what_changes_the_bytes_is_a_coding() {
        let is_plain_with = |codings: &[&str]| {
            is_plain(
                &codings.iter().map(|coding| (header::CONTENT_ENCODING, coding.parse().unwrap())).collect(),
            )
        };
        for none in [&[][..], &[""], &["identity"], &["aws-chunked"], &["AWS-Chunked, "], &["identity", ""]] {
            assert!(is_plain_with(none), "{none:?}");
        }
        for some in [&["gzip"][..], &["br"], &["aws-chunked,gzip"], &["", "zstd"], &["x"]] {
            assert!(!is_plain_with(some), "{some:?}");
        }
    }

    #[test]
    fn a_status_without_words_is_sorted_by_itself() {
        for (status, code) in [
            (302, "video_url_redirects"),
            (304, "video_refused"),
            (307, "video_url_redirects"),
            (400, "video_refused"),
            (401, "video_access_denied"),
            (403, "video_access_denied"),
            (404, "video_not_found"),
            (408, "video_server_error"),
            (410, "video_not_found"),
            (412, "video_changed"),
            (418, "video_refused"),
            (425, "video_server_error"),
            (429, "video_server_error"),
            (500, "video_server_error"),
            (503, "video_server_error"),
        ] {
            let error = failure(StatusCode::from_u16(status).unwrap(), b"", false);
            assert_eq!(error.code(), code, "{status}");
        }
    }

    #[test]
    fn a_tag_is_kept_as_sent_if_it_is_one() {
        let tagged = |tag: &str| etag(&HeaderMap::from_iter([(header::ETAG, tag.parse().unwrap())]));
        assert_eq!(tagged(r#""abc""#).as_deref(), Some(r#""abc""#));
        assert_eq!(tagged(r#"W/"abc""#).as_deref(), Some(r#"W/"abc""#));
        for none in ["abc", "W/abc", "\"", "w/\"abc\"", ""] {
            assert_eq!(tagged(none), None, "{none}");
        }
    }
}
