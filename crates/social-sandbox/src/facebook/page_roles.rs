//! People, Pages, and the roles of people on Pages.

use super::world::World;
use crate::call::Who;
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
    fn new(username: &str) -> Self {
        Self { id: meta::id("122"), username: username.into(), name: username.into(), pages: Vec::new() }
    }

    pub(crate) fn role(&self, page: &str) -> Option<Role> {
        self.pages.iter().find(|(id, _)| id == page).map(|(_, role)| *role)
    }
}

impl Page {
    fn new(username: &str) -> Self {
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

impl World {
    /// Creates the people that the consent page offers, and their Pages.
    pub(crate) fn populate(&mut self) {
        if !self.people.is_empty() {
            return;
        }
        for (username, name, pages) in [
            (
                "dana.demo",
                "Dana Demo",
                &[
                    ("demokitchen", "Demo Kitchen", Role::Full, 5_230),
                    ("demobakery", "Demo Bakery", Role::Content, 880),
                    ("readingroom", "Reading Room", Role::Analyst, 64),
                ][..],
            ),
            ("sam.solo", "Sam Solo", &[]),
        ] {
            let mut person = Person::new(username);
            person.name = name.into();
            for (username, name, role, followers) in pages {
                let mut page = Page::new(username);
                (page.name, page.followers) = ((*name).into(), *followers);
                person.pages.push((page.id.clone(), *role));
                self.pages.insert(page.id.clone(), page);
            }
            self.people.insert(person.id.clone(), person);
        }
    }

    pub(crate) fn person_by_username(&self, name: &str) -> Option<&Person> {
        let name = name.trim_start_matches('@');
        self.people.values().find(|person| person.username == name)
    }

    pub(crate) fn page_by_username(&self, name: &str) -> Option<&Page> {
        let name = name.trim_start_matches('@');
        self.pages.values().find(|page| page.username == name)
    }

    /// Returns a person by user name, created with a Page of the same name if missing.
    pub(crate) fn person_named(&mut self, name: &str) -> String {
        let name = name.trim_start_matches('@');
        if let Some(person) = self.person_by_username(name) {
            return person.id.clone();
        }
        let person = Person::new(name);
        let id = person.id.clone();
        self.people.insert(id.clone(), person);
        self.assign(&id, name, Role::Full);
        id
    }

    /// Gives a person a role on a Page, which is created if missing. Returns its id.
    pub(crate) fn assign(&mut self, person: &str, page: &str, role: Role) -> String {
        let page = page.trim_start_matches('@');
        let fresh = Page::new(page);
        let id = self.page_by_username(page).map_or(fresh.id.clone(), |page| page.id.clone());
        self.pages.entry(id.clone()).or_insert(fresh);
        if let Some(person) = self.people.get_mut(person) {
            person.pages.retain(|(known, _)| *known != id);
            person.pages.push((id.clone(), role));
        }
        id
    }

    /// Returns the Page or the person of an id.
    pub(crate) fn who(&self, id: &str) -> Option<Who> {
        let page = self.pages.get(id).map(|page| (&page.id, &page.username));
        let known = page.or(self.people.get(id).map(|person| (&person.id, &person.username)));
        known.map(|(id, username)| Who { id: id.clone(), username: username.clone() })
    }
}
