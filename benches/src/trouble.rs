//! What can go wrong here, all of it fatal.

/// Something did not work; the run ends.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The private Postgres.
    #[error("postgres: {0}")]
    Postgres(#[from] private_postgres::Error),
    /// A statement.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The migrations.
    #[error("migrations: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The store.
    #[error("store: {0}")]
    Store(#[from] social_core::store::StoreError),
    /// A file or a process.
    #[error("system: {0}")]
    System(#[from] std::io::Error),
    /// A number that is none.
    #[error("number: {0}")]
    Number(#[from] std::num::ParseIntError),
    /// A number that does not fit.
    #[error("number: {0}")]
    Size(#[from] std::num::TryFromIntError),
    /// Anything else, said in words.
    #[error("{0}")]
    Said(String),
}

impl From<&str> for Trouble {
    fn from(said: &str) -> Self {
        Self::Said(said.to_owned())
    }
}

/// What everything here returns.
pub(crate) type Outcome<T> = Result<T, Trouble>;
