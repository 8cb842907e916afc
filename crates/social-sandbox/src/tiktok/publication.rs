//! One publication, from init to end.

use super::limits::{IdForm, Limits};
use super::notice::Notice;
use super::source::Source;
use super::upload::Upload;
use crate::fault::FaultKind;
use crate::receiver::{Arrived, Taken};
use crate::video::Container;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How a video is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// As a post.
    Direct,
    /// As a draft in the creator's inbox.
    Inbox,
}

/// A video that is published, or that nothing can stop from being published. Tests count these to tell once
/// from twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The id from the init.
    pub publish_id: String,
    /// The post's id; drafts have none until their creator posts them.
    pub post_id: Option<i64>,
    /// Its account.
    pub open_id: String,
    /// The creator's handle.
    pub username: String,
    /// The caption.
    pub caption: String,
    /// Who may see it; drafts have none.
    pub privacy_level: Option<String>,
    /// Post or draft.
    pub mode: Mode,
    /// Whether it is labelled as AI-generated.
    pub is_aigc: bool,
    /// The SHA-256 of the bytes that arrived, in hex.
    pub sha256: String,
    /// Their number.
    pub size: u64,
    /// When they were complete, in milliseconds since 1970 by the sandbox's clock.
    pub at: i64,
}

/// An accepted init, with any outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The id from the init.
    pub publish_id: String,
    /// The creator's handle.
    pub username: String,
    /// The announced number of bytes; `None` if the platform downloads.
    pub upload_size: Option<u64>,
    /// The URL that the platform downloads from.
    pub video_url: Option<String>,
    /// Why it failed, if it did.
    pub failed: Option<String>,
    /// Whether it waits for bytes: nothing is published before the last of them has arrived.
    pub awaits_bytes: bool,
}

/// One publication.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Publication {
    pub(super) publish_id: String,
    /// The name of its file, if files are stored.
    pub(super) video: String,
    pub(super) open_id: String,
    pub(super) mode: Mode,
    pub(super) source: Source,
    pub(super) caption: String,
    pub(super) privacy: Option<String>,
    pub(super) is_aigc: bool,
    pub(super) phase: Phase,
    pub(super) upload: Option<Upload>,
    pub(super) arrived: Option<Arrived>,
    pub(super) post_id: Option<i64>,
    /// Bytes downloaded so far.
    pub(super) pulled: u64,
    doom: Option<String>,
    unknown_polls: u32,
    processing_polls: u32,
    post_id_polls: u32,
}

/// Its phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    Receiving,
    Pulling,
    Processing,
    Delivered,
    Complete,
    Failed(String),
}

impl Publication {
    pub(super) fn new(publish_id: String, video: String, open_id: &str, mode: Mode, source: Source) -> Self {
        let phase = match source {
            Source::File(_) => Phase::Receiving,
            Source::Url(_) => Phase::Pulling,
        };
        Self {
            publish_id,
            video,
            open_id: open_id.into(),
            mode,
            source,
            caption: String::new(),
            privacy: None,
            is_aigc: false,
            phase,
            upload: None,
            arrived: None,
            post_id: None,
            pulled: 0,
            doom: None,
            unknown_polls: 0,
            processing_polls: 0,
            post_id_polls: 0,
        }
    }

    /// Lets a fault decide its outcome.
    pub(super) fn suffer(&mut self, fault: FaultKind) {
        if let Some(reason) = fault.apply(&mut self.processing_polls, &mut self.unknown_polls) {
            self.doom(&reason);
        }
    }

    /// Lets it fail, unless it has ended.
    pub(super) fn doom(&mut self, reason: &str) {
        match self.phase {
            Phase::Receiving | Phase::Pulling | Phase::Processing => self.doom = Some(reason.into()),
            Phase::Delivered | Phase::Complete | Phase::Failed(_) => {}
        }
    }

