//! The connection between us and Postgres. It counts our messages, and a test can cut it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use url::Url;

/// A proxy between us and Postgres.
pub(crate) struct Line {
    counts: Arc<Counts>,
    folder: PathBuf,
}

#[derive(Default)]
struct Counts {
    round_trips: AtomicU64,
    statements: AtomicU64,
    /// The round trip at which the connection is cut, counted from 1; 0: none.
    cut_at: AtomicU64,
    /// How many answers are lost.
    lost: AtomicU64,
    was_cut: AtomicBool,
}

impl Line {
    /// Listens in a folder of its own. Returns itself with the URL that leads through it.
    pub(crate) fn start(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let socket = url.query_pairs().find(|(name, _)| name == "host").unwrap().1.into_owned();
        let folder = std::env::temp_dir().join(format!("line-{}", url.path().trim_start_matches('/')));
        std::fs::create_dir(&folder).unwrap();
        url.query_pairs_mut()
            .clear()
            .append_pair("host", folder.to_str().unwrap())
            .append_pair("sslmode", "disable");
        let line = Self { counts: Arc::default(), folder };
        let listener = UnixListener::bind(line.folder.join(".s.PGSQL.5432")).unwrap();
        let counts = Arc::clone(&line.counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(PathBuf::from(&socket).join(".s.PGSQL.5432")).await.unwrap();
                tokio::spawn(connect(client, server, Arc::clone(&counts)));
            }
        });
        (line, url.into())
    }

    /// Returns the round trips and executed statements since the last call.
    pub(crate) fn take(&self) -> (u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::SeqCst);
        (take(&self.counts.round_trips), take(&self.counts.statements))
    }

    /// Cuts the connection at the `nth` round trip from now: Postgres executes the statement, and its
    /// response is lost.
    pub(crate) fn lose_answer(&self, nth: u64) {
        self.lose_answers(nth, 1);
    }

    /// The same at so many round trips in a row.
    pub(crate) fn lose_answers(&self, nth: u64, lost: u64) {
        self.take();
        self.counts.was_cut.store(false, Ordering::SeqCst);
        self.counts.lost.store(lost, Ordering::SeqCst);
        self.counts.cut_at.store(nth, Ordering::SeqCst);
    }

    /// Reports whether it was cut.
    pub(crate) fn was_cut(&self) -> bool {
        self.counts.was_cut.load(Ordering::SeqCst)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Forwards both directions until one side ends, or the connection is cut.
async fn connect(client: UnixStream, server: UnixStream, counts: Arc<Counts>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let is_cut = Arc::new(AtomicBool::new(false));
    tokio::select! {
        () = there(from_client, to_server, &counts, &is_cut) => {}
        () = back(from_server, to_client, &is_cut) => {}
    }
}

/// Reads one message of the protocol (`PostgreSQL` protocol 3.0, "Message formats"), with its type first if
/// it has one.
async fn message(from: &mut (impl AsyncRead + Unpin), is_typed: bool) -> Option<Vec<u8>> {
    let at = usize::from(is_typed);
    let mut message = vec![0; at + 4];
    from.read_exact(&mut message).await.ok()?;
    let length = u32::from_be_bytes(message[at..].try_into().unwrap());
    message.resize(at + usize::try_from(length).unwrap(), 0);
    from.read_exact(&mut message[at + 4..]).await.ok()?;
    Some(message)
}

/// Reads each of our messages: `Q` is a simple query, `E` executes one, `S` ends a batch.
async fn there(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, counts: &Counts, is_cut: &AtomicBool) {
    // Only the start-up message has no type.
    let mut is_typed = false;
    while let Some(message) = message(&mut from, is_typed).await {
        if is_typed {
            match message[0] {
                b'Q' => {
                    // `begin` and its statements travel together, so they count as one round trip.
                    let text = String::from_utf8_lossy(&message[5..]);
                    let parts = text.trim_end_matches('\0').split(';').filter(|part| !part.trim().is_empty());
                    let parts = u64::try_from(parts.count()).unwrap();
                    counts.statements.fetch_add(parts, Ordering::SeqCst);
                }
                b'E' => drop(counts.statements.fetch_add(1, Ordering::SeqCst)),
                _ => {}
            }
            if matches!(message[0], b'Q' | b'S') {
                let nth = counts.round_trips.fetch_add(1, Ordering::SeqCst) + 1;
                let cut_at = counts.cut_at.load(Ordering::SeqCst);
                if cut_at > 0 && (cut_at..cut_at + counts.lost.load(Ordering::SeqCst)).contains(&nth) {
                    is_cut.store(true, Ordering::SeqCst);
                    counts.was_cut.store(true, Ordering::SeqCst);
                }
            }
        }
        is_typed = true;
        if to.write_all(&message).await.is_err() {
            return;
        }
    }
}

/// Forwards the responses. After the cut, it waits for the next `ReadyForQuery`, and ends.
async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_cut: &AtomicBool) {
    while let Some(message) = message(&mut from, true).await {
        if is_cut.load(Ordering::SeqCst) {
            if message[0] == b'Z' {
                return;
            }
        } else if to.write_all(&message).await.is_err() {
            return;
        }
    }
}
