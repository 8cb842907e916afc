//! Facebook's state, for tests.

use super::limits::Limits;
use super::page_roles::{Person, Role};
use super::permissions::REMOVED;
use super::published::Published;
use crate::sandbox::Sandbox;

/// Reads and changes Facebook's state without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Facebook<'sandbox> {
    sandbox: &'sandbox Sandbox,
}

impl<'sandbox> Facebook<'sandbox> {
    pub(crate) fn of(sandbox: &'sandbox Sandbox) -> Self {
        Self { sandbox }
    }

    /// Returns everything published, oldest first. It includes videos in processing that nothing can stop.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.sandbox.read(|state, _| state.facebook.published(&state.meta.intakes))
    }

    /// Returns how often an endpoint was called, with any outcome; see [`super::ENDPOINTS`].
    #[must_use]
    pub fn calls(&self, endpoint: &str) -> u64 {
        self.sandbox.calls(super::PLATFORM, endpoint)
    }

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

    /// Returns the id of a person by handle, or of the person who has a role on the Page of that handle.
    fn person(self, name: &str) -> Option<String> {
        self.sandbox.read(|state, _| {
            let world = &state.facebook;
            let page = world.who(name).map(|who| who.id);
            let page = page.or_else(|| world.page_by_username(name).map(|page| page.id.clone()));
            let runs_it = |person: &&Person| page.as_deref().is_some_and(|page| person.role(page).is_some());
            let holder = || world.people.values().find(runs_it);
            let person = world.person_by_username(name).or_else(holder);
            person.map(|person| person.id.clone())
        })
    }

    /// Expires all tokens of a person, or of the person who runs a Page. Returns whether there is one.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its people need not look")]
    pub fn expire_tokens(&self, name: &str) -> bool {
        let Some(id) = self.person(name) else { return false };
        self.sandbox.change(|state, now| state.facebook.grants.expire(&id, now));
        true
    }

    /// Ends the grant of a person, or of the person who runs a Page, as they would in Facebook's settings.
    /// Returns whether there is one.
    #[expect(clippy::must_use_candidate, reason = "a test that knows its people need not look")]
    pub fn revoke(&self, name: &str) -> bool {
        let Some(id) = self.person(name) else { return false };
        self.sandbox.change(|state, _| {
            state.facebook.grants.end(&id, REMOVED);
            state.facebook.opened.remove(&id);
        });
        true
    }

    /// Returns the limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.sandbox.read(|state, _| state.facebook.limits.clone())
    }

    /// Replaces the limits.
    pub fn set_limits(&self, limits: Limits) {
        self.sandbox.change(|state, _| state.facebook.limits = limits);
    }
}
