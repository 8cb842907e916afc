//! The one Postgres, stopped in the middle and restarted with the same data at the same address.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use private_postgres::{DATABASE, Server};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::error::SoakError;
use crate::timeline::Timeline;

/// How Postgres is stopped.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stop {
    /// `kill -9` of the postmaster, without notice to any session.
    Killed,
    /// An immediate shutdown: every session is ended, and the next start recovers as after a crash.
    Immediate,
    /// A fast shutdown, as in an upgrade: every session is ended, and a checkpoint is written.
    Fast,
}

impl Stop {
    fn signal(self) -> &'static str {
        match self {
            Self::Killed => "-KILL",
            Self::Immediate => "-QUIT",
            Self::Fast => "-INT",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Immediate => "immediate shutdown",
            Self::Fast => "fast shutdown",
        }
    }
}

/// The one Postgres, with `fsync` on.
#[derive(Debug)]
pub(crate) struct Postgres {
    root: PathBuf,
    url: String,
    server: Mutex<Option<Server>>,
    timeline: Arc<Timeline>,
}

impl Postgres {
    pub(crate) async fn start(root: &Path, timeline: Arc<Timeline>) -> Result<Self, SoakError> {
        let server = start(root.to_owned()).await?;
        Ok(Self {
            root: root.to_owned(),
            url: server.url(DATABASE),
            server: Mutex::new(Some(server)),
            timeline,
        })
    }

    /// Returns the URL, which is the same after every restart.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Stops it, waits, and starts it again. Does nothing during another restart.
    pub(crate) async fn restart(&self, how: Stop, down: Duration) -> Result<(), SoakError> {
        let Ok(mut server) = self.server.try_lock() else { return Ok(()) };
        let from = self.timeline.now();
        if let Some(postmaster) = postmaster(&self.root) {
            signal(how, postmaster)?;
        }
        let old = server.take();
        // Waits until all its processes have ended.
        let _ = spawn_blocking(move || drop(old)).await;
        tokio::time::sleep(down).await;
        *server = Some(start(self.root.clone()).await?);
        self.timeline.note_outage(from, how.name());
        Ok(())
    }

    /// Lets something happen to its disk, undisturbed by other restarts. It is restarted after that: without space it
    /// ends, or stays alive.
    pub(crate) async fn suffer(
        &self,
        trouble: impl Future<Output = Result<(), SoakError>>,
    ) -> Result<(), SoakError> {
        let mut server = self.server.lock().await;
        trouble.await?;
        if let Some(postmaster) = postmaster(&self.root) {
            signal(Stop::Immediate, postmaster)?;
        }
        let old = server.take();
        let _ = spawn_blocking(move || drop(old)).await;
        *server = Some(start(self.root.clone()).await?);
        Ok(())
    }

    /// Stops it for good.
    pub(crate) async fn stop(&self) {
        let old = self.server.lock().await.take();
        let _ = spawn_blocking(move || drop(old)).await;
    }
}

fn signal(how: Stop, postmaster: u32) -> Result<(), SoakError> {
    let mut kill = Command::new("kill");
    kill.args([how.signal(), &postmaster.to_string()]).stderr(Stdio::null());
    kill.status().map_err(SoakError::io("kill the postmaster"))?;
    Ok(())
}

async fn start(root: PathBuf) -> Result<Server, SoakError> {
    let started = spawn_blocking(move || private_postgres::durable(&root)).await;
    Ok(started.map_err(|error| SoakError::Io { doing: "start Postgres", source: error.into() })??)
}

/// Returns the id of its first process, from its own file.
fn postmaster(root: &Path) -> Option<u32> {
    let homes = fs::read_dir(root).ok()?.flatten().map(|entry| entry.path().join("data/postmaster.pid"));
    let file = homes.into_iter().find_map(|path| fs::read_to_string(path).ok())?;
    file.lines().next()?.trim().parse().ok()
}
