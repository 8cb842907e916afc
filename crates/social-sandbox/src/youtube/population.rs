//! The first people and channels, and the search for one.

use super::channel::{Channel, GoogleAccount};
use super::world::World;
use crate::place::Who;
use crate::random;

impl World {
    /// Creates the people that the consent page offers.
    pub(crate) fn populate(&mut self) {
        if !self.people.is_empty() {
            return;
        }
        for (handle, title, email, subscribers, videos) in [
            ("demostudio", "Demo Studio", "demo@gmail.example", 1_520, 87),
            ("demoshorts", "Demo Shorts", "demo@gmail.example", 42, 9),
            ("quietgarden", "Quiet Garden", "moss@gmail.example", 250_311, 412),
        ] {
            let owner = self.person(email);
            let channel = self.channel_of(handle, &owner);
            channel.title = title.into();
            (channel.subscribers, channel.earlier_videos) = (subscribers, videos);
        }
        // A person who only watches.
        self.person("watcher@gmail.example");
    }

    /// Returns the `sub` of the account with that email address, created if missing.
    pub(crate) fn person(&mut self, email: &str) -> String {
        if let Some(known) = self.people.values().find(|person| person.email == email) {
            return known.sub.clone();
        }
        let sub = (100_000_000_000_000_000_000_u128 + u128::from(random::below(u64::MAX))).to_string();
        self.people.insert(sub.clone(), GoogleAccount { sub: sub.clone(), email: email.into() });
        sub
    }

    /// Returns a channel by handle, with or without the `@`.
    pub(crate) fn by_handle(&self, handle: &str) -> Option<&Channel> {
        let handle = handle.trim_start_matches('@');
        self.channels.values().find(|channel| channel.handle == handle)
    }

    /// Returns a channel by handle, created with its own Google account if missing.
    pub(crate) fn channel_named(&mut self, handle: &str) -> &mut Channel {
        let handle = handle.trim_start_matches('@');
        let owner = match self.by_handle(handle) {
            Some(channel) => channel.owner.clone(),
            None => self.person(&format!("{handle}@gmail.example")),
        };
        self.channel_of(handle, &owner)
    }

    /// Returns a channel by handle, created for this person if missing.
    pub(crate) fn channel_of(&mut self, handle: &str, owner: &str) -> &mut Channel {
        let fresh = || Channel::new(handle, owner);
        let id = self.by_handle(handle).map_or_else(|| fresh().id, |channel| channel.id.clone());
        self.channels.entry(id.clone()).or_insert_with(|| Channel { id, ..fresh() })
    }

    /// Returns the account of a channel id.
    pub(crate) fn who(&self, channel: &str) -> Option<Who> {
        self.channels.get(channel).map(Channel::who)
    }
}
