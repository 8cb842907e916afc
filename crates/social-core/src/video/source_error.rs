//! Why a video could not be read, in sentences for its owner.

use http::StatusCode;

/// Why a URL or an address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A user name or password in the URL.
    #[error("the URL carries a user name or password")]
    Credentials,
    /// A port other than 443.
    #[error("the URL names a port")]
    Port,
    /// A name that belongs to a private network.
    #[error("the host name is not public")]
    HostName,
    /// An address outside the public internet, written out or resolved to.
    #[error("the host's address is not public")]
    Address,
}

/// Why a video could not be read. No variant contains or prints the URL: signed URLs are secrets.
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
    /// No connection, or one that broke before a response came.
    #[error("no answer from the video's server")]
    Unreachable(#[source] reqwest::Error),
    /// Nothing lies there.
    #[error("no video at this URL")]
    NotFound,
    /// A signed URL whose time is over.
    #[error("the signed URL has expired")]
    Expired,
    /// The server requires credentials, or the signature is wrong.
    #[error("the video's server denied access with status {0}")]
    AccessDenied(StatusCode),
    /// A redirect that is not followed: one too many, or to where no video may be read from over `https`.
    #[error("the URL redirects too often or to where it may not")]
    Redirects,
    /// A server error, or a rate limit.
    #[error("the video's server answered {0}")]
    ServerError(StatusCode),
    /// Any other response.
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
    /// Another range than the requested one.
    #[error("the answer is not the range asked for")]
    RangeMismatch,
    /// A body that is compressed on the way.
    #[error("the body is encoded")]
    Encoded,
    /// The whole file instead of the requested part.
    #[error("the range was ignored")]
    RangeIgnored,
    /// Nothing came for too long.
    #[error("no byte came in time")]
    Stalled,
    /// The upload ended, by whatever side, before the server confirmed that the file is unchanged. Its end was not sent.
    #[error("the upload ended before the file's end was confirmed")]
    Unconfirmed,
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The server does not serve ranges, or none that can be put together, or does not send the file's length.
    #[error("the video's server does not serve ranges of a file it names, of known length")]
    RangeUnsupported,
    /// A range outside the file was requested: our own mistake.
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

    /// Whether the same read may succeed later without a change by the owner.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::ServerError(_)
                | Self::Truncated { .. }
                | Self::TooLong
                | Self::RangeIgnored
                | Self::Stalled
                | Self::Unconfirmed
        )
    }

    fn entry(&self) -> (&'static str, &'static str) {
        match self {
            Self::UrlInvalid => ("video_url_invalid", "The video URL isn't a complete web address."),
            Self::UrlNotHttps => ("video_url_not_https", "The video URL must start with https://."),
            Self::UrlForbidden(refusal) => ("video_url_forbidden", refused(*refusal)),
            Self::Unreachable(_) => (
                "video_unreachable",
                "We couldn't reach the video's server. Check that the link opens in a browser.",
            ),
            Self::NotFound => ("video_not_found", "There is no video at this link. Check the link."),
            Self::Expired => (
                "video_url_expired",
                "The link to the video has expired. Set a new signed link that stays valid longer, then try again.",
            ),
            Self::AccessDenied(_) => (
                "video_access_denied",
                "The video's server denied access. Make the file public or use a valid signed link.",
            ),
            Self::Redirects => (
                "video_url_redirects",
                "The link redirects in a way we can't follow: more than three times, in a circle, or to an address without https. Use the direct link to the file.",
            ),
            Self::ServerError(_) => {
                ("video_server_error", "The video's server is having problems. Try again later.")
            }
            Self::Refused(_) => {
                ("video_refused", "The video's server refused to send the file. Check the link.")
            }
            Self::Changed => ("video_changed", "The video file changed during the upload. Try again."),
            Self::Truncated { .. } => {
                ("video_truncated", "The video's server stopped before the end of the file. Try again later.")
            }
            Self::TooLong => (
                "video_overrun",
                "The video's server sent more than we asked for. Try again, or host the video somewhere else.",
            ),
            Self::RangeMismatch => (
                "video_range_mismatch",
                "The video's server returned the wrong part of the file. Host the video somewhere else.",
            ),
            Self::Encoded => (
                "video_range_mismatch",
                "The video's server compresses the file while sending it. Turn that off for videos, or host the video somewhere else.",
            ),
            Self::RangeIgnored => (
                "video_range_ignored",
                "The video's server sent the whole file instead of a part of it. Move the file to another host, such as S3 or your CDN.",
            ),
            Self::Stalled => ("video_stalled", "The video's server stopped sending. Try again later."),
            Self::Unconfirmed => (
                "video_unconfirmed",
                "The upload ended before the video's server confirmed that the file is unchanged. Try again later.",
            ),
            Self::Empty => ("video_empty", "The video file is empty. Upload it to its host again."),
            Self::RangeUnsupported => (
                "video_range_unsupported",
                "The server hosting this video doesn't support partial downloads, which this file needs. Move the file to another host, such as S3 or your CDN.",
            ),
            Self::RangeOutside => (
                "video_range_outside",
                "We asked for a part outside the video file. This is our fault. Contact support.",
            ),
        }
    }
}

fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Credentials => "The video URL can't contain a user name or password.",
        Refusal::Port => "The video URL can't contain a port. Use https on its default port.",
        Refusal::HostName | Refusal::Address => "The video URL must lead to a public server on the internet.",
    }
}
