//! Explains why the process does not run, and what to do about it.

use std::io;
use std::path::PathBuf;

use social_core::config::ConfigError;
use social_core::store::Schema;
use social_core::web::StartError;

/// Explains why the process does not run. The message says what to do next, and never shows a variable's
/// value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// `PORT` is not a port.
    #[error("PORT must be a number from 0 to 65535, and 0 takes any free port")]
    Port,
    /// Another process listens there.
    #[error(
        "port {port} is in use. Stop the process that listens there, or choose another: PORT={next} cargo run"
    )]
    PortBusy {
        /// The port.
        port: u16,
        /// Another port that may be free.
        next: u16,
    },
    /// The system does not let the process listen.
    #[error("cannot listen on port {port}: {source}. Choose another with PORT")]
    Listen {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// A file with variables has an invalid line.
    #[error("{} has a line that is not NAME=value{place}; quote a value that has spaces in it", file.display())]
    EnvFile {
        /// The file.
        file: PathBuf,
        /// The variable before that line.
        place: String,
    },
    /// A file or folder is not accessible.
    #[error("cannot {doing} {}: {source}. Check who owns it, or start in another folder", path.display())]
    File {
        /// The operation that failed.
        doing: &'static str,
        /// Its file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Variables are missing or malformed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The functions could not be created.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The private Postgres did not start.
    #[error(transparent)]
    Postgres(#[from] private_postgres::Error),
    /// The simulators could not be created.
    #[error("the sandbox cannot start: {0}")]
    Sandbox(#[from] social_sandbox::OpenError),
    /// Another process uses the simulators' state.
    #[error("{} is in use by another social-server. Stop it, or start in another folder", .0.display())]
    SandboxBusy(PathBuf),
    /// `DATABASE_URL` is missing.
    #[error("DATABASE_URL is not set; set it to postgres://user:password@host/database")]
    NoDatabase,
    /// `DATABASE_URL` is not a URL.
    #[error("DATABASE_URL cannot be read; set it to postgres://user:password@host/database")]
    DatabaseUrl,
    /// The database rejected the connection.
    #[error(
        "the database cannot be reached: {0}. Check DATABASE_URL, or leave it out to use a private Postgres in local mode"
    )]
    Unreachable(sqlx::Error),
    /// The schema is older than the program.
    #[error("{0}")]
    Outdated(Schema),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// `TOKEN_ENCRYPTION_KEYS` is missing or malformed.
    #[error("TOKEN_ENCRYPTION_KEYS: {0}")]
    Keys(&'static str),
    /// Stored values remain under other keys than the newest.
    #[error(
        "{0} rows are still under other keys, so keep these keys. Run this again once every process has the new list"
    )]
    KeysInUse(usize),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] social_core::store::StoreError),
    /// No process responds on the port.
    #[error("no process responds on 127.0.0.1:{port}: {source}. Start it, or set PORT to its port")]
    NoProcess {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The process responds, and is not ready. This is its response.
    #[error("the process is not ready: {0}")]
    NotReady(String),
    /// The doctor found something wrong, and has printed it.
    #[error("something is wrong")]
    Unwell,
    /// The owner cannot be the subject of a token.
    #[error("an owner is a text of 1 to 255 characters: the sub of the user's token")]
    Owner,
    /// The owner has no such result.
    #[error("the owner has no such result. `social-server results --owner` lists them")]
    NoResult,
    /// The API refused the request: its sentence and its code.
    #[error("{message} ({code})")]
    Refused {
        /// The sentence.
        message: String,
        /// The stable code.
        code: String,
    },
    /// `METRICS_TOKEN` is too short.
    #[error("METRICS_TOKEN is too short to be a secret; create one with: openssl rand -hex 32")]
    MetricsToken,
    /// OpenTelemetry could not be set up.
    #[cfg(feature = "otel")]
    #[error("OpenTelemetry could not be set up: check the variables OTEL_EXPORTER_OTLP_…")]
    Telemetry,
    /// The metrics could not be set up.
    #[error("the metrics could not be set up")]
    Metrics,
    /// The runtime or its signal handlers could not be created.
    #[error("the system denied a resource that the process needs: {0}")]
    Runtime(io::Error),
}
