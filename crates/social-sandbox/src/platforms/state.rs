//! What the state of each simulated platform can do, for the control endpoints and for tests.

use super::registry::Memory;
use crate::sandbox::Sandbox;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A platform's place in the state of the sandbox. The list of platforms implements it.
pub(crate) trait Place: Sized + 'static {
    type Limits: Clone + Serialize + DeserializeOwned + Send;
    type Published: Serialize;

    fn of(memory: &Memory) -> &Self;

    fn of_mut(memory: &mut Memory) -> &mut Self;

    fn limits(&self) -> &Self::Limits;

    fn limits_mut(&mut self) -> &mut Self::Limits;
}

/// A platform's state.
pub(crate) trait PlatformState: Place {
    /// The error for an account that does not exist.
    const UNKNOWN: &'static str = "there is no such account";

    /// Returns everything published, oldest first.
    fn published(memory: &Memory, now: i64) -> Vec<Self::Published>;

    /// Returns the id of the account whose grant a name means: a handle or an id.
    fn find(&self, name: &str) -> Option<String>;

    /// Expires the access tokens of an account.
    fn expire_access(&mut self, id: &str, now: i64);

    /// Expires the refresh tokens; where there are none, the access tokens.
    fn expire_refresh(&mut self, id: &str, now: i64) {
        self.expire_access(id, now);
    }

    /// Ends the grant, as the account's owner would in the platform's settings.
    fn revoke(sandbox: &Sandbox, id: &str);
}

/// Which tokens expire.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Tokens {
    #[default]
    Access,
    Refresh,
}

impl Sandbox {
    pub(crate) fn published<W: PlatformState>(&self) -> Vec<W::Published> {
        self.read(|memory, now| W::published(memory, now))
    }

    pub(crate) fn limits<W: PlatformState>(&self) -> W::Limits {
        self.read(|memory, _| W::of(memory).limits().clone())
    }

    pub(crate) fn set_limits<W: PlatformState>(&self, limits: W::Limits) {
        self.change(|memory, _| *W::of_mut(memory).limits_mut() = limits);
    }

    pub(crate) fn find<W: PlatformState>(&self, name: &str) -> Option<String> {
        self.read(|memory, _| W::of(memory).find(name))
    }

    /// Returns whether there is such an account.
    pub(crate) fn expire<W: PlatformState>(&self, name: &str, tokens: Tokens) -> bool {
        let Some(id) = self.find::<W>(name) else { return false };
        self.change(|memory, now| match tokens {
            Tokens::Access => W::of_mut(memory).expire_access(&id, now),
            Tokens::Refresh => W::of_mut(memory).expire_refresh(&id, now),
        });
        true
    }

    /// Returns whether there is such an account.
    pub(crate) fn revoke<W: PlatformState>(&self, name: &str) -> bool {
        let Some(id) = self.find::<W>(name) else { return false };
        W::revoke(self, &id);
        true
    }
}
