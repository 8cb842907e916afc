//! A call that publishes was refused, which proves nothing: what is kept of that until the platform has said what
//! became of the call.

use serde::{Deserialize, Serialize};

use crate::http::Reply;
use crate::platform::{Disposition, ErrorTable, PlatformError};

/// What to do once it is certain that the refused call did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::platform) enum Remedy {
    /// What stood in the way has passed, a window, a token or a grant: the same call again.
    Passed,
    /// Meta's own trouble: the same call again, a few times.
    Trouble,
    /// The attempt is spoiled: another one.
    Anew,
    /// It was a verdict.
    Final,
}

/// The refusal of a call that publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub struct Refusal {
    /// The stable code.
    pub(in crate::platform) code: String,
    /// What to do if it was one.
    pub(in crate::platform) remedy: Remedy,
}

/// What rows hold: those of an earlier version, the code alone.
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
    /// Keeps what an error says.
    pub(in crate::platform) fn of(error: &PlatformError) -> Self {
        let remedy = match error.disposition {
            Disposition::Hold { .. } | Disposition::RefreshToken | Disposition::Reconnect => Remedy::Passed,
            Disposition::Ambiguous => Remedy::Trouble,
            Disposition::Retry { .. } => Remedy::Anew,
            Disposition::UserFixable | Disposition::Permanent => Remedy::Final,
        };
        Self { code: error.code.clone(), remedy }
    }

    /// The error once more, now that it is certain that the call did nothing.
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

/// Whether a refusal is one of what was sent, and not of Meta's own trouble, of a window, a token or a grant.
pub(in crate::platform) fn is_verdict(error: &PlatformError) -> bool {
    let remedy = Refusal::of(error).remedy;
    error.status < 500 && matches!(remedy, Remedy::Anew | Remedy::Final)
}
