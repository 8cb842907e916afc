//! Why the process does not run, and what to do about it.

use std::io;
use std::path::PathBuf;

use social_core::config::ConfigError;
use social_core::web::StartError;

/// Why the process does not run. The message says what to do next, and never a variable's value.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// The command line says something else than a command.
    #[error("{0:?} is not understood; `social-server help` lists the commands")]
    Usage(String),
    /// `PORT` is no port.
    #[error("PORT must be a number from 0 to 65535, and 0 takes any free port")]
    Port,
    /// Somebody else listens there.
    #[error("port {port} is in use. Stop what listens there, or choose another: PORT={next} cargo run")]
    PortBusy {
        /// The port.
        port: u16,
        /// One that may be free.
        next: u16,
    },
    /// The system does not let us listen.
    #[error("cannot listen on port {port}: {source}. Choose another with PORT")]
    Listen {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// A file with variables has a line that is none.
    #[error("{} has a line that is not NAME=value{place}; quote a value that has spaces in it", file.display())]
    EnvFile {
        /// The file.
        file: PathBuf,
        /// After which variable.
        place: String,
    },
    /// A file or folder of ours is closed to us.
    #[error("cannot {doing} {}: {source}. Check who owns it, or start in another folder", path.display())]
    File {
        /// What we were about to do.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Variables are missing or malformed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The functions could not be made.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no Postgres of our own.
    #[error(transparent)]
    Postgres(#[from] private_postgres::Error),
    /// The stand-ins could not be made.
    #[error("the sandbox cannot start: {0}")]
    Sandbox(#[from] social_sandbox::OpenError),
    /// Another process has the stand-ins' memory.
    #[error("{} is in use by another social-server. Stop it, or start in another folder", .0.display())]
    SandboxBusy(PathBuf),
    /// `DATABASE_URL` is missing.
    #[error("DATABASE_URL is not set; set it to postgres://user:password@host/database")]
    NoDatabase,
    /// `DATABASE_URL` is no address.
    #[error("DATABASE_URL cannot be read; set it to postgres://user:password@host/database")]
    DatabaseUrl,
    /// The database did not let us in.
    #[error(
        "the database cannot be reached: {0}. Check DATABASE_URL, or leave it out to use a private Postgres in local mode"
    )]
    Unreachable(sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The runtime or its signals could not be had.
    #[error("the system refused what the process needs to run: {0}")]
    Runtime(io::Error),
}
