//! What the database did not do.

use std::time::Duration;

use crate::store::Schema;
use crate::vault::SealBroken;

/// The database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `DATABASE_URL` cannot be read.
    #[error("DATABASE_URL: {0}")]
    Url(&'static str),
    /// No connection could be had: nothing was asked of it.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// It declined a call: nothing was changed. Its `SQLSTATE` and its message, without the row it may be about.
    #[error("the database declined: {message} ({state})")]
    Declined {
        /// The five letters (`PostgreSQL`, "Error Codes").
        state: String,
        /// What Postgres says.
        message: String,
    },
    /// The connection broke during a call: it may have been made, or not.
    #[error("the connection to the database broke: {0}")]
    Broken(String),
    /// Its schema is older than this program requires.
    #[error("{0}")]
    Outdated(Schema),
    /// A row holds what the program never writes.
    #[error("{0} holds what it never should")]
    Inconsistent(&'static str),
    /// A sealed value did not open.
    #[error(transparent)]
    Seal(#[from] SealBroken),
    /// Somebody else was writing it and stopped.
    #[error("a save was interrupted")]
    Interrupted,
    /// The owner has made too many such calls, and may make another after this time. Nothing was changed.
    #[error("the owner makes too many calls of this kind")]
    TooMany(Duration),
}

/// The `SQLSTATE` of `count_call`, whose message is a number of seconds.
const TOO_MANY: &str = "SP429";

impl StoreError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url(_) => "database_url_unreadable",
            Self::Unreachable(_) | Self::Declined { .. } | Self::Broken(_) | Self::Interrupted => {
                "database_unavailable"
            }
            Self::Outdated(_) => "schema_outdated",
            Self::Inconsistent(_) => "database_inconsistent",
            Self::Seal(_) => "secret_unreadable",
            Self::TooMany(_) => "too_many_requests",
        }
    }

    /// Returns whether the same call may succeed soon. Not if a row is to blame: its data (class 22), a constraint (23), a
    /// policy (42), or a function of the operator's (P0); `PostgreSQL`, "Error Codes".
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::Interrupted => true,
            Self::Declined { state, .. } => {
                !["22", "23", "42", "P0"].iter().any(|class| state.starts_with(class))
            }
            Self::Url(_) | Self::Outdated(_) | Self::Inconsistent(_) | Self::Seal(_) | Self::TooMany(_) => {
                false
            }
        }
    }

    /// Returns whether the server takes no writes: it only reads (`25006`), or its disk is full (`53100`).
    #[must_use]
    pub fn is_refused_write(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if ["25006", "53100"].contains(&state.as_str()))
    }

    /// Whether a function does not exist.
    pub(super) fn is_of_function(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if state == "42883")
    }

    /// Whether a function (`42883`), a table (`42P01`) or a column (`42703`) does not exist.
    pub(super) fn is_of_schema(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if ["42883", "42P01", "42703"].contains(&state.as_str()))
    }

    pub(super) fn unreachable(error: &tokio_postgres::Error) -> Self {
        Self::Unreachable(said(error))
    }

    /// Whether the server ended the connection before it did anything (`57P01` to `57P05`).
    pub(super) fn is_shutdown(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if state.starts_with("57P"))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(refused) if refused.code().code() == TOO_MANY => {
                Self::TooMany(Duration::from_secs(refused.message().parse().unwrap_or(1)))
            }
            // Class 08: a pooler says that its own connection broke.
            Some(declined) if !declined.code().code().starts_with("08") => Self::Declined {
                state: declined.code().code().to_owned(),
                message: declined.message().to_owned(),
            },
            _ => Self::Broken(said(&error)),
        }
    }
}

/// An error of the driver in words. Details are left out: they may quote a row.
pub(super) fn said(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    if let Some(declined) = error.as_db_error() {
        return format!("{} ({})", declined.message(), declined.code().code());
    }
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
