//! Where the process listens.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};

use crate::error::ServerError;

/// Sockets that are already ours, so that the address is known before anything is made that contains it.
pub(crate) struct Listeners {
    sockets: Vec<TcpListener>,
    port: u16,
}

impl Listeners {
    /// This machine alone: 127.0.0.1 and, where there is one, `::1`, because browsers try either for
    /// `localhost`.
    pub(crate) fn on_loopback(port: u16) -> Result<Self, ServerError> {
        let first = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port)?;
        let bound = first.local_addr().map_err(|source| ServerError::Listen { port, source })?.port();
        let second = match bind(IpAddr::V6(Ipv6Addr::LOCALHOST), bound) {
            Ok(second) => Some(second),
            // Somebody else would get half of the browser's requests.
            Err(busy @ ServerError::PortBusy { .. }) if port != 0 => return Err(busy),
            Err(error) => {
                tracing::debug!("not listening on [::1]: {error}");
                None
            }
        };
        Ok(Self { sockets: [Some(first), second].into_iter().flatten().collect(), port: bound })
    }

    /// Every address of this machine.
    pub(crate) fn on_everything(port: u16) -> Result<Self, ServerError> {
        let socket = bind(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)?;
        let port = socket.local_addr().map_err(|source| ServerError::Listen { port, source })?.port();
        Ok(Self { sockets: vec![socket], port })
    }

    /// The port; the real one where any was asked for.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The sockets, for the runtime this is called in.
    pub(crate) fn into_tokio(self) -> Result<Vec<tokio::net::TcpListener>, ServerError> {
        let port = self.port;
        let turn = |socket: TcpListener| {
            socket.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(socket)
        };
        let sockets: Result<_, std::io::Error> = self.sockets.into_iter().map(turn).collect();
        sockets.map_err(|source| ServerError::Listen { port, source })
    }
}

fn bind(address: IpAddr, port: u16) -> Result<TcpListener, ServerError> {
    TcpListener::bind((address, port)).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ServerError::PortBusy { port, next: port.checked_add(1).unwrap_or(8888) },
        _ => ServerError::Listen { port, source },
    })
}
