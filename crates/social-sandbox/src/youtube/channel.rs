//! The people with Google accounts in the sandbox, and their channels.

use super::world::World;
use crate::call::Who;
use crate::random;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A person with a Google account, to which grants belong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GoogleAccount {
    /// The id that all of its channels share.
    pub(crate) sub: String,
    pub(crate) email: String,
}

/// How a channel treats the requested privacy of uploads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uploads {
    /// As requested.
    #[default]
    AsAsked,
    /// Private, by the creator's own settings.
    Private,
}

/// Whether the channel may publish videos of more than 15 minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LongUploads {
    /// It is verified.
    #[default]
    Allowed,
    /// It could be verified.
    Eligible,
    /// It may not.
    Disallowed,
}

/// Whether the channel may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// It may.
    #[default]
    Good,
    /// YouTube has suspended it.
    Suspended,
}

/// One channel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Channel {
    /// `UC` and 22 letters.
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) title: String,
    /// Its owner: a [`GoogleAccount::sub`].
    pub(crate) owner: String,
    pub(crate) subscribers: u64,
    /// Public videos from before the sandbox was opened.
    pub(crate) earlier_videos: u64,
    pub(crate) uploads: Uploads,
    pub(crate) long_uploads: LongUploads,
    pub(crate) standing: Standing,
    /// Video ids, oldest first.
    pub(crate) videos: Vec<String>,
    /// The times of new sessions within the last day, for the channel's limit.
    pub(crate) recent: VecDeque<i64>,
}

impl Channel {
    fn new(handle: &str, owner: &str) -> Self {
        Self {
            id: format!("UC{}", random::text(22)),
            handle: handle.into(),
            title: handle.into(),
            owner: owner.into(),
            subscribers: 0,
            earlier_videos: 0,
            uploads: Uploads::default(),
            long_uploads: LongUploads::default(),
            standing: Standing::default(),
            videos: Vec::new(),
            recent: VecDeque::new(),
        }
    }

    /// Returns the id of the playlist of all uploads: the same id with another prefix.
    pub(crate) fn uploads_playlist(&self) -> String {
        format!("UU{}", self.id.get(2..).unwrap_or_default())
    }

    /// Reports whether it is visible to everyone.
    pub(super) fn is_public(&self) -> bool {
        self.standing == Standing::Good
    }

    pub(crate) fn who(&self) -> Who {
        Who { id: self.id.clone(), username: self.handle.clone() }
    }
}

/// Reports whether YouTube would accept the handle: 3 to 30 letters, digits, dots, hyphens, underscores.
pub(crate) fn is_handle(name: &str) -> bool {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    (3..=30).contains(&name.len()) && name.chars().all(allowed)
}

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
