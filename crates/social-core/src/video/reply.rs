//! What a media server's answer means, good or bad.

use http::{HeaderMap, StatusCode, header};

use super::address::Refusal;

/// Why a video could not be read. No variant holds or prints the URL: signed URLs are secrets.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The text is not an absolute URL with a host.
    #[error("not a URL with a host")]
    UrlInvalid,
    /// Any scheme but `https`.
    #[error("not an https URL")]
    UrlNotHttps,
    /// The URL leads, or resolves, to somewhere a video may not be read from.
    #[error("forbidden URL: {0}")]
    UrlForbidden(#[from] Refusal),
    /// No connection, or one that broke before an answer came.
    #[error("no answer from the video's server")]
    Unreachable(#[source] reqwest::Error),
    /// Nothing lies there.
    #[error("no video at this URL")]
    NotFound,
    /// A signed URL whose time is over.
    #[error("the signed URL has expired")]
    Expired,
    /// The server wants credentials, or the signature is wrong.
    #[error("the video's server denied access with status {0}")]
    AccessDenied(StatusCode),
    /// The server answered with a redirect, which is never followed.
    #[error("the URL redirects")]
    Redirects,
    /// The server's own trouble, or its plea for patience.
    #[error("the video's server answered {0}")]
    ServerError(StatusCode),
    /// Any other answer.
    #[error("the video's server refused with status {0}")]
    Refused(StatusCode),
    /// The file is no longer the one that was opened.
    #[error("the file changed since it was opened")]
    Changed,
    /// The body ended early.
    #[error("the body ended {missing} bytes early")]
    Truncated {
        /// How many bytes did not come.
        missing: u64,
    },
    /// The body went on past the range.
    #[error("the body is longer than the range asked for")]
    TooLong,
    /// Another range than the one asked for, or a body that is encoded.
    #[error("the answer is not the range asked for")]
    RangeMismatch,
    /// Nothing came for too long.
    #[error("no byte came in time")]
    Stalled,
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The server does not serve ranges, or does not tell the file's length.
    #[error("the video's server does not serve ranges of a known length")]
    RangeUnsupported,
    /// A range outside the file was asked for: our own mistake.
    #[error("the range lies outside the file")]
    RangeOutside,
}

impl SourceError {
    /// The stable name of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.entry().0
    }

    /// A sentence the video's owner can act on.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.entry().1
    }

    /// Whether the same read may succeed later without anybody's doing.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::ServerError(_)
                | Self::Truncated { .. }
                | Self::TooLong
                | Self::Stalled
        )
    }

    fn entry(&self) -> (&'static str, &'static str) {
        match self {
            Self::UrlInvalid => ("video_url_invalid", "The video URL is not a complete web address."),
            Self::UrlNotHttps => ("video_url_not_https", "The video URL must start with https://."),
            Self::UrlForbidden(refusal) => ("video_url_forbidden", refused(*refusal)),
            Self::Unreachable(_) => (
                "video_unreachable",
                "The video's server could not be reached. Check that the link opens in a browser.",
            ),
            Self::NotFound => (
                "video_not_found",
                "There is no video at this link. Check the link or upload the video again.",
            ),
            Self::Expired => (
                "video_url_expired",
                "The link to the video has expired. Make a new signed link that stays valid longer.",
            ),
            Self::AccessDenied(_) => (
                "video_access_denied",
                "The video's server denies access. Make the file public or use a valid signed link.",
            ),
            Self::Redirects => (
                "video_url_redirects",
                "The link redirects to another address, which is not followed. Use the final, direct link to the file.",
            ),
            Self::ServerError(_) => {
                ("video_server_error", "The video's server has a problem at the moment. Try again later.")
            }
            Self::Refused(_) => {
                ("video_refused", "The video's server refused to hand out the file. Check the link.")
            }
            Self::Changed => {
                ("video_changed", "The video file was changed while it was being read. Publish it again.")
            }
            Self::Truncated { .. } => {
                ("video_truncated", "The video's server stopped before the end of the file. Try again later.")
            }
            Self::TooLong => (
                "video_overrun",
                "The video's server sent more than it was asked for. Try again, or store the video elsewhere.",
            ),
            Self::RangeMismatch => (
                "video_range_mismatch",
                "The video's server answered with another part of the file than asked for. Store the video elsewhere.",
            ),
            Self::Stalled => ("video_stalled", "The video's server stopped sending. Try again later."),
            Self::Empty => ("video_empty", "The video file is empty. Upload it again."),
            Self::RangeUnsupported => (
                "video_range_unsupported",
                "The video's server cannot send parts of a file. Store the video on a server that supports range requests.",
            ),
            Self::RangeOutside => ("video_range_outside", "A part outside of the video file was asked for."),
        }
    }
}

fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Credentials => "The video URL must not contain a user name or password.",
        Refusal::Port => "The video URL must not name a port: only https on its own port is read.",
        Refusal::HostName | Refusal::Address => "The video URL must lead to a public server on the internet.",
    }
}

/// Sorts an answer that is not the success asked for; `body` is the beginning of what came with it.
pub(super) fn failure(status: StatusCode, body: &[u8]) -> SourceError {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => SourceError::NotFound,
        StatusCode::PRECONDITION_FAILED => SourceError::Changed,
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => {
            SourceError::ServerError(status)
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => denied(status, body),
        _ if status.is_redirection() => SourceError::Redirects,
        _ if status.is_server_error() => SourceError::ServerError(status),
        _ => SourceError::Refused(status),
    }
}

/// What storage services write when a signature's time is over; found in lower case.
const EXPIRED: &[&str] = &[
    "request has expired",                       // S3, R2, Spaces: <Code>AccessDenied</Code>
    "expiredtoken",                              // S3 with temporary credentials, Google Cloud Storage
    "expiredrequest",                            // R2
    "claim timestamp check failed",              // Supabase: {"error":"InvalidJWT"}
    "jwt expired",                               // Supabase, older
    "signature not valid in the specified time", // Azure Blob Storage
    "signed expiry time",                        // Azure Blob Storage
    "signature has expired",
    "url has expired",
    "link has expired",
];

fn denied(status: StatusCode, body: &[u8]) -> SourceError {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    if EXPIRED.iter().any(|phrase| text.contains(phrase)) {
        return SourceError::Expired;
    }
    // Supabase says 400 and puts what it means inside.
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

/// A `Content-Range` of bytes: first, last (inclusive) and the whole length, where told (RFC 9110 §14.4).
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

    /// The length told with a 416: `bytes */0` is how an empty file answers.
    pub(super) fn unsatisfied(headers: &HeaderMap) -> Option<u64> {
        number(headers.get(header::CONTENT_RANGE)?.to_str().ok()?.trim().strip_prefix("bytes */")?)
    }
}

fn number(text: &str) -> Option<u64> {
    // `parse` alone would take a leading `+`.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A header short and plain enough to keep in a row and send back.
pub(super) fn kept(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= 256).then(|| text.to_owned())
}

/// The entity tag, if it is a strong one.
pub(super) fn strong_etag(headers: &HeaderMap) -> Option<String> {
    kept(headers, header::ETAG).filter(|tag| tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"'))
}

/// The declared length of the body.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim())
}

/// Whether the bytes are the file's own and not compressed on the way.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity"))
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
    fn storage_services_are_understood_by_what_they_write() {
        let cases: &[(u16, &str, &str)] = &[
            (
                403,
                "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
                "video_url_expired",
            ),
            (400, "<Error><Code>ExpiredToken</Code></Error>", "video_url_expired"),
            (
                400,
                r#"{"error":"InvalidJWT","message":"\"exp\" claim timestamp check failed"}"#,
                "video_url_expired",
            ),
            (
                403,
                "AuthenticationFailed: Signature not valid in the specified time frame",
                "video_url_expired",
            ),
            (403, "<Error><Code>AccessDenied</Code></Error>", "video_access_denied"),
            (401, "", "video_access_denied"),
            (400, r#"{"statusCode": "404", "error": "not_found"}"#, "video_not_found"),
            (400, "what?", "video_refused"),
            (404, "", "video_not_found"),
            (410, "", "video_not_found"),
            (302, "", "video_url_redirects"),
            (412, "", "video_changed"),
            (429, "", "video_server_error"),
            (503, "", "video_server_error"),
            (418, "", "video_refused"),
        ];
        for &(status, body, code) in cases {
            let error = failure(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!(error.code(), code, "{status} {body}");
        }
    }

    #[test]
    fn a_weak_etag_is_no_promise() {
        let tagged = |tag: &str| strong_etag(&HeaderMap::from_iter([(header::ETAG, tag.parse().unwrap())]));
        assert_eq!(tagged(r#""abc""#).as_deref(), Some(r#""abc""#));
        assert_eq!(tagged(r#"W/"abc""#), None);
        assert_eq!(tagged("abc"), None);
    }
}
