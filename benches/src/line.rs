//! A line to Postgres on which every byte takes its time.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::trouble::Outcome;

/// Listens on loopback until it is dropped.
pub(crate) struct Line {
    /// Where.
    pub(crate) port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Line {
    /// Leads to the socket in a folder, half a round trip each way.
    pub(crate) async fn start(socket: &Path, round_trip: Duration) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let socket = socket.join(".s.PGSQL.5432");
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&socket).await else { return };
                if client.set_nodelay(true).is_err() {
                    return;
                }
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(from_client, to_server, round_trip / 2));
                tokio::spawn(carry(from_server, to_client, round_trip / 2));
            }
        });
        Ok(Self { port, task })
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
    mut to: impl AsyncWrite + Unpin,
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
}
