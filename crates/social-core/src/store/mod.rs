//! The only SQL. One plain struct over one Postgres, one file per table.
//!
//! A [`Call`] of one of the database's functions is one round trip, under no name, which is what works behind every
//! transaction-mode pooler (pgBouncer, Supavisor, RDS Proxy). A function names the owner, or says that it is the
//! worker: row level security holds it to that.

mod call;
mod connections;
mod functions;
mod grants;
mod group_commit;
mod held_grants;
mod holds;
mod leases;
mod oauth_states;
mod post_changes;
mod post_results;
mod publish_attempts;
mod received_webhooks;
mod saves;
mod schema;
mod social_accounts;
mod social_posts;
mod trust;
mod worker_pulse;

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::secret::DatabaseUrl;
use crate::vault::{SealBroken, Vault};

use call::{Call, Columns};
use connections::Connections;
pub use functions::{FUNCTIONS, migrate};
pub use grants::{HeldGrant, RefreshLease, Renew};
use group_commit::GroupCommit;
pub use held_grants::GrantedAccount;
pub use leases::{Claim, Lease, LeaseKey, Leased, Reach, Room};
pub use oauth_states::{Standing, Visit, Visited};
pub use post_changes::{Changed, PostEdit};
pub use publish_attempts::AttemptRow;
pub use received_webhooks::{LinkLook, PostLinks, ReceivedWebhook};
pub use saves::Saved;
pub use schema::Schema;
pub use social_accounts::{Connected, Connecting};
pub use social_posts::{Created, Key, Prepared};
pub use worker_pulse::{Health, Pulse};

/// The migrations, for the server's own start, the tests and the operator's command.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

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
}

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
            Self::Url(_) | Self::Outdated(_) | Self::Inconsistent(_) | Self::Seal(_) => false,
        }
    }

    /// Returns whether the server takes no writes: it only reads (`25006`), or its disk is full (`53100`).
    #[must_use]
    pub fn is_refused_write(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if ["25006", "53100"].contains(&state.as_str()))
    }

    /// Whether a function (`42883`), a table (`42P01`) or a column (`42703`) does not exist.
    fn is_of_schema(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if ["42883", "42P01", "42703"].contains(&state.as_str()))
    }

    fn unreachable(error: &tokio_postgres::Error) -> Self {
        Self::Unreachable(said(error))
    }

    /// Whether the server ended the connection before it did anything (`57P01` to `57P05`).
    fn is_shutdown(&self) -> bool {
        matches!(self, Self::Declined { state, .. } if state.starts_with("57P"))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
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
fn said(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    if let Some(declined) = error.as_db_error() {
        return format!("{} ({})", declined.message(), declined.code().code());
    }
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// The database, with what is needed to seal what goes in and to open what comes out.
#[derive(Debug, Clone)]
pub struct Store {
    connections: Connections,
    vault: Vault,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    saves: Arc<GroupCommit<saves::Save>>,
    marks: Arc<GroupCommit<post_results::Mark>>,
}

impl Store {
    /// A store that connects when it is first used. `connections` is one or two for a function, more for a
    /// process that does many things at once.
    ///
    /// # Errors
    /// When the URL cannot be read.
    pub fn connect_lazy(
        url: &DatabaseUrl,
        connections: u32,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            connections: Connections::lazy(url, connections)?,
            vault,
            clock,
            entropy,
            saves: Arc::default(),
            marks: Arc::default(),
        })
    }

    /// Makes a call of a function of the database. Returns the rows it returns.
    async fn rows<R: Columns>(&self, call: Call<'_>) -> Result<Vec<R>, StoreError> {
        let rows = self.connections.call(&call).await?;
        rows.iter().map(R::read).collect::<Result<_, _>>().map_err(|error| {
            tracing::error!("a row that the database returned cannot be read: {}", said(&error));
            StoreError::Inconsistent("what a function of the database returns")
        })
    }

    /// The same of a function that returns one row or none.
    async fn row<R: Columns>(&self, call: Call<'_>) -> Result<Option<R>, StoreError> {
        Ok(self.rows(call).await?.pop())
    }

    /// The same of a function that returns a value.
    async fn value<R: Columns>(&self, call: Call<'_>) -> Result<R, StoreError> {
        self.row(call).await?.ok_or(StoreError::Inconsistent("what a function of the database returns"))
    }

    /// The same of a function that returns nothing.
    async fn run(&self, call: Call<'_>) -> Result<(), StoreError> {
        self.connections.call(&call).await.map(drop)
    }

    /// Closes every connection.
    pub fn close(&self) {
        self.connections.close();
    }

    /// A random name for what is done once.
    fn token(&self) -> uuid::Uuid {
        uuid::Uuid::from_bytes(crate::entropy::bytes(&*self.entropy))
    }

    fn id(&self) -> uuid::Uuid {
        crate::entropy::uuid_v7(self.clock.now(), &*self.entropy)
    }
}

/// Durations go to SQL as seconds.
fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
