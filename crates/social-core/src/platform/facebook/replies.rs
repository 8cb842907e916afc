//! The parts of Facebook's responses that we use. A video's status has three phases, in the spellings of Meta's
//! documents and of its specifications.

use std::time::Duration;

use serde::Deserialize;

use super::errors::PUBLISHING;
use crate::http::Reply;
use crate::platform::meta::{self, numbers_in};
use crate::platform::{Disposition, PlatformError, members};

/// The response to either start.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Started {
    #[serde(deserialize_with = "members::id")]
    pub(super) video_id: Option<String>,
    pub(super) upload_url: Option<String>,
    #[serde(deserialize_with = "members::id")]
    pub(super) upload_session_id: Option<String>,
    #[serde(deserialize_with = "members::count")]
    pub(super) start_offset: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    pub(super) end_offset: Option<u64>,
}

impl Started {
    pub(super) fn next(&self) -> Piece {
        Piece { start_offset: self.start_offset, end_offset: self.end_offset }
    }
}

/// The piece that is expected next; numbers, written as text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Piece {
    #[serde(deserialize_with = "members::count")]
    pub(super) start_offset: Option<u64>,
    #[serde(deserialize_with = "members::count")]
    pub(super) end_offset: Option<u64>,
}

impl Piece {
    pub(super) fn range(&self) -> Option<(u64, u64)> {
        self.start_offset.zip(self.end_offset).filter(|(start, end)| start <= end)
    }
}

/// The response to a finish.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Finished {
    #[serde(deserialize_with = "members::flag")]
    pub(super) success: Option<bool>,
}

/// The response to a status check of a video.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    pub(super) status: Status,
    pub(super) permalink_url: Option<String>,
    #[serde(deserialize_with = "members::id")]
    pub(super) post_id: Option<String>,
    #[serde(deserialize_with = "members::flag")]
    pub(super) published: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(rename = "video_status")]
    name: String,
    uploading_phase: Phase,
    processing_phase: Phase,
    publishing_phase: Phase,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Phase {
    status: String,
    #[serde(deserialize_with = "members::count")]
    bytes_transferred: Option<u64>,
    /// The same field, as Meta's documents spell it.
    #[serde(deserialize_with = "members::count")]
    bytes_transfered: Option<u64>,
    publish_status: Option<String>,
    error: Option<Cause>,
    errors: Vec<Cause>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Cause {
    #[serde(deserialize_with = "members::id")]
    code: Option<String>,
    message: String,
}

impl Phase {
    fn is_complete(&self) -> bool {
        matches!(self.status.as_str(), "complete" | "completed")
    }

    fn is_broken(&self) -> bool {
        self.status == "error" || self.error.is_some() || !self.errors.is_empty()
    }

    /// Returns its codes, also those in its text.
    fn codes(&self) -> impl Iterator<Item = &str> {
        let told = || self.errors.iter().chain(&self.error);
        told()
            .filter_map(|told| told.code.as_deref())
            .chain(told().flat_map(|told| numbers_in(&told.message)))
    }
}

impl Node {
    /// Reports whether all bytes have arrived.
    pub(super) fn is_uploaded(&self) -> bool {
        self.status.uploading_phase.is_complete()
            || matches!(self.status.name.as_str(), "upload_complete" | "processing" | "ready")
    }

    /// Returns how many bytes have arrived, if it says so.
    pub(super) fn bytes(&self) -> Option<u64> {
        let phase = &self.status.uploading_phase;
        phase.bytes_transferred.or(phase.bytes_transfered).or((phase.status == "not_started").then_some(0))
    }

    /// Reports whether it is public.
    pub(super) fn is_published(&self) -> bool {
        let phase = &self.status.publishing_phase;
        match phase.publish_status.as_deref() {
            Some(status) => status == "published" && phase.is_complete(),
            None => self.published == Some(true) && (phase.is_complete() || phase.status.is_empty()),
        }
    }

    /// Reports whether a phase is in progress that may still publish it.
    pub(super) fn is_under_way(&self) -> bool {
        let Status { name, processing_phase, publishing_phase, .. } = &self.status;
        publishing_phase.status == "in_progress"
            || processing_phase.status == "in_progress"
            || name == "processing"
    }

    /// Reports whether it waits only for a finish.
    pub(super) fn is_processed(&self) -> bool {
        self.status.processing_phase.is_complete()
    }

    /// Returns why it will never be public: an error in a phase, or a final error of the video.
    pub(super) fn failure(&self, reply: &Reply) -> Option<PlatformError> {
        let Status { name, uploading_phase, processing_phase, publishing_phase } = &self.status;
        // The finish created a draft.
        if publishing_phase.publish_status.as_deref() == Some("draft") {
            return Some(plain("became_draft", DRAFT, Disposition::UserFixable, reply));
        }
        let broken =
            [processing_phase, publishing_phase, uploading_phase].into_iter().find(|phase| phase.is_broken());
        let refused = publishing_phase.publish_status.as_deref() == Some("error");
        let ended = matches!(name.as_str(), "error" | "expired" | "upload_failed");
        if broken.is_none() && !refused && !ended {
            return None;
        }
        let known = |code: &&str| PUBLISHING.iter().any(|(known, ..)| known == code);
        if let Some(code) = broken.and_then(|phase| phase.codes().find(known)) {
            return Some(meta::code_of(PUBLISHING, code, reply));
        }
        let again = Disposition::Retry { after: Some(Duration::from_mins(1)) };
        // A code that our table does not know is shown all the same.
        if let Some(code) = broken.and_then(|phase| phase.codes().next()) {
            return Some(plain(code, PROCESSING_FAILED, Disposition::UserFixable, reply));
        }
        Some(match name.as_str() {
            "expired" => plain("upload_expired", EXPIRED, again, reply),
            "upload_failed" => plain("upload_failed", UPLOAD_FAILED, again, reply),
            _ => plain("processing_failed", PROCESSING_FAILED, Disposition::UserFixable, reply),
        })
    }
}

const DRAFT: &str = "Facebook saved the video as a draft instead of publishing it. Publish it in the Page's planner, or post it as a Reel.";
const EXPIRED: &str = "The upload expired at Facebook before it was finished. Try again.";
const UPLOAD_FAILED: &str = "Facebook couldn't process the upload. Try again later.";
const PROCESSING_FAILED: &str =
    "Facebook couldn't process the video. Export it as MP4 (H.264, AAC), 9:16 for a Reel, and try again.";

pub(super) fn plain(
    code: &str,
    message: &'static str,
    disposition: Disposition,
    reply: &Reply,
) -> PlatformError {
    PlatformError { code: code.to_owned(), status: reply.status, disposition, message, log_id: None }
}
