//! The state of the simulated TikTok.

use super::account::Account;
use super::grant::{Access, Code, Refresh};
use super::limits::{Limits, Windows};
use super::notice::Notice;
use super::publication::Publication;
use crate::clock::SECOND;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "tiktok";

/// TikTok's state.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) limits: Limits,
    /// By `open_id`.
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, Refresh>,
    pub(crate) publications: HashMap<String, Publication>,
    /// Publish ids, oldest first.
    pub(crate) order: Vec<String>,
    /// Publish ids by upload id.
    pub(crate) uploads: HashMap<String, String>,
    /// Publish ids by post id.
    pub(crate) posts: HashMap<i64, String>,
    /// Publish ids whose processing also ends by time alone.
    pub(crate) unsettled: BTreeSet<String>,
    #[serde(skip)]
    pub(crate) windows: Windows,
}

impl World {
    /// Ends the processing of all publications that have taken long enough.
    pub(crate) fn settle(&mut self, now: i64) -> Vec<Notice> {
        let patience = i64::from(self.limits.processing_seconds) * SECOND;
        let mut notices = Vec::new();
        for id in std::mem::take(&mut self.unsettled) {
            let Some(publication) = self.publications.get_mut(&id) else { continue };
            if publication.arrived_at().is_some_and(|at| at.saturating_add(patience) <= now) {
                notices.extend(publication.conclude());
                notices.extend(publication.become_visible());
            }
            if publication.is_unsettled() {
                self.unsettled.insert(id);
            }
        }
        notices
    }

    /// Returns an id that no publication or post has yet; larger than a float can represent.
    pub(crate) fn fresh_id(&self) -> i64 {
        loop {
            let id = 7_600_000_000_000_000_001 + i64::try_from(crate::random::below(1 << 56)).unwrap_or(0);
            if !self.posts.contains_key(&id) {
                return id;
            }
        }
    }
}
