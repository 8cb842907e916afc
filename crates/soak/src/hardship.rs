//! The outages of a hard run: Postgres refuses writes, and its disk is full.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::task::spawn_blocking;

use crate::error::SoakError;
use crate::postgres::Postgres;
use crate::timeline::Timeline;

/// How long Postgres refuses writes.
const READ_ONLY: Duration = Duration::from_mins(1);
/// How long the disk stays full.
const FULL: Duration = Duration::from_secs(20);
/// 2 GB: what a run writes, with room.
const DISK: &str = "size=2g";

/// A small disk of its own for Postgres, so that it can be filled. It is in memory, and removed when this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Disk(PathBuf);

impl Disk {
    /// Mounts it in this folder, which is created. Requires root and Linux.
    pub(crate) fn mount(folder: &Path) -> Result<Self, SoakError> {
        fs::create_dir_all(folder).map_err(SoakError::io("create the folder of the data"))?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", DISK, "soak"]).arg(folder);
        let status = mount.status().map_err(SoakError::io("mount a disk"))?;
        if status.success() { Ok(Self(folder.to_owned())) } else { Err(SoakError::NoDisk) }
    }

    /// Writes until no byte fits.
    fn fill(&self) -> Result<(), SoakError> {
        let mut filler = File::create(self.filler()).map_err(SoakError::io("fill the disk"))?;
        for size in [1 << 20, 1 << 12, 1] {
            let zeroes = vec![0; size];
            loop {
                match filler.write_all(&zeroes) {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(source) => return Err(SoakError::Io { doing: "fill the disk", source }),
                }
            }
        }
        Ok(())
    }

    fn empty(&self) -> Result<(), SoakError> {
        fs::remove_file(self.filler()).map_err(SoakError::io("empty the disk"))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Makes both outages, one in the first half of this time and one in the second. Postgres is killed between
/// them.
pub(crate) async fn make(
    postgres: Arc<Postgres>,
    disk: Arc<Disk>,
    timeline: Arc<Timeline>,
    lasting: Duration,
) -> Result<(), SoakError> {
    tokio::time::sleep(lasting / 4).await;
    let from = timeline.now();
    refuse_writes(postgres.url(), true).await;
    tokio::time::sleep(READ_ONLY).await;
    refuse_writes(postgres.url(), false).await;
    timeline.note_outage(from, "read-only");

    let three_quarters = lasting.mul_f64(0.75).saturating_sub(lasting / 4 + READ_ONLY);
    tokio::time::sleep(three_quarters).await;
    let from = timeline.now();
    let (fill, empty) = (Arc::clone(&disk), disk);
    postgres
        .suffer(async {
            blocking(move || fill.fill()).await?;
            tokio::time::sleep(FULL).await;
            blocking(move || empty.empty()).await
        })
        .await?;
    timeline.note_outage(from, "disk full");
    Ok(())
}

async fn blocking(work: impl FnOnce() -> Result<(), SoakError> + Send + 'static) -> Result<(), SoakError> {
    spawn_blocking(work)
        .await
        .map_err(|error| SoakError::Io { doing: "use the disk", source: error.into() })?
}

/// Makes every new transaction read-only, or no longer, also after a restart. Repeats it until it is done, because
/// Postgres may be stopped meanwhile.
async fn refuse_writes(url: &str, refused: bool) {
    loop {
        let set = async {
            let mut connection = PgConnection::connect(url).await?;
            connection.execute("set default_transaction_read_only = off").await?;
            let value = if refused {
                "alter system set default_transaction_read_only = on"
            } else {
                "alter system reset default_transaction_read_only"
            };
            connection.execute(value).await?;
            connection.execute("select pg_reload_conf()").await
        };
        if set.await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
