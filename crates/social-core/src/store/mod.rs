//! The only SQL. One plain struct over one Postgres, one file per table.
//!
//! Every statement runs in an explicit transaction and under no name, which is what works behind every
//! transaction-mode pooler (pgBouncer, Supavisor, RDS Proxy); [`Tx`] sees to both. A `DATABASE_URL` with
//! `statement-cache-capacity=100` says that there is no such pooler: then plans are kept. A transaction names its
//! owner, or says that it is the worker: row level security holds it to that.

mod grants;
mod holds;
mod leases;
mod oauth_states;
mod post_changes;
mod post_results;
mod publish_attempts;
mod received_webhooks;
mod saves;
mod social_accounts;
mod social_posts;
mod together;
mod tx;
mod worker_pulse;

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::secret::DatabaseUrl;
use crate::vault::{SealBroken, Vault};

pub use grants::{HeldGrant, RefreshLease};
pub use leases::{Claim, Lease, Leased, Reach, Room};
pub use oauth_states::{Standing, Visit, Visited};
pub use post_changes::{Changed, PostEdit};
pub use publish_attempts::AttemptRow;
pub use received_webhooks::{LinkLook, PostLinks, ReceivedWebhook};
pub use saves::Saved;
pub use social_posts::Created;
use together::Together;
use tx::Tx;
pub use worker_pulse::Pulse;

/// The migrations, for the server's own start, the tests and the operator's command.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// The database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached, or declined. Nothing was committed, unless the connection broke in the commit.
    #[error("the database declined: {0}")]
    Database(#[from] sqlx::Error),
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
            Self::Database(_) | Self::Interrupted => "database_unavailable",
            Self::Inconsistent(_) => "database_inconsistent",
            Self::Seal(_) => "secret_unreadable",
        }
    }
}

/// The database, with what is needed to seal what goes in and to open what comes out.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    vault: Vault,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    saves: Arc<Together<saves::Save>>,
    marks: Arc<Together<post_results::Mark>>,
    keeps_statements: bool,
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
        let options: PgConnectOptions = url.expose().parse()?;
        // Poolers refuse extra_float_digits as a start-up parameter.
        let options = options.extra_float_digits(None).application_name("social-publisher");
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(Duration::from_mins(1))
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            vault,
            clock,
            entropy,
            saves: Arc::default(),
            marks: Arc::default(),
            keeps_statements: keeps_statements(url),
        })
    }

    /// Brings the schema up to date. Wants a direct connection: it takes a session lock.
    ///
    /// # Errors
    /// When a migration fails or one that ran was changed.
    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        MIGRATOR.run(&self.pool).await
    }

    /// The pool, for the server's own checks and the tests.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn id(&self) -> uuid::Uuid {
        crate::entropy::uuid_v7(self.clock.now(), &*self.entropy)
    }
}

/// Whether the URL says that the database keeps prepared statements, in the word that sqlx has for it. Behind a
/// pooler that hands each transaction to another connection it must not be said, so it is off unless it is.
fn keeps_statements(url: &DatabaseUrl) -> bool {
    url::Url::parse(url.expose()).is_ok_and(|url| {
        url.query_pairs().any(|(name, value)| name == "statement-cache-capacity" && value != "0")
    })
}

/// Durations go to SQL as seconds.
fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
