//! TikTok's steps: what each call yet to be made needs to know.

use serde::{Deserialize, Serialize};

use super::options::{Options, PostMode};
use crate::platform::{Publication, SessionUrl};

/// What all steps after an accepted init know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub(super) publish_id: String,
    /// The creator's handle, for the link.
    pub(super) handle: Option<String>,
    /// Whether TikTok downloads the video itself.
    pub(super) pull: bool,
    /// How many inits came before this one.
    pub(super) inits: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
    /// Whether we have asked TikTok to stop.
    #[serde(default)]
    pub(super) recalled: bool,
}

/// One call to TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Ask what the creator may post now.
    Creator {
        /// How many inits came before.
        inits: u8,
    },
    /// Make the task.
    Init {
        /// The creator's handle.
        handle: Option<String>,
        /// How many inits came before.
        inits: u8,
    },
    /// Send the chunk that begins at `offset`.
    Upload {
        /// The task.
        task: Task,
        /// Where the bytes go.
        to: SessionUrl,
        /// How many bytes TikTok has.
        offset: u64,
        /// How often in a row that chunk came to nothing.
        resyncs: u8,
        /// Whether the last chunk was sent before: TikTok may have the whole video already.
        whole_sent: bool,
    },
    /// After a doubt about a chunk: ask how many bytes TikTok has.
    Check {
        /// The task.
        task: Task,
        /// Where the bytes go; `None` once TikTok has called that address dead.
        to: Option<SessionUrl>,
        /// How many bytes we know TikTok has.
        offset: u64,
        /// How often in a row that chunk came to nothing.
        resyncs: u8,
        /// Whether the last chunk was sent before: TikTok may have the whole video already.
        whole_sent: bool,
        /// For how many seconds we have waited at a dead address.
        waited: u64,
    },
    /// Ask what became of it.
    Poll {
        /// The task.
        task: Task,
        /// For how many seconds we have waited so far.
        waited: u64,
    },
    /// Ask to stop a pull that is still downloading.
    Recall {
        /// The task.
        task: Task,
        /// For how many seconds we have waited so far.
        waited: u64,
    },
    /// After the publication: ask for the id of the public post.
    Find {
        /// The task.
        task: Task,
        /// How often we have looked.
        looks: u8,
    },
}

impl Step {
    /// Asks for the id of what is published, of which nothing but its name is known.
    pub(super) fn find(publish_id: String, handle: Option<String>) -> Self {
        Self::Find {
            task: Task { publish_id, handle, pull: false, inits: 1, size: 0, recalled: false },
            looks: 0,
        }
    }
}

/// Options were checked when the post was made; ones that no longer read are treated as none, and the init
/// they lead to is refused by TikTok for want of a privacy level.
pub(super) fn options_of(publication: &Publication<'_>) -> Options {
    Options::read(publication.options).unwrap_or_default()
}

/// Where publishing begins, and begins again.
pub(super) fn begin(publication: &Publication<'_>, inits: u8) -> Step {
    match options_of(publication).post_mode {
        PostMode::DirectPost => Step::Creator { inits },
        // A draft's owner chooses everything in the app, and its scope cannot ask for the creator.
        PostMode::MediaUpload => {
            Step::Init { handle: publication.account.username.map(str::to_owned), inits }
        }
    }
}
