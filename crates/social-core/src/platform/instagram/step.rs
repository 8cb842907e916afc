//! Instagram's steps: what each call yet to be made needs to know.

use serde::{Deserialize, Serialize};

use crate::platform::SessionUrl;
use crate::platform::meta::Refusal;

/// What all steps after a container was made know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The container.
    pub(super) container: String,
    /// How many containers came before this one.
    pub(super) tries: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
}

/// An upload of which something came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Where the bytes go.
    pub(super) to: SessionUrl,
    /// How many bytes we know Meta has.
    pub(super) offset: u64,
    /// How often in a row that came to nothing.
    pub(super) stalls: u8,
    /// Whether the container does not say how many bytes it has.
    #[serde(default)]
    pub(super) uncounted: bool,
}

/// What the list of an account's media is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The Reel is public: which one is it?
    Bind,
    /// The container can not be read any more: is it public?
    Blind,
}

/// One call to Instagram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Ask whether the account may publish today.
    Quota {
        /// How many containers came before.
        tries: u8,
    },
    /// Make the container.
    Create {
        /// How many containers came before.
        tries: u8,
    },
    /// Send what is missing from `offset` on.
    Upload {
        /// The container.
        task: Task,
        /// Where the bytes go.
        to: SessionUrl,
        /// How many bytes Meta has.
        offset: u64,
        /// How often in a row that came to nothing.
        stalls: u8,
    },
    /// Ask whether the container is finished.
    Poll {
        /// The container.
        task: Task,
        /// The upload that was cut, if one was.
        upload: Option<Upload>,
        /// For how many seconds we have waited so far.
        waited: u64,
        /// For how many of them Graph has called the container unknown.
        hidden: u64,
    },
    /// Ask once more, directly before publishing.
    Allowance {
        /// The container.
        task: Task,
        /// How many calls to publish it were lost.
        sent: u8,
    },
    /// Make it public.
    Publish {
        /// The container.
        task: Task,
        /// How many calls to publish it were lost before.
        sent: u8,
        /// When we set out to, in seconds since 1970.
        since: i64,
    },
    /// After a call to publish that was lost or refused: ask what became of it.
    Verify {
        /// The container.
        task: Task,
        /// How many calls to publish it were sent.
        sent: u8,
        /// When the first was.
        since: i64,
        /// For how many seconds we have waited so far.
        waited: u64,
        /// What the last of them was refused with, if an answer came.
        refused: Option<Refusal>,
    },
    /// Look for the Reel among the account's.
    Search {
        /// The container.
        task: Task,
        /// When we set out to publish it, in seconds since 1970.
        since: i64,
        /// Why.
        why: Why,
    },
    /// After the publication: ask for its address.
    Find {
        /// The container.
        task: Task,
        /// The Reel.
        media: String,
    },
}

/// Where publishing begins, and begins again.
pub(super) fn begin(tries: u8) -> Step {
    Step::Quota { tries }
}
