//! Receives the bytes of a video: into a file that can be resumed, or only through a hash.

use crate::sandbox::Sandbox;
use crate::video::{Container, Head};
use axum::body::Body;
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

/// How much of a file is read at once to hash it.
const PIECE: usize = 1 << 20;

/// The state of the bytes so far. It is copied for each chunk, so that an interrupted chunk leaves nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) head: Head,
    #[serde(skip)]
    pub(crate) running: Sha256,
}

/// The complete bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) at: i64,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) container: Option<Container>,
}

/// Explains why a request's bytes did not all arrive.
#[derive(Debug)]
pub(crate) enum NotWhole {
    /// The connection ended.
    Cut,
    /// A fault ends the connection here.
    Fault,
    /// They are no longer expected.
    Unwanted,
    /// They could not be written.
    Disk(io::Error),
}

/// Receives one range of bytes.
///
/// It writes without a helper thread. So a dropped request has no write in progress that could overwrite the
/// next one's bytes.
pub(crate) struct Receiver {
    file: Option<File>,
    taken: Taken,
}

impl Receiver {
    /// Continues at `offset`, overwriting what follows.
    pub(crate) fn open(sandbox: &Sandbox, id: &str, offset: u64, taken: Taken) -> io::Result<Self> {
        let file = match sandbox.storage() {
            None => None,
            Some(storage) => {
                let mut options = File::options();
                let mut file = options.write(true).create(true).truncate(false).open(storage.video(id))?;
                file.seek(SeekFrom::Start(offset))?;
                Some(file)
            }
        };
        Ok(Self { file, taken })
    }

    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.taken.head.take(bytes);
        let Some(file) = &mut self.file else {
            self.taken.running.update(bytes);
            return Ok(());
        };
        file.write_all(bytes)
    }

    /// Receives a request's body in pieces that end at multiples of `granule`, or until `cut` bytes have
    /// arrived. `go_on` gets the number of bytes and their state, before each piece and at the end.
    pub(crate) async fn drink(
        &mut self,
        mut body: Body,
        cut: Option<u64>,
        granule: u64,
        mut go_on: impl FnMut(u64, &Taken) -> bool + Send,
    ) -> Result<u64, NotWhole> {
        let (mut count, cut) = (0_u64, cut.unwrap_or(u64::MAX));
        while let Some(frame) = body.frame().await {
            let Ok(mut bytes) = frame.map_err(|_| NotWhole::Cut)?.into_data() else { continue };
            while !bytes.is_empty() {
                if !go_on(count, &self.taken) {
                    return Err(NotWhole::Unwanted);
                }
                let room = (granule - count % granule).min(cut.saturating_sub(count));
                if room == 0 {
                    return Err(NotWhole::Fault);
                }
                let piece = bytes.split_to(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
                self.take(&piece).map_err(NotWhole::Disk)?;
                count = count.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            }
        }
        if !go_on(count, &self.taken) {
            return Err(NotWhole::Unwanted);
        }
        Ok(count)
    }

    pub(crate) fn finish(self) -> Taken {
        self.taken
    }
}

/// Returns the SHA-256 of a complete video, in hex, read from its file if there is one.
pub(crate) async fn digest(sandbox: &Sandbox, id: &str, size: u64, taken: Taken) -> io::Result<String> {
    let Some(storage) = sandbox.storage() else { return Ok(hex(&taken.running.finalize())) };
    let path = storage.video(id);
    tokio::task::spawn_blocking(move || digest_of_file(path, size)).await.map_err(io::Error::other)?
}

fn digest_of_file(path: PathBuf, size: u64) -> io::Result<String> {
    let mut file = File::options().read(true).write(true).open(path)?;
    file.set_len(size)?;
    let mut running = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        running.update(bytes);
    }
    Ok(hex(&running.finalize()))
}

/// Returns lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
