//! The numbers that YouTube documents, and others. All can be changed while the sandbox runs.

use serde::{Deserialize, Serialize};

/// Quotas, lifetimes and the duration of processing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// `videos.insert` calls of the whole project per Pacific day.
    pub inserts_per_day: u32,
    /// Units of all other calls per Pacific day.
    pub units_per_day: u32,
    /// Sessions one channel may open in 24 hours; YouTube does not document it.
    pub uploads_per_day: usize,
    /// How long an authorization code is valid.
    pub code_seconds: u32,
    /// How long an access token is valid.
    pub access_token_seconds: u32,
    /// How long an upload session is valid; YouTube does not document it.
    pub session_seconds: u32,
    /// The HTTP status of an expired session: 404, and 410 has been seen.
    pub dead_session_status: u16,
    /// The HTTP status of the response to the last byte: 200 or 201.
    pub done_status: u16,
    /// The number of checks in which a video that has arrived is not found yet.
    pub invisible_polls: u32,
    /// The number of "uploaded" responses after that.
    pub processing_polls: u32,
    /// Sandbox time after which processing also ends without checks, noticed when the clock is moved.
    pub processing_seconds: u32,
    /// Whether the token response of a grant that expires says when.
    pub tells_refresh_expiry: bool,
    /// Whether refresh tokens are issued.
    pub gives_refresh_tokens: bool,
    /// The response about the channels of a person without one.
    pub no_channel: NoChannel,
}

/// The response of `channels.list` to a person without a channel; both are documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoChannel {
    /// A list without items.
    Empty,
    /// 401 `youtubeSignupRequired`.
    SignupRequired,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inserts_per_day: 100,
            units_per_day: 10_000,
            uploads_per_day: 20,
            code_seconds: 600,
            access_token_seconds: 3_599,
            session_seconds: 604_800,
            dead_session_status: 404,
            done_status: 200,
            invisible_polls: 1,
            processing_polls: 2,
            processing_seconds: 60,
            tells_refresh_expiry: true,
            gives_refresh_tokens: true,
            no_channel: NoChannel::Empty,
        }
    }
}

impl Limits {
    /// Returns limits that never apply: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            inserts_per_day: u32::MAX,
            units_per_day: u32::MAX,
            uploads_per_day: usize::MAX,
            ..Self::default()
        }
    }
}
