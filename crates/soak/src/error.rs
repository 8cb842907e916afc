//! Explains why a run could not be executed. A problem that a run finds is a finding, not an error.

use std::io;
use std::path::PathBuf;

/// Explains why a run could not be executed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SoakError {
    #[error("no disk could be mounted; --hard requires root and Linux")]
    NoDisk,
    #[error("pgbouncer is not installed; --hard requires it")]
    NoPooler,
    #[error("{0}; --help lists the options")]
    Usage(String),
    #[error("social-server is not at {}; build it with: cargo build --bin social-server", .0.display())]
    NoServer(PathBuf),
    #[error("cargo could not build social-server: see above")]
    Build,
    #[error("`social-server migrate` failed: see above")]
    Migrate,
    #[error("no process responds; their logs are in {}", .0.display())]
    NoWorker(PathBuf),
    #[error("{request} has had no response for {seconds} s; the last error was: {last}")]
    NoAnswer { request: String, seconds: u64, last: String },
    #[error("{request} returned {status}: {body}")]
    Refused { request: String, status: u16, body: String },
    #[error("account {handle} could not be connected: {landed}")]
    NotConnected { handle: String, landed: String },
    #[error(transparent)]
    Postgres(#[from] private_postgres::Error),
    #[error("the sandbox cannot start: {0}")]
    Sandbox(#[from] social_sandbox::OpenError),
    #[error("the database declined: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the HTTP client: {0}")]
    Http(#[from] reqwest::Error),
    #[error("a token could not be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
    #[error("a reply could not be read: {0}")]
    Reply(#[from] serde_json::Error),
    #[error("a URL could not be read: {0}")]
    Url(#[from] url::ParseError),
    #[error("{doing}: {source}")]
    Io { doing: &'static str, source: io::Error },
    #[error("stopped by a signal")]
    Interrupted,
}

impl SoakError {
    /// Returns a function for `map_err` that adds the operation to an [`io::Error`].
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, source }
    }
}
