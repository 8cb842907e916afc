//! People, Pages, and the roles of people on Pages.

use crate::meta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::VecDeque;

/// A person's role on a Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Everything.
    Full,
    /// Create content and view statistics.
    Content,
    /// View statistics.
    Analyst,
    /// Everything, but Facebook withholds the Page's token.
    Tokenless,
    /// Everything, through a business portfolio: listed only with `business_management`.
    Business,
    /// Everything, on a Page of the person's business: `/me/accounts` does not list it.
    Portfolio,
    /// The same, on a Page of one of the business's clients.
    Client,
    /// Everything, on a new-style Page, whose tasks have different names.
    NewStyle,
    /// Everything, but with an odd response: members are null, and the id is a number.
    Odd,
}

impl Role {
    pub(super) fn tasks(self) -> &'static [&'static str] {
        match self {
            Self::Full | Self::Tokenless | Self::Business | Self::Portfolio | Self::Client | Self::Odd => {
                &["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
            }
            Self::NewStyle => &[
                "PROFILE_PLUS_ADVERTISE",
                "PROFILE_PLUS_ANALYZE",
                "PROFILE_PLUS_CREATE_CONTENT",
                "PROFILE_PLUS_MESSAGING",
                "PROFILE_PLUS_MODERATE",
                "PROFILE_PLUS_MANAGE",
                "PROFILE_PLUS_FULL_CONTROL",
            ],
            Self::Content => &["ANALYZE", "CREATE_CONTENT"],
            Self::Analyst => &["ANALYZE"],
        }
    }

    pub(super) fn may_publish(self) -> bool {
        self.tasks().iter().any(|task| task.ends_with("CREATE_CONTENT"))
    }

    /// Reports whether the Page is available only through a business.
    pub(super) fn is_of_a_portfolio(self) -> bool {
        matches!(self, Self::Portfolio | Self::Client)
    }
}

/// Makes a Page's fields odd: readable JSON, but with other types than before.
pub(super) fn make_odd(fields: &mut Map<String, Value>) {
    for name in ["tasks", "picture", "username"] {
        if let Some(value) = fields.get_mut(name) {
            *value = Value::Null;
        }
    }
    if let Some(id) = fields.get_mut("id") {
        let number = id.as_str().and_then(|id| id.parse::<u64>().ok());
        *id = number.map_or(Value::Null, Value::from);
    }
}

/// One person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    /// The person's id for this app.
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) name: String,
    /// Page ids with the person's role.
    pub(crate) pages: Vec<(String, Role)>,
}

/// One Page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) category: String,
    pub(crate) followers: i64,
    /// The times of Reels published by API within the last day.
    pub(crate) reels: VecDeque<i64>,
}

impl Person {
    pub(super) fn new(username: &str) -> Self {
        Self { id: meta::id("122"), username: username.into(), name: username.into(), pages: Vec::new() }
    }

    pub(crate) fn role(&self, page: &str) -> Option<Role> {
        self.pages.iter().find(|(id, _)| id == page).map(|(_, role)| *role)
    }
}

impl Page {
    pub(super) fn new(username: &str) -> Self {
        Self {
            id: meta::id("104"),
            username: username.into(),
            name: username.into(),
            category: "Local business".into(),
            followers: 0,
            reels: VecDeque::new(),
        }
    }
}
