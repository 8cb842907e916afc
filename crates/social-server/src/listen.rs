//! The sockets of the process.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use crate::error::ServerError;

/// Open sockets, so that the port is known before any URL is built from it.
pub(crate) struct Listeners {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listeners {
    /// Listens on this machine alone: 127.0.0.1 and, if available, `::1`, because browsers try either for
    /// `localhost`.
    pub(crate) fn on_loopback(port: u16) -> Result<Self, ServerError> {
        let first = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
        let bound = first.local_addr().map_err(|source| ServerError::Listen { port, source })?.port();
        let second = match bind(IpAddr::V6(Ipv6Addr::LOCALHOST), bound) {
            Ok(second) => Some(second),
            // Otherwise another process would get half of the browser's requests.
            Err(busy @ ServerError::PortBusy { .. }) if port != 0 => return Err(busy),
            Err(error) => {
                tracing::debug!("not listening on [::1]: {error}");
                None
            }
        };
        Ok(Self { sockets: [Some(first), second].into_iter().flatten().collect(), port: bound })
    }

    /// Listens on every address of this machine.
    pub(crate) fn on_everything(port: u16) -> Result<Self, ServerError> {
        let socket = bind(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)?;
        let port = socket.local_addr().map_err(|source| ServerError::Listen { port, source })?.port();
        Ok(Self { sockets: vec![socket], port })
    }

    /// Returns the port; the real one if any was requested.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the sockets for the current runtime.
    pub(crate) fn into_tokio(self) -> Result<Vec<tokio::net::TcpListener>, ServerError> {
        let port = self.port;
        let into_tokio = |socket: TcpListener| {
            socket.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(socket)
        };
        let sockets: Result<_, std::io::Error> = self.sockets.into_iter().map(into_tokio).collect();
        sockets.map_err(|source| ServerError::Listen { port, source })
    }
}

fn bind(address: IpAddr, port: u16) -> Result<TcpListener, ServerError> {
    TcpListener::bind((address, port)).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ServerError::PortBusy { port, next: port.checked_add(1).unwrap_or(8888) },
        _ => ServerError::Listen { port, source },
    })
}
