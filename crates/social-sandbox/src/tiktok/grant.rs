//! Codes and tokens: a creator's grants to the app.

use super::envelope::Refusal;
use serde::{Deserialize, Serialize};

/// A one-time code for the first pair of tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) open_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires_at: i64,
}

/// The data of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) open_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: i64,
}

/// The data of a refresh token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) open_id: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: i64,
}

/// The caller of the API.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) open_id: String,
    pub(crate) token: String,
    pub(super) scopes: Vec<String>,
}

impl Caller {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// Rejects a caller who has none of the scopes.
    pub(super) fn needs(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if any_of.iter().any(|scope| self.has(scope)) {
            return Ok(());
        }
        Err(Refusal::new(401, "scope_not_authorized", "The user did not authorize the scope required."))
    }
}
