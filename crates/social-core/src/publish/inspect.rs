//! Inspects a video before anything is sent.

use std::time::Duration;

use crate::video::{self, Limits, PinnedVideo, ProbeError, SourceError, Sources, Verdict};

/// Explains why the video cannot be published, or not now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}")]
pub struct InspectError {
    /// The stable code.
    pub code: String,
    /// What is wrong and how to fix it.
    pub message: String,
    /// Whether trying again may help.
    pub is_transient: bool,
}

impl From<SourceError> for InspectError {
    fn from(error: SourceError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            is_transient: error.is_transient(),
        }
    }
}

impl From<ProbeError> for InspectError {
    fn from(error: ProbeError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
            is_transient: error.is_transient(),
        }
    }
}

/// Opens a video and reads its header.
///
/// # Errors
///
/// Returns an error if the file cannot be read or is no video.
pub async fn inspect(sources: &Sources, url: &str) -> Result<PinnedVideo, InspectError> {
    let opened = sources.open(url).await?;
    let facts = video::probe(sources, &opened).await?;
    Ok(PinnedVideo { file: opened.file, facts })
}

/// Checks a video against the platform's limits, and against the account's own limit if the platform names
/// one.
#[must_use]
pub fn judge(limits: &Limits, video: &PinnedVideo, longest: Option<Duration>) -> Verdict {
    let mut verdict = video::judge(limits, &video.facts, longest);
    if !video.file.ranged {
        verdict.warnings.push(video::Finding {
            code: "video_range_unsupported",
            message: "The server hosting this video doesn't support partial downloads, so an interrupted upload starts over and a large file may fail. Move the file to another host, such as S3 or your CDN.".to_owned(),
        });
    }
    verdict
}
