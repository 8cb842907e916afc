//! Why a result is held, for how long, and which other results with it.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

/// Why a result is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum HeldReason {
    /// The account must be reconnected.
    NeedsReconnect,
    /// The platform requested a pause.
    RateLimit,
    /// The platform's quota for the account or the app is used up.
    Quota,
}

impl HeldReason {
    /// Returns its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NeedsReconnect => "needs_reconnect",
            Self::RateLimit => "rate_limit",
            Self::Quota => "quota",
        }
    }

    /// Returns the reason of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::NeedsReconnect, Self::RateLimit, Self::Quota].into_iter().find(|reason| reason.name() == name)
    }

    /// Returns how a held result will resume. Nothing is promised if it `lapses` before. Only this text makes
    /// the promise: the reason itself is also shown where no post waits.
    #[must_use]
    pub fn promise(self, lapses: bool) -> &'static str {
        match self {
            Self::NeedsReconnect => " After that, the post continues.",
            Self::Quota | Self::RateLimit if lapses => "",
            Self::Quota | Self::RateLimit => " We'll retry automatically.",
        }
    }
}

/// How long a quota or pause lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// A duration from now.
    For(Duration),
    /// Until the next midnight of a time zone (by its IANA name), for a quota that is counted by the day. The
    /// database knows the time and the daylight saving of every zone, so it computes the midnight.
    UntilMidnight(&'static str),
}

/// A minute: the platform's midnight may come a little after ours.
const AFTER_MIDNIGHT: Duration = Duration::from_mins(1);

impl Window {
    /// Returns how long to wait: from now, or from the midnight of the zone.
    #[must_use]
    pub fn after(self) -> (Duration, Option<&'static str>) {
        match self {
            Self::For(time) => (time, None),
            Self::UntilMidnight(zone) => (AFTER_MIDNIGHT, Some(zone)),
        }
    }
}

/// The other results that are held with the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldScope {
    /// All queued results of its account.
    Account,
    /// All queued results of its platform, of every owner: the quota is the app's.
    Platform,
}
