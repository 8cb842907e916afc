//! A container: a Reel that is not visible yet.

use super::limits::Limits;
use crate::clock::SECOND;
use crate::fault::FaultKind;
use crate::meta::Intake;
use crate::video::Container as Format;
use serde::{Deserialize, Serialize};

/// The largest Reel.
const MOST: u64 = 300 << 20;

/// The container.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) caption: String,
    pub(super) share_to_feed: Option<bool>,
    pub(super) is_ai_generated: bool,
    pub(super) cover_url: Option<String>,
    pub(super) thumb_offset: Option<i64>,
    pub(super) collaborators: Vec<String>,
    pub(super) created_at: i64,
    /// The first media created from it.
    pub(super) media_id: Option<String>,
    pub(super) processing_polls: u32,
    pub(super) publish_polls: u32,
    pub(super) unknown_polls: u32,
    /// The subcode of its failure.
    pub(super) doom: Option<String>,
}

/// The status of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    InProgress,
    Finished,
    Published,
    /// With the subcode of the reason.
    Error(String),
    Expired,
}

impl Standing {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Finished => "FINISHED",
            Self::Published => "PUBLISHED",
            Self::Error(_) => "ERROR",
            Self::Expired => "EXPIRED",
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::InProgress => "In Progress: Media is still being processed.".into(),
            Self::Finished => "Finished: Media has been uploaded and it is ready to be published.".into(),
            Self::Published => "Published: Media has been successfully published.".into(),
            Self::Error(subcode) => format!("Error: Media upload has failed with error code {subcode}"),
            Self::Expired => "Expired: Media must be published within 24 hours.".into(),
        }
    }
}

impl Container {
    /// Lets a fault decide its outcome.
    pub(super) fn suffer(&mut self, fault: FaultKind) {
        if let Some(reason) = fault.apply(&mut self.processing_polls, &mut self.unknown_polls) {
            self.doom = Some(reason);
        }
    }

    /// Returns its status without advancing it.
    pub(super) fn standing(&self, intake: Option<&Intake>, now: i64, limits: &Limits) -> Standing {
        if self.media_id.is_some() {
            return if self.publish_polls > 0 { Standing::Finished } else { Standing::Published };
        }
        let lifetime = i64::from(limits.container_seconds) * SECOND;
        if self.created_at.saturating_add(lifetime) <= now {
            return Standing::Expired;
        }
        let Some(intake) = intake else { return Standing::Error("2207032".into()) };
        if intake.lost {
            return Standing::Error("2207052".into());
        }
        let Some(arrived) = &intake.arrived else { return Standing::InProgress };
        if self.processing_polls > 0 {
            return Standing::InProgress;
        }
        let readable = matches!(arrived.container, Some(Format::Mp4 | Format::QuickTime));
        match &self.doom {
            Some(subcode) => Standing::Error(subcode.clone()),
            None if !readable || arrived.size > MOST => Standing::Error("2207026".into()),
            None => Standing::Finished,
        }
    }

    /// Responds to a status check, which also advances the processing.
    pub(super) fn poll(&mut self, intake: Option<&Intake>, now: i64, limits: &Limits) -> Standing {
        let standing = self.standing(intake, now, limits);
        if self.media_id.is_some() {
            self.publish_polls = self.publish_polls.saturating_sub(1);
        } else if intake.is_some_and(|intake| intake.arrived.is_some()) {
            self.processing_polls = self.processing_polls.saturating_sub(1);
        }
        standing
    }
}
