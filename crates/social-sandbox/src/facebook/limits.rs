//! The numbers that Meta documents for Pages, and others. All can be changed while the sandbox runs.

use crate::meta::Usage;
use serde::{Deserialize, Serialize};

/// Quotas, lifetimes, the duration of processing, and which of two spellings a response has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Reels published by API per Page in 24 hours.
    pub reels_per_day: usize,
    /// How long an authorization code is valid.
    pub code_seconds: u32,
    /// How long a user token from a code is valid.
    pub short_token_seconds: u32,
    /// How long an extended user token is valid; Page tokens made from it do not expire.
    pub long_token_seconds: u32,
    /// Whether token responses name the expiry of the token.
    pub expiry: Expiry,
    /// The most Pages in one response of `/me/accounts`.
    pub accounts_per_page: usize,
    /// The size of a piece of a plain video.
    pub piece_bytes: u64,
    /// The number of "processing" responses after all bytes have arrived.
    pub processing_polls: u32,
    /// The number of "not started" responses for publishing after a finish.
    pub unstarted_polls: u32,
    /// The number of "in progress" responses for publishing.
    pub publishing_polls: u32,
    /// The effect of a second finish of one video; Meta does not document it.
    pub second_finish: SecondFinish,
    /// The spelling of the status.
    pub spelling: Spelling,
    /// The contents of the usage headers, if they are sent.
    pub usage: Option<Usage>,
}

/// Whether a token response has `expires_in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expiry {
    /// It has it.
    Told,
    /// It does not have it.
    Untold,
}

/// The effect of finishing a video twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondFinish {
    /// The video appears twice: the worst case.
    Duplicates,
    /// Nothing, with a success.
    Ignored,
    /// An error.
    Refused,
}

/// The spelling of the status where Meta's documents and Meta's specifications differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Spelling {
    /// `bytes_transferred`, `complete`, `errors`.
    Specifications,
    /// `bytes_transfered`, `completed`, `error`.
    Documents,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reels_per_day: 30,
            code_seconds: 600,
            short_token_seconds: 7_200,
            long_token_seconds: 5_184_000,
            expiry: Expiry::Told,
            accounts_per_page: 25,
            piece_bytes: 4 << 20,
            processing_polls: 2,
            unstarted_polls: 0,
            publishing_polls: 1,
            second_finish: SecondFinish::Duplicates,
            spelling: Spelling::Specifications,
            usage: None,
        }
    }
}

impl Limits {
    /// Returns limits that never apply: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { reels_per_day: usize::MAX, ..Self::default() }
    }
}
