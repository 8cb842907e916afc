//! Explains why there is no server, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Explains why there is no server. The message says what to do next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// This system lacks the Unix sockets and signals that we need.
    NotUnix,
    /// No Postgres on this machine, and none could be fetched.
    NoBinaries {
        /// The places searched, and the output of the installers.
        tried: Vec<String>,
    },
    /// The process runs as root, Postgres refuses that, and there is no other user to run it.
    NobodyToRunAs,
    /// The user id has no entry in the passwd database; `initdb` requires one.
    NoPasswdEntry {
        /// The id of the user.
        uid: u32,
    },
    /// The data belongs to another user.
    ForeignData {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// Another process holds the data and does not release it.
    Busy {
        /// The directory.
        path: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// `initdb` failed.
    InitDb {
        /// Its last lines of output.
        output: String,
    },
    /// The server did not start.
    Start {
        /// The last lines of its log.
        log: String,
    },
    /// The server rejected one of our own statements.
    Refused {
        /// The server's SQLSTATE; empty when the connection broke.
        code: String,
        /// The server's message.
        message: String,
    },
    /// The caller's `prepare` failed.
    Prepare(String),
    /// The operating system returned an error.
    Io {
        /// The operation that failed.
        doing: &'static str,
        /// Its file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl Error {
    /// Returns a function for `map_err` that adds the operation to an [`io::Error`].
    #[cfg(unix)]
    pub(crate) fn io(doing: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnix => f.write_str(
                "a private PostgreSQL needs Linux, macOS or WSL; here, point DATABASE_URL at a server",
            ),
            Self::NoBinaries { tried } => {
                f.write_str("no usable PostgreSQL found. One of these helps:\n")?;
                f.write_str("  apt-get install postgresql   (Debian, Ubuntu)\n")?;
                f.write_str("  brew install postgresql      (macOS)\n")?;
                f.write_str("  PG_BIN_DIR=<directory with initdb and postgres>\n")?;
                f.write_str("  DATABASE_URL=<a server you already have>\n")?;
                f.write_str("Tried:")?;
                tried.iter().try_for_each(|place| write!(f, "\n  {place}"))
            }
            Self::NobodyToRunAs => f.write_str(
                "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`; \
                 run as an ordinary user, or set DATABASE_URL",
            ),
            Self::NoPasswdEntry { uid } => write!(
                f,
                "user id {uid} has no line in /etc/passwd, and PostgreSQL insists on one; \
                 add the line, or set DATABASE_URL"
            ),
            Self::ForeignData { path, owner } => write!(
                f,
                "{} belongs to user id {owner}; run as that user, or remove it to start with no data",
                path.display()
            ),
            Self::Busy { path, holder } => {
                write!(f, "{} is in use: {holder}; stop it and try again", path.display())
            }
            Self::InitDb { output } => write!(f, "initdb could not create a database:\n{output}"),
            Self::Start { log } => write!(f, "PostgreSQL did not start; the end of its log:\n{log}"),
            Self::Refused { code, message } => write!(f, "PostgreSQL refused: {message} ({code})"),
            Self::Prepare(message) => write!(f, "the test template could not be prepared: {message}"),
            Self::Io { doing, path, source } => {
                write!(f, "cannot {doing} {}: {source}", path.display())?;
                match source.kind() {
                    io::ErrorKind::PermissionDenied => {
                        f.write_str("; check who owns it and its directories, or set DATABASE_URL")
                    }
                    io::ErrorKind::StorageFull => f.write_str("; free some space, or set DATABASE_URL"),
                    _ => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NotUnix
            | Self::NoBinaries { .. }
            | Self::NobodyToRunAs
            | Self::NoPasswdEntry { .. }
            | Self::ForeignData { .. }
            | Self::Busy { .. }
            | Self::InitDb { .. }
            | Self::Start { .. }
            | Self::Refused { .. }
            | Self::Prepare(_) => None,
        }
    }
}

/// Returns the last lines of a program's output: enough to act on, short enough to read.
#[cfg(unix)]
pub(crate) fn tail(text: &str) -> String {
    const LINES: usize = 12;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}
