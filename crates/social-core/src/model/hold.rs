//! Holding a result: why, for how long, and what else with it.

use std::time::Duration;

use serde::Serialize;

/// Why a result is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HeldReason {
    /// The account must be connected again.
    NeedsReconnect,
    /// The platform asked for a pause.
    RateLimit,
    /// The platform's quota for the account or the app is used up.
    Quota,
}

impl HeldReason {
    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NeedsReconnect => "needs_reconnect",
            Self::RateLimit => "rate_limit",
            Self::Quota => "quota",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::NeedsReconnect, Self::RateLimit, Self::Quota].into_iter().find(|reason| reason.name() == name)
    }

    /// How a held result goes on; nothing is promised where it `lapses` before it could. It is said here alone: the
    /// reason itself is told also where no post waits.
    #[must_use]
    pub fn promise(self, lapses: bool) -> &'static str {
        match self {
            Self::NeedsReconnect => " After that, the post continues.",
            Self::Quota | Self::RateLimit if lapses => "",
            Self::Quota | Self::RateLimit => " We'll retry automatically.",
        }
    }
}

/// How long a window lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// So long from now.
    For(Duration),
    /// Until the next midnight of a time zone (by its IANA name), where a quota is counted by the day. The database,
    /// which knows the time and every zone's summer, says when that is.
    UntilMidnight(&'static str),
}

/// A minute: the platform's midnight may come a little after ours.
const AFTER_MIDNIGHT: Duration = Duration::from_mins(1);

impl Window {
    /// How long to wait: from now, or from the midnight of the zone.
    #[must_use]
    pub fn after(self) -> (Duration, Option<&'static str>) {
        match self {
            Self::For(time) => (time, None),
            Self::UntilMidnight(zone) => (AFTER_MIDNIGHT, Some(zone)),
        }
    }
}

/// What a window holds besides the result that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldScope {
    /// What else its account has waiting.
    Account,
    /// What anybody has waiting on its platform: the quota is the app's.
    Platform,
}
