//! The numbers Meta publishes for Pages, and those it does not; all can be changed while the sandbox runs.

use crate::meta::Usage;
use serde::{Deserialize, Serialize};

/// Caps, lifetimes, how long processing takes, and which of two spellings a reply has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Reels published by API per Page in 24 hours.
    pub reels_per_day: usize,
    /// How long an authorization code lives.
    pub code_seconds: u32,
    /// How long a user token from a code lives.
    pub short_token_seconds: u32,
    /// How long an extended user token lives; Page tokens made of it do not expire.
    pub long_token_seconds: u32,
    /// Whether token replies tell when the token expires.
    pub expiry: Expiry,
    /// Most Pages in one answer of `/me/accounts`, whatever was asked for.
    pub accounts_per_page: usize,
    /// How large a piece of a plain video is to be.
    pub piece_bytes: u64,
    /// Polls that answer "processing" after all bytes have arrived.
    pub processing_polls: u32,
    /// Polls after a finish that still answer "not started" for publishing.
    pub unstarted_polls: u32,
    /// Polls that answer "in progress" for publishing.
    pub publishing_polls: u32,
    /// What a second finish of one video does; nobody has said.
    pub second_finish: SecondFinish,
    /// Whose spelling the status has.
    pub spelling: Spelling,
    /// What the usage headers say, if there are any.
    pub usage: Option<Usage>,
}

/// Whether a token reply has `expires_in`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Expiry {
    /// It has.
    Told,
    /// It does not.
    Untold,
}

/// What finishing a video twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondFinish {
    /// The video is there twice: the worst that could be.
    Duplicates,
    /// Nothing, successfully.
    Ignored,
    /// An error.
    Refused,
}

/// How the status writes what Meta's documents and Meta's specifications write differently.
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
    /// Limits that never stand in the way: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { reels_per_day: usize::MAX, ..Self::default() }
    }
}
