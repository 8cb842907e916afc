//! The first people and Pages, and the search for one.

use super::page_roles::{Page, Person, Role};
use super::world::World;
use crate::place::Who;

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
