//! One video, from its last byte on.

use super::channel::{Channel, Uploads};
use super::limits::Limits;
use super::metadata::{Metadata, Privacy};
use super::session::Session;
use crate::clock::SECOND;
use crate::fault::FaultKind;
use crate::video::Container;
use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The values of `status.rejectionReason`; any other reason is one of `failureReason`.
const REJECTIONS: [&str; 10] = [
    "copyright",
    "inappropriate",
    "duplicate",
    "termsOfUse",
    "uploaderAccountSuspended",
    "length",
    "claim",
    "uploaderAccountClosed",
    "trademark",
    "legal",
];

/// A video on a channel, or one that nothing can stop from being published. Tests count these to tell once
/// from twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The video's id.
    pub video_id: String,
    /// Its channel.
    pub channel_id: String,
    /// The channel's handle.
    pub handle: String,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The tags.
    pub tags: Vec<String>,
    /// The category.
    pub category_id: Option<String>,
    /// Who can see it now.
    pub privacy_status: Privacy,
    /// When it becomes public, in milliseconds since 1970.
    pub publish_at: Option<i64>,
    /// Whether it is declared to be made for children.
    pub made_for_kids: bool,
    /// Whether it is declared to contain altered or synthetic media.
    pub synthetic: bool,
    /// The SHA-256 of the bytes that arrived, in hex.
    pub sha256: String,
    /// Their number.
    pub size: u64,
    /// When they were complete, in milliseconds since 1970 by the sandbox's clock.
    pub at: i64,
}

/// One video.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Video {
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) metadata: Metadata,
    pub(super) stage: Stage,
    /// The name of its file, if files are stored.
    pub(super) file: String,
    file_name: Option<String>,
    pub(super) at: i64,
    size: u64,
    pub(super) sha256: String,
    pub(super) container: Option<Container>,
    doom: Option<String>,
    unknown_polls: u32,
    invisible_polls: u32,
    processing_polls: u32,
}

/// Its processing status: `status.uploadStatus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    Uploaded,
    Processed,
    Failed(String),
    Rejected(String),
    Deleted,
}

impl Video {
    pub(super) fn new(
        id: &str,
        session: &Session,
        sha256: String,
        size: u64,
        container: Option<Container>,
        at: i64,
    ) -> Self {
        Self {
            id: id.into(),
            channel: session.channel.clone(),
            metadata: session.metadata.clone(),
            stage: Stage::Uploaded,
            file: session.file.clone(),
            file_name: session.file_name.clone(),
            at,
            size,
            sha256,
            container,
            doom: None,
            unknown_polls: 0,
            invisible_polls: 0,
            processing_polls: 0,
        }
    }

    pub(super) fn begin(&mut self, limits: &Limits) {
        self.invisible_polls = limits.invisible_polls;
        self.processing_polls = self.processing_polls.saturating_add(limits.processing_polls);
    }

    /// Applies the creator's own settings, which may be stricter than the app.
    pub(super) fn settle_privacy(&mut self, uploads: Uploads) {
        match uploads {
            Uploads::AsAsked => {}
            Uploads::Private => self.metadata.privacy = Privacy::Private,
        }
    }

    /// Lets a fault decide its outcome.
    pub(super) fn suffer(&mut self, fault: FaultKind) {
        if let Some(reason) = fault.apply(&mut self.processing_polls, &mut self.unknown_polls) {
            self.doom = Some(reason);
        }
    }

    /// Reports whether it is found; checking is also what lets it appear.
    pub(super) fn look(&mut self) -> bool {
        let seen = self.invisible_polls == 0;
        self.invisible_polls = self.invisible_polls.saturating_sub(1);
        seen && self.stage != Stage::Deleted
    }

    /// Advances the processing after a check by its owner.
    pub(super) fn poll(&mut self) {
        match self.stage {
            Stage::Uploaded if self.processing_polls > 0 => self.processing_polls -= 1,
            Stage::Uploaded => self.conclude(),
            Stage::Processed | Stage::Failed(_) | Stage::Rejected(_) | Stage::Deleted => {}
        }
    }

