//! Asks the process of this container whether it is ready.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::ServerError;
use crate::vars::Vars;

/// 2 s: the process asks its database for one second at most.
const PATIENCE: Duration = Duration::from_secs(2);
/// 4 KiB: more than the process returns.
const LONGEST: u64 = 4096;

/// Runs `social-server health`. It prints what the process returned, for the engine that keeps it.
pub(crate) fn run() -> Result<(), ServerError> {
    let port = Vars::of_environment().port()?;
    let reply = ask(port).map_err(|source| ServerError::NoProcess { port, source })?;
    let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    // The status line (RFC 9112 §4).
    if reply.split(' ').nth(1) == Some("200") {
        println!("{body}");
        Ok(())
    } else {
        Err(ServerError::NotReady(body.to_owned()))
    }
}

/// Sends the request over a connection of its own: no proxy of the environment may answer for this process.
fn ask(port: u16) -> io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    write!(connection, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut reply = String::new();
    connection.take(LONGEST).read_to_string(&mut reply)?;
    Ok(reply)
}
