//! The data of Facebook's steps: all that a restart needs.

use serde::{Deserialize, Serialize};

use crate::platform::SessionUrl;
use crate::platform::meta::Refusal;

/// How a video's bytes are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// A Reel: all missing bytes go to the upload host.
    Reel {
        /// The upload URL.
        to: SessionUrl,
        /// How many bytes we know Facebook has.
        offset: u64,
    },
    /// A plain video: pieces go to Graph, as it requests them.
    Pieces {
        /// The upload's id.
        session: String,
        /// Where the next piece starts.
        start: u64,
        /// Where it ends.
        end: u64,
    },
}

impl Sending {
    /// Returns how many bytes we know Facebook has.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Reel { offset, .. } => *offset,
            Self::Pieces { start, .. } => *start,
        }
    }

    /// Returns the same from another offset on; a piece keeps its length.
    pub(super) fn from(self, at: u64, size: u64) -> Self {
        match self {
            Self::Reel { to, .. } => Self::Reel { to, offset: at },
            Self::Pieces { session, start, end } => {
                let length = end.saturating_sub(start).max(1);
                Self::Pieces { session, start: at, end: at.saturating_add(length).min(size) }
            }
        }
    }
}

/// A started video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// Its id.
    pub(super) video: String,
    /// How its bytes are sent.
    pub(super) sending: Sending,
    /// The number of videos started before this one.
    pub(super) tries: u8,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Whether Facebook has accepted the finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finish {
    /// Accepted.
    Taken,
    /// No response came.
    Lost,
    /// Rejected, which proves nothing.
    Refused(Refusal),
}

/// The data of a video that may become public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The number of finishes sent.
    pub(super) sent: u8,
    /// The response to the last one.
    pub(super) finish: Finish,
    /// The seconds waited so far.
    pub(super) waited: u64,
    /// For how many of them nothing was in progress.
    pub(super) idle: u64,
}

/// One call to Facebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Create the video.
    Start {
        /// The number of videos before.
        tries: u8,
    },
    /// Send its bytes, or the next piece of them.
    Upload {
        /// The video.
        clip: Clip,
        /// How often in a row it failed.
        stalls: u8,
    },
    /// Query how many bytes Facebook has.
    Check {
        /// The video.
        clip: Clip,
        /// How often in a row bytes failed.
        stalls: u8,
        /// The seconds waited so far.
        waited: u64,
    },
    /// Publish it.
    Finish {
        /// The video.
        clip: Clip,
        /// The number of finishes sent before, with unknown outcome.
        sent: u8,
    },
    /// Query the outcome.
    Poll {
        /// The video.
        clip: Clip,
        /// The data so far.
        watch: Watch,
    },
}
