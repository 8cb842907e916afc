//! The error response to a call that publishes. It proves nothing, so it is stored until the platform has
//! reported the outcome of the call.

use serde::{Deserialize, Serialize};

use crate::http::Reply;
use crate::platform::{Disposition, ErrorTable, PlatformError};

/// What to do once it is certain that the call had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::platform) enum Remedy {
    /// A quota, a token or a grant prevented it, and no longer does: repeat the call.
    Passed,
    /// Meta had errors: repeat the call, a few times.
    Trouble,
    /// The attempt is unusable: start another one.
    Anew,
    /// The error is final.
    Final,
}

/// The error response to a call that publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Refusal {
    /// The stable code.
    pub(in crate::platform) code: String,
    /// What to do if the call had no effect.
    pub(in crate::platform) remedy: Remedy,
}

/// The stored form; an earlier version stored only the code.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Code(String),
    Whole { code: String, remedy: Remedy },
}

impl From<Kept> for Refusal {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Code(code) => Self { code, remedy: Remedy::Final },
            Kept::Whole { code, remedy } => Self { code, remedy },
        }
    }
}

impl Refusal {
    /// Keeps the data of an error.
    pub(in crate::platform) fn of(error: &PlatformError) -> Self {
        let remedy = match error.disposition {
            Disposition::Hold { .. } | Disposition::RefreshToken | Disposition::Reconnect => Remedy::Passed,
            Disposition::Ambiguous => Remedy::Trouble,
            Disposition::Retry { .. } => Remedy::Anew,
            Disposition::UserFixable | Disposition::Permanent => Remedy::Final,
        };
        Self { code: error.code.clone(), remedy }
    }

    /// Returns the error, now that it is certain that the call had no effect.
    pub(in crate::platform) fn error(&self, table: ErrorTable, reply: &Reply) -> PlatformError {
        let error = super::code_of(table, &self.code, reply);
        let disposition = match self.remedy {
            Remedy::Anew => Disposition::Retry { after: None },
            Remedy::Final if error.disposition == Disposition::UserFixable => error.disposition,
            Remedy::Final | Remedy::Passed | Remedy::Trouble => Disposition::Permanent,
        };
        PlatformError { disposition, ..error }
    }
}

/// Reports whether an error is about the content, and not about Meta's outage, a quota, a token or a grant.
pub(in crate::platform) fn is_verdict(error: &PlatformError) -> bool {
    let remedy = Refusal::of(error).remedy;
    error.status < 500 && matches!(remedy, Remedy::Anew | Remedy::Final)
}
