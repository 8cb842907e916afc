//! A video as it was opened and probed. Every later read is checked against it.

use serde::{Deserialize, Serialize};

use super::{VideoFacts, VideoFile};

/// A video file with what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedVideo {
    /// The file: URL, length, entity tag.
    pub file: VideoFile,
    /// Its facts.
    pub facts: VideoFacts,
}
