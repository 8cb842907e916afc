//! The data of TikTok's steps: all that a restart needs.

use serde::{Deserialize, Serialize};

use super::options::{PostMode, Publication};
use crate::platform::SessionUrl;

/// The data of all steps after an accepted init.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub(super) publish_id: String,
    /// The creator's handle, for the link.
    pub(super) handle: Option<String>,
    /// Whether TikTok downloads the video itself.
    pub(super) pull: bool,
    /// The number of inits before this one.
    pub(super) inits: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
    /// Whether we asked TikTok to stop.
    #[serde(default)]
    pub(super) recalled: bool,
}

/// One call to TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Query the creator's posting options.
    Creator {
        /// The number of inits before.
        inits: u8,
    },
    /// Create the task.
    Init {
        /// The creator's handle.
        handle: Option<String>,
        /// The number of inits before.
        inits: u8,
    },
    /// Send the chunk that starts at `offset`.
    Upload {
        /// The task.
        task: Task,
        /// The upload URL.
        to: SessionUrl,
        /// How many bytes TikTok has.
        offset: u64,
        /// How often in a row that chunk failed.
        resyncs: u8,
        /// Whether the last chunk was sent before: TikTok may have the whole video already.
        whole_sent: bool,
    },
    /// After a failed chunk: query how many bytes TikTok has.
    Check {
        /// The task.
        task: Task,
        /// The upload URL; `None` after it has expired.
        to: Option<SessionUrl>,
        /// How many bytes we know TikTok has.
        offset: u64,
        /// How often in a row that chunk failed.
        resyncs: u8,
        /// Whether the last chunk was sent before: TikTok may have the whole video already.
        whole_sent: bool,
        /// The seconds waited since the URL expired.
        waited: u64,
    },
    /// Query the outcome.
    Poll {
        /// The task.
        task: Task,
        /// The seconds waited so far.
        waited: u64,
    },
    /// Ask TikTok to stop a download that is in progress.
    Recall {
        /// The task.
        task: Task,
        /// The seconds waited so far.
        waited: u64,
    },
    /// After the publication: query the id of the public post.
    Find {
        /// The task.
        task: Task,
        /// The number of checks so far.
        looks: u8,
    },
}

impl Step {
    /// Returns the step that queries a published post of which only the publish id is known.
    pub(super) fn find(publish_id: String, handle: Option<String>) -> Self {
        Self::Find {
            task: Task { publish_id, handle, pull: false, inits: 1, size: 0, recalled: false },
            looks: 0,
        }
    }
}

/// Returns the first step, also for another attempt.
pub(super) fn begin(publication: &Publication<'_>, inits: u8) -> Step {
    match publication.options.post_mode() {
        PostMode::DirectPost => Step::Creator { inits },
        // A draft's owner chooses everything in the app, and its scope does not allow the creator query.
        PostMode::MediaUpload => {
            Step::Init { handle: publication.account.username.map(str::to_owned), inits }
        }
    }
}
