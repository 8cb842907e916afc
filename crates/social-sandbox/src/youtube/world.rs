//! The state of the simulated YouTube.

use super::channel::{Channel, GoogleAccount};
use super::grant::{Code, Token};
use super::limits::Limits;
use super::quota::Quota;
use super::session::Session;
use super::video::Video;
use crate::random;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "youtube";

/// YouTube's state.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct World {
    pub(crate) limits: Limits,
    pub(crate) quota: Quota,
    /// Google accounts, by `sub`.
    pub(crate) people: BTreeMap<String, GoogleAccount>,
    /// By channel id.
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Token>,
    pub(crate) refresh: HashMap<String, Token>,
    /// How many tokens have been issued.
    pub(super) issued: u64,
    /// By upload id.
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) videos: HashMap<String, Video>,
    /// Video ids, oldest first.
    pub(crate) order: Vec<String>,
    /// Video ids whose processing also ends by time alone.
    pub(crate) unsettled: BTreeSet<String>,
}

impl World {
    /// Advances all processing that has taken long enough.
    pub(crate) fn settle(&mut self, now: i64) {
        for id in std::mem::take(&mut self.unsettled) {
            let Some(video) = self.videos.get_mut(&id) else { continue };
            video.settle(now, &self.limits);
            if video.is_unsettled() {
                self.unsettled.insert(id);
            }
        }
    }

    /// Returns eleven letters that no video has yet.
    pub(super) fn fresh_video_id(&self) -> String {
        loop {
            let id = random::text(11);
            if !self.videos.contains_key(&id) {
                return id;
            }
        }
    }
}
