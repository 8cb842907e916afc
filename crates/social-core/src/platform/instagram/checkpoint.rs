//! The data of Instagram's steps: all that a restart needs.

use serde::{Deserialize, Serialize};

use crate::platform::SessionUrl;
use crate::platform::meta::Refusal;

/// The data of all steps after a container was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The container.
    pub(super) container: String,
    /// The number of containers before this one.
    pub(super) tries: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
}

/// An interrupted upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The upload URL.
    pub(super) to: SessionUrl,
    /// How many bytes we know Meta has.
    pub(super) offset: u64,
    /// How often in a row it failed.
    pub(super) stalls: u8,
    /// Whether the container does not report how many bytes it has.
    #[serde(default)]
    pub(super) uncounted: bool,
}

/// The purpose of a search in the list of an account's media.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The Reel is public: find out which one it is.
    Bind,
    /// The container can no longer be read: find out whether it is public.
    Blind,
}

/// One call to Instagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Query whether the account may publish today.
    Quota {
        /// The number of containers before.
        tries: u8,
    },
    /// Create the container.
    Create {
        /// The number of containers before.
        tries: u8,
    },
    /// Send the missing bytes from `offset` on.
    Upload {
        /// The container.
        task: Task,
        /// The upload URL.
        to: SessionUrl,
        /// How many bytes Meta has.
        offset: u64,
        /// How often in a row it failed.
        stalls: u8,
    },
    /// Query whether the container is finished.
    Poll {
        /// The container.
        task: Task,
        /// The interrupted upload, if there was one.
        upload: Option<Upload>,
        /// The seconds waited so far.
        waited: u64,
        /// For how many of them Graph did not find the container.
        hidden: u64,
    },
    /// Query the quota again, directly before publishing.
    Allowance {
        /// The container.
        task: Task,
        /// How many calls to publish it were lost.
        sent: u8,
    },
    /// Publish it.
    Publish {
        /// The container.
        task: Task,
        /// How many calls to publish it were lost before.
        sent: u8,
        /// The time of the first call to publish, in seconds since 1970.
        since: i64,
    },
    /// After a call to publish that was lost or rejected: query its outcome.
    Verify {
        /// The container.
        task: Task,
        /// How many calls to publish it were sent.
        sent: u8,
        /// The time of the first one.
        since: i64,
        /// The seconds waited so far.
        waited: u64,
        /// The error response to the last of them, if one came.
        refused: Option<Refusal>,
    },
    /// Search for the Reel in the account's media.
    Search {
        /// The container.
        task: Task,
        /// The time of the first call to publish, in seconds since 1970.
        since: i64,
        /// The purpose.
        why: Why,
    },
    /// After the publication: query its URL.
    Find {
        /// The container.
        task: Task,
        /// The Reel.
        media: String,
    },
}

/// Returns the first step, also for another attempt.
pub(super) fn begin(tries: u8) -> Step {
    Step::Quota { tries }
}
