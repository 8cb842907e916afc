//! Codes and tokens: a person's grants to the app.

use super::envelope::Refusal;
use crate::clock::SECOND;
use serde::{Deserialize, Serialize};

/// The person of a grant, and its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The Google account.
    pub(crate) sub: String,
    /// The chosen channel; `None` for people without one.
    pub(crate) channel: Option<String>,
    pub(crate) scopes: Vec<String>,
}

/// A one-time code for the first tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) holder: Holder,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    /// The value that the ID token repeats.
    #[serde(default)]
    pub(crate) nonce: Option<String>,
    pub(crate) lasting: Lasting,
    pub(crate) expires_at: i64,
}

/// Whether a code also yields a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Lasting {
    /// Offline access, with a new consent.
    WithRefreshToken,
    /// Online access, or an earlier consent.
    AccessOnly,
}

/// The data of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) holder: Holder,
    /// `None`: it does not expire.
    pub(crate) expires_at: Option<i64>,
    /// The order of a person's tokens.
    pub(super) issued: u64,
}

impl Token {
    pub(super) fn lives(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }

    /// Returns the seconds until it expires.
    pub(super) fn left(&self, now: i64) -> Option<i64> {
        self.expires_at.map(|at| at.saturating_sub(now) / SECOND)
    }
}

/// The caller of the API.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) channel: Option<String>,
    pub(super) scopes: Vec<String>,
}

impl Caller {
    /// Rejects a caller who has none of the scopes.
    pub(super) fn needs(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if any_of.iter().any(|scope| self.scopes.iter().any(|granted| granted == scope)) {
            return Ok(());
        }
        let message = "Request had insufficient authentication scopes.";
        Err(Refusal::new(403, "insufficientPermissions", message).in_domain("global"))
    }
}
