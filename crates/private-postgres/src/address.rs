//! The address of a server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The port in the socket's file name; nothing listens on it.
pub(crate) const PORT: u16 = 5432;

/// The superuser of every cluster. The mode of the directory replaces a password.
pub(crate) const ROLE: &str = "postgres";

/// The address of a server: the directory of its Unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    directory: PathBuf,
}

impl Address {
    #[cfg_attr(not(unix), expect(dead_code, reason = "no server starts there"))]
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Returns the URL of a database on this server, for sqlx and libpq.
    ///
    /// It contains port and `sslmode`, so that a `PGPORT` or `PGSSLMODE` in the environment changes nothing.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let database = percent_encoded(database);
        let host = percent_encoded(&self.directory.to_string_lossy());
        format!("postgres://{ROLE}@localhost:{PORT}/{database}?host={host}&sslmode=disable")
    }

    /// Returns the directory of the socket, for `psql --host`.
    #[must_use]
    pub fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the socket's path.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.join(format!(".s.PGSQL.{PORT}"))
    }
}

/// Escapes all but the unreserved characters of RFC 3986.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_escapes_the_directory_and_the_database() {
        let address = Address::new(PathBuf::from("/data dir/ü"));
        assert_eq!(
            address.url("a&b"),
            "postgres://postgres@localhost:5432/a%26b?host=%2Fdata%20dir%2F%C3%BC&sslmode=disable"
        );
    }
}
