//! Where the bytes of a video go: into a file that can be resumed, or through a hash and away.

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

/// What is known of the bytes taken so far; copied for each chunk, so that a cut chunk leaves nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Taken {
    pub(crate) head: Head,
    #[serde(skip)]
    pub(crate) running: Sha256,
}

/// The bytes, all of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) at: i64,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) container: Option<Container>,
}

/// Why a request's bytes did not all come in.
#[derive(Debug)]
pub(crate) enum NotWhole {
    /// The connection ended.
    Cut,
    /// A fault ends the connection here.
    Fault,
    /// Nobody wants them any more.
    Unwanted,
    /// They could not be written.
    Disk(io::Error),
}

/// One stretch of bytes on its way in.
///
/// It writes without a helper thread: a request that is dropped has then no write under way that could land
/// on top of the next one's.
pub(crate) struct Receiver {
    file: Option<File>,
    taken: Taken,
}

impl Receiver {
    /// Goes on at `offset`, overwriting what lies behind it.
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

    /// Takes in a request's body in pieces that end at multiples of `granule`, or until `cut` bytes are here.
    /// `go_on` hears how many bytes there are, and what is known of them, before each piece and at the end.
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

/// The SHA-256 of a whole video, in hex: read from its file where there is one.
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

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
