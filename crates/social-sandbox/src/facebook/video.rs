//! One video of a Page, from start to end, with its status.

use super::limits::{Limits, Spelling};
use super::published::Kind;
use crate::fault::FaultKind;
use crate::meta::Intake;
use crate::receiver::Arrived;
use crate::video::Container;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The video.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Video {
    pub(super) id: String,
    pub(super) page: String,
    pub(super) kind: Kind,
    pub(super) created_at: i64,
    pub(super) finished: Finished,
    processing_polls: u32,
    unstarted_polls: u32,
    publishing_polls: u32,
    unknown_polls: u32,
    doom: Option<String>,
}

/// Whether a finish requested publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Finished {
    Not,
    Draft,
    Publish,
}

/// One accepted finish.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Finish {
    pub(super) video: String,
    pub(super) post_id: String,
    pub(super) title: Option<String>,
    pub(super) description: String,
    pub(super) is_ai_generated: bool,
    pub(super) universal_video_id: Option<String>,
    pub(super) at: i64,
}

impl Video {
    pub(super) fn new(id: &str, page: &str, kind: Kind, created_at: i64, limits: &Limits) -> Self {
        Self {
            id: id.into(),
            page: page.into(),
            kind,
            created_at,
            finished: Finished::Not,
            processing_polls: limits.processing_polls,
            unstarted_polls: limits.unstarted_polls,
            publishing_polls: limits.publishing_polls,
            unknown_polls: 0,
            doom: None,
        }
    }

    /// Lets a fault decide its outcome.
    pub(super) fn suffer(&mut self, fault: FaultKind) {
        if let Some(reason) = fault.apply(&mut self.processing_polls, &mut self.unknown_polls) {
            self.doom = Some(reason);
        }
    }

    /// Returns why it will fail: its code, or a sentence.
    pub(super) fn fate(&self, arrived: &Arrived) -> Option<String> {
        let readable = matches!(arrived.container, Some(Container::Mp4 | Container::QuickTime));
        self.doom.clone().or_else(|| (!readable).then(|| "6000".into()))
    }

    /// Reports whether it is visible.
    pub(super) fn is_visible(&self, intake: Option<&Intake>) -> bool {
        let arrived = intake.and_then(|intake| intake.arrived.as_ref());
        self.finished == Finished::Publish
            && self.processing_polls == 0
            && self.unstarted_polls == 0
            && self.publishing_polls == 0
            && arrived.is_some_and(|arrived| self.fate(arrived).is_none())
    }

    /// Returns its status as one word for people.
    pub(super) fn standing(&self, intake: Option<&Intake>) -> &'static str {
        match intake.and_then(|intake| intake.arrived.as_ref()) {
            None => "waiting for bytes",
            Some(arrived) if self.fate(arrived).is_some() => "failed",
            Some(_) if self.is_visible(intake) => "published",
            Some(_) if self.finished == Finished::Not => "not finished",
            Some(_) => "processing",
        }
    }

    /// Responds to a status check, which also advances the processing.
    pub(super) fn poll(&mut self, intake: &Intake, limits: &Limits) -> Value {
        let spelling = limits.spelling;
        let status = self.status(intake, spelling);
        if intake.arrived.is_some() {
            if self.processing_polls > 0 {
                self.processing_polls -= 1;
            } else if self.finished == Finished::Publish {
                if self.unstarted_polls > 0 {
                    self.unstarted_polls -= 1;
                } else {
                    self.publishing_polls = self.publishing_polls.saturating_sub(1);
                }
            }
        }
        status
    }

    fn status(&mut self, intake: &Intake, spelling: Spelling) -> Value {
        let complete = match spelling {
            Spelling::Specifications => "complete",
            Spelling::Documents => "completed",
        };
        let fate = intake.arrived.as_ref().and_then(|arrived| self.fate(arrived));
        let processed = intake.arrived.is_some() && self.processing_polls == 0;
        let failed = fate.filter(|_| processed);
        let uploading = match (&intake.arrived, intake.received) {
            (Some(_), _) => complete,
            (None, _) if intake.lost => "error",
            (None, 0) => "not_started",
            (None, _) => "in_progress",
        };
        let processing = match (&intake.arrived, processed, &failed) {
            (None, ..) => "not_started",
            (Some(_), _, Some(_)) => "error",
            (Some(_), true, None) => complete,
            (Some(_), false, None) => "in_progress",
        };
        let started = self.finished == Finished::Publish && processed && failed.is_none();
        let (publishing, publish_status) = match (started, self.unstarted_polls, self.publishing_polls) {
            (true, 0, 0) => (complete, Some("published")),
            (true, 0, _) => ("in_progress", None),
            (true | false, ..) => ("not_started", None),
        };
        let mut video_status = match (uploading, processing, publishing) {
            ("error", ..) => "upload_failed",
            (_, "error", _) => "error",
            (_, "not_started", _) => "uploading",
            (_, "in_progress", _) if self.finished == Finished::Not => "upload_complete",
            (_, "in_progress", _) => "processing",
            (_, _, "in_progress" | "not_started") if self.finished == Finished::Publish => "processing",
            _ => "ready",
        };
        if self.unknown_polls > 0 {
            self.unknown_polls -= 1;
            video_status = "thinking_about_it";
        }
        let counter = match spelling {
            Spelling::Specifications => "bytes_transferred",
            Spelling::Documents => "bytes_transfered",
        };
        let mut uploading_phase = Map::new();
        uploading_phase.insert("status".into(), uploading.into());
        uploading_phase.insert(counter.into(), intake.received.into());
        if let Some(size) = intake.size {
            uploading_phase.insert("source_file_size".into(), size.into());
        }
        let mut processing_phase = Map::new();
        processing_phase.insert("status".into(), processing.into());
        if let Some(reason) = &failed {
            told(&mut processing_phase, reason, spelling);
        }
        let mut publishing_phase = Map::new();
        publishing_phase.insert("status".into(), publishing.into());
        if let Some(status) = publish_status {
            publishing_phase.insert("publish_status".into(), status.into());
        }
        json!({
            "video_status": video_status,
            "uploading_phase": uploading_phase,
            "processing_phase": processing_phase,
            "publishing_phase": publishing_phase,
            "copyright_check_status": { "status": if processed { complete } else { "in_progress" } },
        })
    }
}

fn told(phase: &mut Map<String, Value>, reason: &str, spelling: Spelling) {
    let code: i64 = reason.parse().unwrap_or(6000);
    let message = format!("The video could not be processed: {reason}");
    match spelling {
        Spelling::Specifications => {
            phase.insert("errors".into(), json!([{ "code": code, "message": message }]));
        }
        Spelling::Documents => {
            phase.insert("error".into(), json!({ "message": message }));
        }
    }
}
