//! YouTube's steps: what each call yet to be made needs to know.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::platform::{Publication, SessionUrl};
use std::time::Duration;

/// Longer videos are taken from verified channels only (YouTube Help 71673).
pub(super) const LONG: Duration = Duration::from_mins(15);

/// A resumable session, and how far its upload has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Where the bytes go.
    pub(super) to: SessionUrl,
    /// Which session of this result it is.
    pub(super) session: Session,
    /// How many bytes YouTube has, by its own word.
    pub(super) offset: u64,
    /// How often in a row nothing more arrived.
    pub(super) resyncs: u8,
    /// Whether the last byte was ever sent: YouTube may have the whole video already.
    pub(super) whole_sent: bool,
}

/// What is known of a session when its address is dead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// When it was opened, by YouTube's clock where that was told.
    pub(super) opened_at: Timestamp,
    /// How many sessions this result has taken, with this one.
    pub(super) opens: u8,
    /// The video's size in bytes.
    pub(super) size: u64,
}

/// One call to YouTube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Ask whether the channel may publish a long video.
    Channel,
    /// Open a resumable session.
    Open {
        /// How many sessions came before.
        opens: u8,
    },
    /// Send the chunk that begins where YouTube's own count ends.
    Upload(Upload),
    /// After any doubt: ask how much YouTube has.
    Ask(Upload),
    /// At a dead session whose last byte was sent: list the channel's latest uploads.
    Search {
        /// The session.
        session: Session,
        /// For how many seconds we have looked.
        waited: u64,
    },
    /// Compare those uploads with ours.
    Compare {
        /// The session.
        session: Session,
        /// The ids of the uploads.
        ids: Vec<String>,
        /// For how many seconds we have looked.
        waited: u64,
    },
    /// Ask what became of the video.
    Poll {
        /// The video's id.
        video: String,
        /// How many sessions this result has taken.
        opens: u8,
        /// For how many seconds we have waited.
        waited: u64,
        /// For how many of them in a row YouTube did not know the video.
        missing: u64,
        /// Whether YouTube has ever told of the video.
        seen: bool,
    },
}

/// Where publishing begins: a long video asks first whether the channel may.
pub(super) fn begin(publication: &Publication<'_>) -> Step {
    let is_long = publication.video.facts.duration.is_some_and(|duration| duration > LONG);
    if is_long { Step::Channel } else { Step::Open { opens: 0 } }
}
