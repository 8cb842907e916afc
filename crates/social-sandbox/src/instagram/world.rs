//! The state of the simulated Instagram.

use super::account::Account;
use super::container::Container;
use super::limits::Limits;
use super::published::Published;
use crate::meta::{App, Caller, Grants, Parameters, Refusal};
use crate::platforms::{Memory, PlatformState};
use crate::sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "instagram";

/// The subcode of a token whose app its owner has removed.
const REMOVED: i64 = 458;

/// Instagram's state.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) limits: Limits,
    /// By the professional account's id.
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) grants: Grants,
    pub(crate) containers: HashMap<String, Container>,
    /// Container ids, oldest first.
    pub(crate) order: Vec<String>,
    /// Oldest first.
    pub(crate) published: Vec<Published>,
}

impl World {
    /// Returns the caller for this account, if it may publish.
    pub(super) fn publisher(
        &self,
        asked: &Parameters,
        app: &App,
        account: &str,
        now: i64,
    ) -> Result<Caller, Refusal> {
        let caller = asked.caller(&self.grants, app, now)?;
        if caller.token.user != account {
            return Err(Refusal::hidden(account));
        }
        caller.needs("instagram_business_content_publish")?;
        Ok(caller)
    }

    pub(super) fn media(&self, id: &str) -> Option<&Published> {
        self.published.iter().rev().find(|one| one.media_id == id)
    }
}

impl PlatformState for World {
    fn published(memory: &Memory, _: i64) -> Vec<Published> {
        memory.instagram.published.clone()
    }

    fn find(&self, name: &str) -> Option<String> {
        let known = self.accounts.get(name).or_else(|| self.by_username(name));
        known.map(|account| account.id.clone())
    }

    fn expire_access(&mut self, id: &str, now: i64) {
        self.grants.expire(id, now);
    }

    fn revoke(sandbox: &Sandbox, id: &str) {
        sandbox.change(|memory, _| memory.instagram.grants.end(id, REMOVED));
    }
}
