//! The data of YouTube's steps: all that a restart needs.

use serde::{Deserialize, Serialize};

use super::limits::LONG;
use super::options::Publication;
use crate::clock::Timestamp;
use crate::platform::SessionUrl;

/// A resumable session with its progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The upload URL.
    pub(super) to: SessionUrl,
    /// The session.
    pub(super) session: Session,
    /// How many bytes YouTube has, by its own count.
    pub(super) offset: u64,
    /// How often in a row nothing more arrived.
    pub(super) resyncs: u8,
    /// Whether the last byte was ever sent: YouTube may have the whole video already.
    pub(super) whole_sent: bool,
}

/// The data of a session that remain after its URL has expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it was opened, by YouTube's clock if the response named it.
    pub(super) opened_at: Timestamp,
    /// The number of sessions of this result, including this one.
    pub(super) opens: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
}

/// One call to YouTube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Query whether the channel may publish a long video.
    Channel,
    /// Open a resumable session.
    Open {
        /// The number of sessions before.
        opens: u8,
    },
    /// Send the chunk that starts where YouTube's own count ends.
    Upload(Upload),
    /// After any failure: query how much YouTube has.
    Ask(Upload),
    /// After a session expired whose last byte was sent: list the channel's latest uploads.
    Search {
        /// The session.
        session: Session,
        /// The seconds waited so far.
        waited: u64,
    },
    /// Compare those uploads with ours.
    Compare {
        /// The session.
        session: Session,
        /// The ids of the uploads.
        ids: Vec<String>,
        /// The seconds waited so far.
        waited: u64,
    },
    /// Query the status of the video.
    Poll {
        /// The video's id.
        video: String,
        /// The number of sessions of this result.
        opens: u8,
        /// The seconds waited so far.
        waited: u64,
        /// For how many of them in a row YouTube did not find the video.
        missing: u64,
        /// Whether YouTube has ever found the video.
        seen: bool,
    },
}

/// Returns the first step: a long video first queries whether the channel may publish it.
pub(super) fn begin(publication: &Publication<'_>) -> Step {
    let is_long = publication.video.facts.duration.is_some_and(|duration| duration > LONG);
    if is_long { Step::Channel } else { Step::Open { opens: 0 } }
}
