//! The people with Google accounts in the sandbox, and their channels.

use crate::place::Who;
use crate::random;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A person with a Google account, to which grants belong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GoogleAccount {
    /// The id that all of its channels share.
    pub(crate) sub: String,
    pub(crate) email: String,
}

/// How a channel treats the requested privacy of uploads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uploads {
    /// As requested.
    #[default]
    AsAsked,
    /// Private, by the creator's own settings.
    Private,
}

/// Whether the channel may publish videos of more than 15 minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LongUploads {
    /// It is verified.
    #[default]
    Allowed,
    /// It could be verified.
    Eligible,
    /// It may not.
    Disallowed,
}

/// Whether the channel may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It may.
    #[default]
    Good,
    /// YouTube has suspended it.
    Suspended,
}

/// One channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    /// `UC` and 22 letters.
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) title: String,
    /// Its owner: a [`GoogleAccount::sub`].
    pub(crate) owner: String,
    pub(crate) subscribers: u64,
    /// Public videos from before the sandbox was opened.
    pub(crate) earlier_videos: u64,
    pub(crate) uploads: Uploads,
    pub(crate) long_uploads: LongUploads,
    pub(crate) standing: Standing,
    /// Video ids, oldest first.
    pub(crate) videos: Vec<String>,
    /// The times of new sessions within the last day, for the channel's limit.
    pub(crate) recent: VecDeque<i64>,
}

impl Channel {
    pub(super) fn new(handle: &str, owner: &str) -> Self {
        Self {
            id: format!("UC{}", random::text(22)),
            handle: handle.into(),
            title: handle.into(),
            owner: owner.into(),
            subscribers: 0,
            earlier_videos: 0,
            uploads: Uploads::default(),
            long_uploads: LongUploads::default(),
            standing: Standing::default(),
            videos: Vec::new(),
            recent: VecDeque::new(),
        }
    }

    /// Returns the id of the playlist of all uploads: the same id with another prefix.
    pub(crate) fn uploads_playlist(&self) -> String {
        format!("UU{}", self.id.get(2..).unwrap_or_default())
    }

    /// Reports whether it is visible to everyone.
    pub(super) fn is_public(&self) -> bool {
        self.standing == Standing::Good
    }

    pub(crate) fn who(&self) -> Who {
        Who { id: self.id.clone(), username: self.handle.clone() }
    }
}

/// Reports whether YouTube would accept the handle: 3 to 30 letters, digits, dots, hyphens, underscores.
pub(crate) fn is_handle(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (3..=30).contains(&name.len()) && name.chars().all(allowed)
}
