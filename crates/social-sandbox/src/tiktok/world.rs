//! The state of the simulated TikTok.

use super::account::Account;
use super::control::disconnect;
use super::grant::{Access, Code, Refresh};
use super::limits::{Limits, Windows};
use super::notice::Notice;
use super::publication::{Publication, Published};
use crate::clock::SECOND;
use crate::platforms::{Memory, PlatformState};
use crate::sandbox::Sandbox;
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

impl PlatformState for World {
    fn published(memory: &Memory, _: i64) -> Vec<Published> {
        let world = &memory.tiktok;
        let all = world.order.iter().filter_map(|id| world.publications.get(id));
        all.filter_map(|one| one.published(&world.accounts.get(&one.open_id)?.username)).collect()
    }

    fn find(&self, name: &str) -> Option<String> {
        let known = self.accounts.get(name).or_else(|| self.by_username(name));
        known.map(|account| account.open_id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        for access in self.access.values_mut().filter(|access| access.open_id == id) {
            access.expires_at = access.expires_at.min(now);
        }
    }

    fn expire_refresh(&mut self, id: &str, now: i64) {
        for refresh in self.refresh.values_mut().filter(|refresh| refresh.open_id == id) {
            refresh.expires_at = refresh.expires_at.min(now);
        }
    }

    fn revoke(sandbox: &Sandbox, id: &str) {
        disconnect(sandbox, id);
    }
}
