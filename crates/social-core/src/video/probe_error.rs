//! Why a file's facts could not be found.

use super::source_error::SourceError;

/// Why a file's facts could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It could not be read.
    #[error("the file could not be read: {0}")]
    Source(#[from] SourceError),
    /// Its first bytes are no video container's.
    #[error("not a video")]
    NotAVideo,
    /// It is something else: an image, or audio.
    #[error("an unsupported container: {0}")]
    UnsupportedContainer(&'static str),
    /// A container without a video track.
    #[error("no video track")]
    NoVideoTrack,
    /// It ends earlier than its headers say, or has none.
    #[error("the file is incomplete")]
    Incomplete,
    /// Its headers contradict themselves.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It is encrypted, as bought or rented films are.
    #[error("the file is protected")]
    Protected,
}

impl ProbeError {
    /// The stable name of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::NotAVideo => "video_not_a_video",
            Self::UnsupportedContainer(_) => "video_container_unsupported",
            Self::NoVideoTrack => "video_no_video_track",
            Self::Incomplete => "video_incomplete",
            Self::Malformed(_) => "video_malformed",
            Self::Protected => "video_protected",
        }
    }

    /// A sentence the video's owner can act on.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self {
            Self::Source(error) => error.message(),
            Self::NotAVideo => "This link doesn't lead to a video. The file must be an MP4, MOV or WebM.",
            Self::UnsupportedContainer(_) => {
                "We can't publish this file format. Save the video as MP4, MOV or WebM."
            }
            Self::NoVideoTrack => "The file has no video, only audio or data.",
            Self::Incomplete => {
                "The video file is incomplete: its end is missing. Upload it to its host again."
            }
            Self::Malformed(_) => "The video file is damaged and can't be read. Export it again.",
            Self::Protected => {
                "The video file is copy-protected (DRM), so it can't be published. Use a file without protection."
            }
        }
    }

    /// Whether the same probe may succeed later without a change by the owner.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Source(error) if error.is_transient())
    }
}