    /// Records the last byte: from now on the app cannot stop it.
    pub(super) fn arrive(
        &mut self,
        at: i64,
        size: u64,
        sha256: String,
        taken: &Taken,
        limits: &Limits,
        id: i64,
    ) {
        self.arrived = Some(Arrived { at, size, sha256, container: taken.head.container() });
        self.pulled = size;
        self.phase = Phase::Processing;
        self.processing_polls = self.processing_polls.saturating_add(limits.processing_polls);
        self.post_id_polls = limits.post_id_polls;
        if self.mode == Mode::Direct {
            self.post_id = Some(id);
        }
    }

    fn notice(&self, event: &str) -> Notice {
        let publish_type = match self.mode {
            Mode::Direct => "DIRECT_PUBLISH",
            Mode::Inbox => "INBOX_SHARE",
        };
        let content = json!({ "publish_id": self.publish_id, "publish_type": publish_type });
        Notice { event: event.into(), open_id: Some(self.open_id.clone()), content }
    }

    fn visible(&self) -> Option<Notice> {
        let id = self.post_id?.to_string();
        Some(self.notice("post.publish.publicly_available").with("post_id", &id))
    }

    pub(super) fn fail(&mut self, reason: &str) -> Notice {
        self.phase = Phase::Failed(reason.into());
        self.notice("post.publish.failed").with("reason", reason)
    }

    /// Ends the processing.
    pub(super) fn conclude(&mut self) -> Option<Notice> {
        if self.phase != Phase::Processing {
            return None;
        }
        if let Some(reason) = self.fate() {
            return Some(self.fail(&reason));
        }
        match self.mode {
            Mode::Direct => {
                self.phase = Phase::Complete;
                Some(self.notice("post.publish.complete"))
            }
            Mode::Inbox => {
                self.phase = Phase::Delivered;
                Some(self.notice("post.publish.inbox_delivered"))
            }
        }
    }

    /// Ends the moderation of a public post.
    pub(super) fn become_visible(&mut self) -> Option<Notice> {
        if !self.is_public() || self.post_id_polls == 0 {
            return None;
        }
        self.post_id_polls = 0;
        self.visible()
    }

    /// Posts a draft, as the creator.
    pub(super) fn finish(&mut self, id: i64) -> Vec<Notice> {
        if self.phase != Phase::Delivered {
            return Vec::new();
        }
        self.phase = Phase::Complete;
        self.post_id = Some(id);
        self.privacy = Some("PUBLIC_TO_EVERYONE".into());
        self.post_id_polls = 0;
        std::iter::once(self.notice("post.publish.complete")).chain(self.visible()).collect()
    }

    /// Responds to a status check, which also advances the processing.
    pub(super) fn poll(&mut self, limits: &Limits) -> (Value, Vec<Notice>) {
        let mut notices = Vec::new();
        let mut id_shown = false;
        match self.phase {
            Phase::Processing if self.processing_polls > 0 => self.processing_polls -= 1,
            Phase::Processing => {
                notices.extend(self.conclude());
                if self.post_id_polls == 0 && self.is_public() {
                    notices.extend(self.visible());
                    id_shown = true;
                }
            }
            Phase::Complete if self.post_id_polls > 1 => self.post_id_polls -= 1,
            Phase::Complete => {
                notices.extend(self.become_visible());
                id_shown = true;
            }
            Phase::Receiving | Phase::Pulling | Phase::Delivered | Phase::Failed(_) => {}
        }
        let mut status = self.status();
        if self.unknown_polls > 0 {
            self.unknown_polls -= 1;
            status = "PROCESSING_IN_A_NEW_WAY";
        }
        let ids: Vec<Value> = match self.post_id.filter(|_| id_shown && self.is_public()) {
            None => Vec::new(),
            Some(id) => vec![match limits.post_ids {
                IdForm::Number => json!(id),
                IdForm::Text => json!(id.to_string()),
            }],
        };
        let mut data = Map::new();
        data.insert("status".into(), status.into());
        data.insert("publicaly_available_post_id".into(), ids.into());
        if let Phase::Failed(reason) = &self.phase {
            data.insert("fail_reason".into(), reason.as_str().into());
        }
        match (&self.source, &self.upload) {
            (Source::File(_), upload) => {
                let bytes = upload.as_ref().map_or(0, |upload| upload.committed);
                data.insert("uploaded_bytes".into(), bytes.into());
            }
            (Source::Url(_), _) => {
                data.insert("downloaded_bytes".into(), self.pulled.into());
            }
        }
        (data.into(), notices)
    }

