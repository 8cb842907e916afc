//! Files that outlive the process: one state file and one file per video.

use crate::platforms::Memory;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Explains why data could not be saved or read.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file system returned an error.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The state file is not one of ours.
    #[error("{path} is not a sandbox's state: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Its error.
        source: serde_json::Error,
    },
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    written: Arc<Mutex<u64>>,
}

impl Storage {
    pub(crate) fn open(folder: &Path) -> Result<(Self, Option<Memory>), StorageError> {
        let videos = folder.join("videos");
        std::fs::create_dir_all(&videos).map_err(|source| StorageError::Io { path: videos, source })?;
        let storage = Self { folder: folder.into(), written: Arc::default() };
        let path = storage.state_file();
        let kept = match std::fs::read(&path) {
            Ok(bytes) => {
                Some(serde_json::from_slice(&bytes).map_err(|source| StorageError::Format { path, source })?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(StorageError::Io { path, source }),
        };
        Ok((storage, kept))
    }

    /// Returns the file of one video; the name is one of our own ids.
    pub(crate) fn video(&self, id: &str) -> PathBuf {
        self.folder.join("videos").join(id)
    }

    fn state_file(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// Writes a snapshot that is at least as new as `wanted`, unless one has been written.
    pub(crate) async fn keep(
        &self,
        wanted: u64,
        snapshot: impl FnOnce() -> (u64, serde_json::Result<Vec<u8>>),
    ) -> Result<(), StorageError> {
        let mut written = Arc::clone(&self.written).lock_owned().await;
        if *written >= wanted {
            return Ok(());
        }
        let path = self.state_file();
        let (version, bytes) = snapshot();
        let bytes = bytes.map_err(|source| StorageError::Format { path: path.clone(), source })?;
        let draft = self.folder.join("state.json.new");
        // The lock moves into the write: a caller that gives up does not let a second writer in.
        let write = move || {
            std::fs::write(&draft, bytes)
                .and_then(|()| std::fs::rename(&draft, &path))
                .map_err(|source| StorageError::Io { path, source })?;
            *written = version;
            Ok(())
        };
        match tokio::task::spawn_blocking(write).await {
            Ok(result) => result,
            Err(error) => {
                Err(StorageError::Io { path: self.folder.clone(), source: io::Error::other(error) })
            }
        }
    }
}
