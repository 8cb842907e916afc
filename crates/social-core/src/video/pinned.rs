//! A video as first seen and as probed: what every later read is held to.

use serde::{Deserialize, Serialize};

use super::{VideoFacts, VideoFile};

/// A video file with what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PinnedVideo {
    /// The file: address, length, entity tag.
    pub file: VideoFile,
    /// What it holds.
    pub facts: VideoFacts,
}
