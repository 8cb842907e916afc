//! The accounts of the simulated Instagram.

use super::world::World;
use crate::call::Who;
use crate::meta;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The type of an account; only the first two can publish by API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    /// A business.
    Business,
    /// A creator.
    MediaCreator,
    /// Neither.
    Personal,
}

impl AccountType {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Business => "BUSINESS",
            Self::MediaCreator => "MEDIA_CREATOR",
            Self::Personal => "PERSONAL",
        }
    }
}

/// One account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The professional account's id, which is part of URLs.
    pub(crate) id: String,
    /// Another id of the same account, for this app alone.
    pub(crate) scoped_id: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) kind: AccountType,
    pub(crate) followers: i64,
    /// Media from before the sandbox was opened.
    pub(crate) media: i64,
    /// The times of containers and publications within the last day.
    pub(crate) containers: VecDeque<i64>,
    pub(crate) posts: VecDeque<i64>,
}

impl Account {
    pub(crate) fn new(username: &str, kind: AccountType) -> Self {
        Self {
            id: meta::id("17841"),
            scoped_id: meta::id("9988"),
            username: username.into(),
            name: username.into(),
            kind,
            followers: 0,
            media: 0,
            containers: VecDeque::new(),
            posts: VecDeque::new(),
        }
    }

    pub(crate) fn who(&self) -> Who {
        Who { id: self.id.clone(), username: self.username.clone() }
    }
}

impl World {
    /// Creates the accounts that the consent page offers.
    pub(crate) fn populate(&mut self) {
        if !self.accounts.is_empty() {
            return;
        }
        let mut kitchen = Account::new("demokitchen", AccountType::Business);
        kitchen.name = "Demo Kitchen".into();
        (kitchen.followers, kitchen.media) = (3_410, 212);
        let mut garden = Account::new("quietgarden", AccountType::MediaCreator);
        garden.name = "Quiet Garden".into();
        (garden.followers, garden.media) = (640, 31);
        let mut private = Account::new("just.me", AccountType::Personal);
        private.name = "Just Me".into();
        (private.followers, private.media) = (48, 7);
        for account in [kitchen, garden, private] {
            self.accounts.insert(account.id.clone(), account);
        }
    }

    /// Returns an account by user name, with or without the `@`.
    pub(crate) fn by_username(&self, name: &str) -> Option<&Account> {
        let name = name.trim_start_matches('@');
        self.accounts.values().find(|account| account.username == name)
    }

    /// Returns an account by user name, created if missing.
    pub(crate) fn account_named(&mut self, name: &str, kind: AccountType) -> &mut Account {
        let name = name.trim_start_matches('@');
        let fresh = Account::new(name, kind);
        let id = self.by_username(name).map_or(fresh.id.clone(), |account| account.id.clone());
        self.accounts.entry(id).or_insert(fresh)
    }

    /// Returns the account of an id.
    pub(crate) fn who(&self, id: &str) -> Option<Who> {
        self.accounts.get(id).map(Account::who)
    }
}
