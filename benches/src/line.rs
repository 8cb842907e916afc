//! A line to Postgres on which every byte takes its time.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::trouble::Outcome;

/// Listens on loopback until it is dropped.
pub(crate) struct Line {
    /// Where.
    pub(crate) port: u16,
    /// The `sslmode` of who uses it.
    pub(crate) sslmode: &'static str,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// Leads to the socket in a folder, half a round trip each way.
    pub(crate) async fn start(socket: &Path, round_trip: Duration) -> Outcome<Self> {
        Self::open(socket, round_trip, None).await
    }

    /// Does the same, with TLS at the far end: Postgres offers none on a socket.
    pub(crate) async fn start_with_tls(
        socket: &Path,
        round_trip: Duration,
        authority: &Authority,
    ) -> Outcome<Self> {
        Self::open(socket, round_trip, Some(authority.acceptor()?)).await
    }

    async fn open(socket: &Path, round_trip: Duration, tls: Option<TlsAcceptor>) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let socket = socket.join(".s.PGSQL.5432");
        let sslmode = if tls.is_some() { "require" } else { "disable" };
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&socket).await else { return };
                if client.set_nodelay(true).is_err() {
                    return;
                }
                match tls.clone() {
                    None => join(client, server, round_trip),
                    Some(tls) => {
                        let (near, far) = tokio::io::duplex(65_536);
                        join(client, near, round_trip);
                        tokio::spawn(terminate(far, server, tls));
                    }
                }
            }
        });
        Ok(Self { port, sslmode, task })
    }
}

fn join(client: TcpStream, server: impl AsyncRead + AsyncWrite + Send + 'static, round_trip: Duration) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = tokio::io::split(server);
    tokio::spawn(carry(from_client, to_server, round_trip / 2));
    tokio::spawn(carry(from_server, to_client, round_trip / 2));
}

/// Accepts the request for TLS (`PostgreSQL`, "SSL Session Encryption"), and speaks plain text to the server.
async fn terminate(mut client: DuplexStream, mut server: UnixStream, tls: TlsAcceptor) {
    let mut request = [0; 8];
    if client.read_exact(&mut request).await.is_err() || client.write_all(b"S").await.is_err() {
        return;
    }
    if let Ok(mut client) = tls.accept(client).await {
        // Ends when either side does.
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Carries bytes one way, each as much later as it is far.
async fn carry(
    mut from: impl AsyncRead + Unpin + Send + 'static,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
    later: Duration,
) {
    let (send, mut receive) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let Some(read) = bytes.get(..count) else { return };
            if send.send((Instant::now() + later, read.to_vec())).is_err() {
                return;
            }
        }
    });
    while let Some((due, bytes)) = receive.recv().await {
        if !later.is_zero() {
            tokio::time::sleep_until(due).await;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
    // The other end hears that this one is gone.
    let _ = to.shutdown().await;
}
