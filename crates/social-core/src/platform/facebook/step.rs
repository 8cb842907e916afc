//! Facebook's steps: what each call yet to be made needs to know.

use serde::{Deserialize, Serialize};

use crate::platform::SessionUrl;
use crate::platform::meta::Refusal;

/// How a video's bytes travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sending {
    /// A Reel: to the upload host, all that is missing.
    Reel {
        /// Where they go.
        to: SessionUrl,
        /// How many bytes we know Facebook has.
        offset: u64,
    },
    /// A plain video: to Graph, in the pieces it asks for.
    Pieces {
        /// The upload's name.
        session: String,
        /// Where the next piece begins.
        start: u64,
        /// Where it ends.
        end: u64,
    },
}

impl Sending {
    /// How many bytes we know Facebook has.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Reel { offset, .. } => *offset,
            Self::Pieces { start, .. } => *start,
        }
    }

    /// The same from another offset on; a piece keeps its length.
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

/// A video that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clip {
    /// Its id.
    pub(super) video: String,
    /// How its bytes travel.
    pub(super) sending: Sending,
    /// How many videos were started before this one.
    pub(super) tries: u8,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Whether Facebook has said that it took the finish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finish {
    /// It has.
    Taken,
    /// No answer came.
    Lost,
    /// It was refused, which proves nothing.
    Refused(Refusal),
}

/// What is known of a video that may be on its way to the public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// How many finishes were sent.
    pub(super) sent: u8,
    /// What came of the last.
    pub(super) finish: Finish,
    /// For how many seconds we have waited so far.
    pub(super) waited: u64,
    /// For how many of them nothing at all was going on.
    pub(super) idle: u64,
}

/// One call to Facebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Make the video.
    Start {
        /// How many came before.
        tries: u8,
    },
    /// Send its bytes, or the next piece of them.
    Upload {
        /// The video.
        clip: Clip,
        /// How often in a row that came to nothing.
        stalls: u8,
    },
    /// Ask how many bytes Facebook has.
    Check {
        /// The video.
        clip: Clip,
        /// How often in a row bytes came to nothing.
        stalls: u8,
        /// For how many seconds we have waited so far.
        waited: u64,
    },
    /// Publish it.
    Finish {
        /// The video.
        clip: Clip,
        /// How many finishes were sent before, to an unknown end.
        sent: u8,
    },
    /// Ask what became of it.
    Poll {
        /// The video.
        clip: Clip,
        /// What is known so far.
        watch: Watch,
    },
}
