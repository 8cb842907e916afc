//! Facebook's state, for tests.

use super::page_roles::Role;
use crate::sandbox::Sandbox;

/// Reads and changes Facebook's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Facebook<'sandbox> {
    pub(crate) sandbox: &'sandbox Sandbox,
}

impl Facebook<'_> {
    /// Gives a person a role on a Page, by their handles, and creates either if missing. Returns the Page's
    /// id. A new person also has a Page of the same handle.
    #[must_use]
    pub fn assign(&self, person: &str, page: &str, role: Role) -> String {
        self.sandbox.change(|state, _| {
            let person = state.facebook.person_named(person);
            state.facebook.assign(&person, page, role)
        })
    }

    /// Removes a person's role on a Page.
    pub fn dismiss(&self, person: &str, page: &str) {
        self.sandbox.change(|state, _| {
            let world = &mut state.facebook;
            let page = world.page_by_username(page).map(|page| page.id.clone());
            let person = world.person_by_username(person).map(|person| person.id.clone());
            if let Some(person) = person.and_then(|id| world.people.get_mut(&id)) {
                person.pages.retain(|(id, _)| Some(id) != page.as_ref());
            }
        });
    }

    /// Returns the id of a Page or a person by handle; an id is returned unchanged.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.facebook;
            let known = world.who(name).map(|who| who.id);
            let page = || world.page_by_username(name).map(|page| page.id.clone());
            let person = || world.person_by_username(name).map(|person| person.id.clone());
            known.or_else(page).or_else(person)
        })
    }
}
