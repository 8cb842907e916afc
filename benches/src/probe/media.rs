//! A media server on loopback: one file, with ranges, each connection in a thread, everything counted.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::cpu;
use crate::trouble::Outcome;

/// What a server has served since it was told to forget.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Served {
    /// Requests, whatever their method.
    pub(super) requests: u64,
    /// Bytes of bodies that a connection took: for a client that hangs up, also what it never read.
    pub(super) bytes: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    /// Microseconds of processor time.
    cpu: AtomicU64,
}

/// The server of one file.
pub(super) struct Media {
    address: SocketAddr,
    size: u64,
    counters: Arc<Counters>,
}

impl Media {
    pub(super) fn serve(path: &Path) -> Outcome<Self> {
        let file = Arc::new(File::open(path)?);
        let size = file.metadata()?.len();
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let counters = Arc::new(Counters::default());
        let shared = Arc::clone(&counters);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (file, counters) = (Arc::clone(&file), Arc::clone(&shared));
                thread::spawn(move || {
                    // A client that has heard enough hangs up, and that is no error.
                    let _ = converse(&stream, &file, size, &counters);
                    let spent = cpu::of_thread().unwrap_or_default();
                    counters.cpu.fetch_add(u64::try_from(spent.as_micros()).unwrap_or(0), Ordering::SeqCst);
                });
            }
        });
        Ok(Self { address, size, counters })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/film", self.address)
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn forget(&self) {
        self.counters.requests.store(0, Ordering::SeqCst);
        self.counters.bytes.store(0, Ordering::SeqCst);
    }

    pub(super) fn served(&self) -> Served {
        Served {
            requests: self.counters.requests.load(Ordering::SeqCst),
            bytes: self.counters.bytes.load(Ordering::SeqCst),
        }
    }

    /// What connections that have ended cost.
    pub(super) fn cpu(&self) -> Duration {
        Duration::from_micros(self.counters.cpu.load(Ordering::SeqCst))
    }
}

fn converse(stream: &TcpStream, file: &File, size: u64, counters: &Counters) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let (mut range, mut line, mut lines) = (None, String::new(), 0);
        while reader.read_line(&mut line)? > 0 && line != "\r\n" {
            lines += 1;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("range: bytes=") {
                let (first, last) = value.trim().split_once('-').unwrap_or_default();
                range = Some((first.parse().unwrap_or(0), last.parse::<u64>().map_or(size, |last| last + 1)));
            }
            line.clear();
        }
        if lines == 0 {
            return Ok(());
        }
        counters.requests.fetch_add(1, Ordering::SeqCst);
        let status = if range.is_some() { "206 Partial Content" } else { "200 OK" };
        let (mut at, end) = range.unwrap_or((0, size));
        let end = end.min(size);
        write!(
            writer,
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-range: bytes {at}-{}/{size}\r\naccept-ranges: bytes\r\netag: \"film\"\r\n\r\n",
            end.saturating_sub(at),
            end.saturating_sub(1),
        )?;
        let mut buffer = vec![0; 64 * 1024];
        while at < end {
            let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(buffer.len());
            let Some(part) = buffer.get_mut(..most) else { return Ok(()) };
            let read = file.read_at(part, at)?;
            let sent = writer.write(part.get(..read).unwrap_or_default())?;
            at += u64::try_from(sent).unwrap_or(0);
            counters.bytes.fetch_add(u64::try_from(sent).unwrap_or(0), Ordering::SeqCst);
            if sent == 0 {
                return Ok(());
            }
        }
    }
}
