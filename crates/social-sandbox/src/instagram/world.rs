//! The state of the simulated Instagram.

use super::account::Account;
use super::container::Container;
use super::limits::Limits;
use super::published::Published;
use crate::meta::{App, Caller, Grants, Parameters, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The platform's name in faults.
pub(crate) const PLATFORM: &str = "instagram";

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
