//! The accounts of the simulated Instagram.

use crate::meta;
use crate::place::Who;
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