    /// Returns the accepted init, for tests.
    pub(super) fn begun(&self, username: &str) -> Begun {
        let (upload_size, video_url) = match &self.source {
            Source::File(plan) => (Some(plan.size), None),
            Source::Url(url) => (None, Some(url.clone())),
        };
        let failed = match &self.phase {
            Phase::Failed(reason) => Some(reason.clone()),
            Phase::Receiving | Phase::Pulling | Phase::Processing | Phase::Delivered | Phase::Complete => {
                None
            }
        };
        Begun {
            publish_id: self.publish_id.clone(),
            username: username.into(),
            upload_size,
            video_url,
            failed,
            awaits_bytes: self.phase == Phase::Receiving,
        }
    }

    /// Returns it as a publication, for tests that count.
    pub(super) fn published(&self, username: &str) -> Option<Published> {
        let counts = match self.phase {
            Phase::Processing => self.fate().is_none(),
            Phase::Delivered | Phase::Complete => true,
            Phase::Receiving | Phase::Pulling | Phase::Failed(_) => false,
        };
        let arrived = self.arrived.as_ref().filter(|_| counts)?;
        Some(Published {
            publish_id: self.publish_id.clone(),
            post_id: self.post_id,
            open_id: self.open_id.clone(),
            username: username.into(),
            caption: self.caption.clone(),
            privacy_level: self.privacy.clone(),
            mode: self.mode,
            is_aigc: self.is_aigc,
            sha256: arrived.sha256.clone(),
            size: arrived.size,
            at: arrived.at,
        })
    }

    /// Returns why it will fail.
    fn fate(&self) -> Option<String> {
        let is_unreadable =
            |container: Option<Container>| container.is_none_or(|found| found == Container::Other);
        let unreadable = self.arrived.as_ref().is_some_and(|arrived| is_unreadable(arrived.container));
        self.doom.clone().or_else(|| unreadable.then(|| "file_format_check_failed".into()))
    }

    fn status(&self) -> &'static str {
        match (&self.phase, &self.source) {
            (Phase::Receiving, _) | (Phase::Processing, Source::File(_)) => "PROCESSING_UPLOAD",
            (Phase::Pulling, _) | (Phase::Processing, Source::Url(_)) => "PROCESSING_DOWNLOAD",
            (Phase::Delivered, _) => "SEND_TO_USER_INBOX",
            (Phase::Complete, _) => "PUBLISH_COMPLETE",
            (Phase::Failed(_), _) => "FAILED",
        }
    }

    pub(super) fn is_public(&self) -> bool {
        self.phase == Phase::Complete && self.privacy.as_deref() == Some("PUBLIC_TO_EVERYONE")
    }

    /// Reports whether it is public, and past moderation.
    pub(super) fn is_listed(&self) -> bool {
        self.is_public() && self.post_id_polls == 0
    }

    pub(super) fn is_failed(&self) -> bool {
        matches!(self.phase, Phase::Failed(_))
    }

    /// Reports whether it is an unfinished draft, or will be one.
    pub(super) fn is_pending(&self) -> bool {
        self.mode == Mode::Inbox && !matches!(self.phase, Phase::Complete | Phase::Failed(_))
    }

    pub(super) fn is_unsettled(&self) -> bool {
        self.phase == Phase::Processing || self.is_public() && self.post_id_polls > 0
    }

    pub(super) fn arrived_at(&self) -> Option<i64> {
        self.arrived.as_ref().map(|arrived| arrived.at)
    }
}
