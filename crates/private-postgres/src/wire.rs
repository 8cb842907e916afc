//! Just enough of the wire protocol to run one statement.
//!
//! Not every distribution of the binaries has `psql`. It supports trust authentication and simple queries,
//! and of results only "was there a row": <https://www.postgresql.org/docs/current/protocol-flow.html>.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::address::ROLE;
use crate::{Address, Error};

/// Longer than any of our statements takes on a busy disk.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The result of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Rows,
    NoRows,
}

/// Connects, runs one statement and disconnects.
pub(crate) fn ask(address: &Address, database: &str, statement: &str) -> Result<Answer, Error> {
    let broken = |error: io::Error| Error::Refused { code: String::new(), message: error.to_string() };
    let mut stream = UnixStream::connect(address.socket()).map_err(broken)?;
    stream.set_read_timeout(Some(TIMEOUT)).map_err(broken)?;

    let version: [u8; 4] = [0, 3, 0, 0];
    let mut startup = version.to_vec();
    for text in ["user", ROLE, "database", database, ""] {
        startup.extend_from_slice(text.as_bytes());
        startup.push(0);
    }
    send(&mut stream, None, &startup).map_err(broken)?;
    until_ready(&mut stream)?;

    let mut query = statement.as_bytes().to_vec();
    query.push(0);
    send(&mut stream, Some(b'Q'), &query).map_err(broken)?;
    let answer = until_ready(&mut stream)?;
    // Only a courtesy: the result is already here.
    let _ = send(&mut stream, Some(b'X'), &[]);
    Ok(answer)
}

/// Creates a database unless it exists.
pub(crate) fn ensure_database(address: &Address, name: &str) -> Result<(), Error> {
    let known = format!("select 1 from pg_database where datname = '{name}'");
    if ask(address, ROLE, &known)? == Answer::Rows {
        return Ok(());
    }
    match ask(address, ROLE, &format!("create database \"{name}\"")) {
        // Another user of the same server was faster: duplicate_database, or its unique index.
        Err(Error::Refused { code, .. }) if code == "42P04" || code == "23505" => Ok(()),
        other => other.map(|_| ()),
    }
}

fn send(stream: &mut UnixStream, kind: Option<u8>, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
    let mut message: Vec<u8> = kind.into_iter().collect();
    message.extend_from_slice(&length.to_be_bytes());
    message.extend_from_slice(body);
    stream.write_all(&message)
}

/// Reads until the server is ready for the next statement.
fn until_ready(stream: &mut UnixStream) -> Result<Answer, Error> {
    let mut answer = Answer::NoRows;
    let mut refusal = None;
    loop {
        let (kind, body) = match receive(stream) {
            Ok(message) => message,
            // After an error at startup the server closes the connection; its own message is more useful.
            Err(error) => {
                return Err(refusal
                    .unwrap_or_else(|| Error::Refused { code: String::new(), message: error.to_string() }));
            }
        };
        match kind {
            b'E' => refusal = Some(refused(&body)),
            b'D' => answer = Answer::Rows,
            b'R' if body != [0; 4] => {
                let message = String::from("the server asks for a password");
                return Err(Error::Refused { code: String::from("28000"), message });
            }
            b'Z' => return refusal.map_or(Ok(answer), Err),
            _ => {}
        }
    }
}

fn receive(stream: &mut UnixStream) -> io::Result<(u8, Vec<u8>)> {
    let mut kind = [0; 1];
    let mut length = [0; 4];
    stream.read_exact(&mut kind)?;
    stream.read_exact(&mut length)?;
    let rest = u64::from(u32::from_be_bytes(length)).saturating_sub(4);
    let mut body = Vec::new();
    stream.take(rest).read_to_end(&mut body)?;
    let [kind] = kind;
    Ok((kind, body))
}

/// Decodes an `ErrorResponse`: fields of one letter and a zero-terminated text.
fn refused(body: &[u8]) -> Error {
    let field = |letter: u8| {
        body.split(|byte| *byte == 0)
            .find_map(|field| field.split_first().filter(|(first, _)| **first == letter))
            .map_or_else(String::new, |(_, text)| String::from_utf8_lossy(text).into_owned())
    };
    Error::Refused { code: field(b'C'), message: field(b'M') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_code_and_message() {
        let error = refused(b"SFATAL\0C57P03\0Mthe database system is starting up\0\0");
        assert_eq!(error.to_string(), "PostgreSQL refused: the database system is starting up (57P03)");
    }
}