    /// Returns an unknown status, if a fault requested one.
    pub(super) fn unknown_status(&mut self) -> Option<&'static str> {
        self.unknown_polls = self.unknown_polls.checked_sub(1)?;
        Some("ripening")
    }

    fn conclude(&mut self) {
        self.stage = match self.fate() {
            None => Stage::Processed,
            Some(reason) if REJECTIONS.contains(&reason.as_str()) => Stage::Rejected(reason),
            Some(reason) => Stage::Failed(reason),
        };
    }

    /// Advances the processing by time alone.
    pub(super) fn settle(&mut self, now: i64, limits: &Limits) {
        let patience = i64::from(limits.processing_seconds) * SECOND;
        if self.at.saturating_add(patience) <= now && self.stage == Stage::Uploaded {
            self.invisible_polls = 0;
            self.conclude();
        }
    }

    pub(super) fn is_unsettled(&self) -> bool {
        self.stage == Stage::Uploaded
    }

    /// Returns why it will never be visible.
    fn fate(&self) -> Option<String> {
        self.doom.clone().or_else(|| self.container.is_none().then(|| "invalidFile".into()))
    }

    /// Returns who can see it: a scheduled video becomes public at its time.
    pub(super) fn privacy(&self, now: i64) -> Privacy {
        match self.metadata.publish_at {
            Some(at) if at <= now && self.stage == Stage::Processed => Privacy::Public,
            Some(_) | None => self.metadata.privacy,
        }
    }

    /// Reports whether everyone can see it on the channel.
    pub(super) fn is_public(&self, now: i64) -> bool {
        self.stage == Stage::Processed && self.privacy(now) == Privacy::Public
    }

    /// Returns it as a publication, for tests that count.
    pub(super) fn published(&self, handle: &str, now: i64) -> Option<Published> {
        match self.stage {
            Stage::Uploaded if self.fate().is_none() => {}
            Stage::Processed => {}
            Stage::Uploaded | Stage::Failed(_) | Stage::Rejected(_) | Stage::Deleted => return None,
        }
        let said = &self.metadata;
        Some(Published {
            video_id: self.id.clone(),
            channel_id: self.channel.clone(),
            handle: handle.into(),
            title: said.title.clone(),
            description: said.description.clone(),
            tags: said.tags.clone(),
            category_id: said.category.clone(),
            privacy_status: self.privacy(now),
            publish_at: said.publish_at,
            made_for_kids: said.made_for_kids,
            synthetic: said.synthetic,
            sha256: self.sha256.clone(),
            size: self.size,
            at: self.at,
        })
    }

    /// Returns the video resource with these parts.
    pub(super) fn resource(&self, parts: &[String], channel: &Channel, now: i64) -> Value {
        let mut resource = Map::new();
        resource.insert("kind".into(), "youtube#video".into());
        resource.insert("etag".into(), self.sha256.get(..16).unwrap_or_default().into());
        resource.insert("id".into(), self.id.as_str().into());
        for part in parts {
            let value = match part.as_str() {
                "snippet" => self.snippet(channel),
                "status" => self.status(now),
                "processingDetails" => self.processing(),
                "fileDetails" => self.file_details(),
                "paidProductPlacementDetails" => json!({ "hasPaidProductPlacement": self.metadata.paid }),
                "statistics" => json!({ "viewCount": "0", "likeCount": "0", "commentCount": "0" }),
                _ => continue,
            };
            resource.insert(part.clone(), value);
        }
        resource.into()
    }

    fn snippet(&self, channel: &Channel) -> Value {
        let said = &self.metadata;
        json!({
            "publishedAt": rfc3339(self.at),
            "channelId": self.channel,
            "title": said.title,
            "description": said.description,
            "channelTitle": channel.title,
            "tags": said.tags,
            "categoryId": said.category.as_deref().unwrap_or("22"),
            "liveBroadcastContent": "none",
            "defaultLanguage": said.language,
            "defaultAudioLanguage": said.audio_language,
            "localized": { "title": said.title, "description": said.description },
        })
    }

    fn status(&self, now: i64) -> Value {
        let said = &self.metadata;
        let mut status = json!({
            "uploadStatus": match self.stage {
                Stage::Uploaded => "uploaded",
                Stage::Processed => "processed",
                Stage::Failed(_) => "failed",
                Stage::Rejected(_) => "rejected",
                Stage::Deleted => "deleted",
            },
            "privacyStatus": self.privacy(now),
            "license": said.license,
            "embeddable": said.embeddable,
            "publicStatsViewable": said.public_stats,
            "madeForKids": said.made_for_kids,
            "selfDeclaredMadeForKids": said.made_for_kids,
            "containsSyntheticMedia": said.synthetic,
        });
        if let Value::Object(status) = &mut status {
            match &self.stage {
                Stage::Failed(reason) => status.insert("failureReason".into(), reason.as_str().into()),
                Stage::Rejected(reason) => status.insert("rejectionReason".into(), reason.as_str().into()),
                Stage::Uploaded | Stage::Processed | Stage::Deleted => None,
            };
            if let Some(at) = said.publish_at.filter(|at| *at > now) {
                status.insert("publishAt".into(), rfc3339(at).into());
            }
        }
        status
    }

    fn processing(&self) -> Value {
        match &self.stage {
            // Numbers as strings, as everywhere in this API.
            Stage::Uploaded => json!({
                "processingStatus": "processing",
                "processingProgress": { "partsTotal": "100", "partsProcessed": "40", "timeLeftMs": "20000" },
            }),
            Stage::Processed => json!({ "processingStatus": "succeeded" }),
            Stage::Failed(_) => {
                json!({ "processingStatus": "failed", "processingFailureReason": "transcodeFailed" })
            }
            Stage::Rejected(_) | Stage::Deleted => json!({ "processingStatus": "terminated" }),
        }
    }

    fn file_details(&self) -> Value {
        json!({
            "fileName": self.file_name.as_deref().unwrap_or("unknown"),
            "fileSize": self.size.to_string(),
            "fileType": "video",
        })
    }
}

/// Returns milliseconds since 1970 in Google's time format.
pub(super) fn rfc3339(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Secs, true)
}
