//! A cluster on disk, and the command that runs it.
//!
//! ```text
//! postgres-15/        the home, with mode 0700, owned by the server's user
//!   data/             Postgres's data directory
//!   run/              socket and FIFO, created at each start
//!   lock              locked by the server's processes while one is alive
//!   users             locked, shared, by every user of the server
//!   postgres.log      of the last start
//! ```

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Stdio};

use crate::address::{PORT, ROLE};
use crate::binaries::Binaries;
use crate::error::tail;
use crate::patience::wait_for;
use crate::user::ServerUser;
use crate::{Address, Error, place, wire};

/// Runs Postgres in the foreground, and stops it after its last user has gone.
const WATCH: &str = include_str!("watch.sh");

/// How long a server may take to start. Recovery after a power cut on a busy disk takes seconds.
pub(crate) const START_SECONDS: u32 = 120;

/// How safely the data is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It survives a power cut.
    Durable,
    /// It is removed soon: no `fsync`, and room for many parallel tests.
    Throwaway,
}

impl Worth {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Durable => &["fsync=on"],
            Self::Throwaway => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "autovacuum=off",
                "wal_level=minimal",
                "max_wal_senders=0",
                "max_connections=300",
            ],
        }
    }
}

/// How long a server runs.
#[derive(Debug)]
pub(crate) enum Watch {
    /// Until the last writer of this FIFO has gone.
    Users(File),
    /// Until this process has ended; then the home is removed.
    Process(u32),
}

/// The outcome of a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ready {
    /// The server accepts statements.
    Yes,
    /// It stopped first.
    Gone,
}

/// A cluster on disk. The process that starts it holds its lock.
#[derive(Debug)]
pub(crate) struct Cluster {
    home: PathBuf,
    run: PathBuf,
    pub(crate) user: ServerUser,
    binaries: Binaries,
    worth: Worth,
}

impl Cluster {
    /// Returns the cluster of a home, which is created if missing.
    pub(crate) fn at(
        home: PathBuf,
        binaries: Binaries,
        user: ServerUser,
        worth: Worth,
    ) -> Result<Self, Error> {
        let user = user.owning(&home)?;
        place::private_directory(&home, user)?;
        Ok(Self { run: place::run_directory(&home), home, user, binaries, worth })
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    pub(crate) fn address(&self) -> Address {
        Address::new(self.run.clone())
    }

    /// Returns the file that the server's processes lock.
    pub(crate) fn lock(&self) -> Result<File, Error> {
        place::private_file(&self.home.join("lock"), self.user)
    }

    /// Returns the file that its users lock, shared.
    pub(crate) fn users(&self) -> Result<File, Error> {
        place::private_file(&self.home.join("users"), self.user)
    }

    /// Returns the FIFO through which users register.
    pub(crate) fn fifo(&self) -> PathBuf {
        self.run.join("users")
    }

    /// Returns the file in which the watcher answers one of them.
    pub(crate) fn answer(&self, token: &str) -> PathBuf {
        self.run.join(format!("user-{token}"))
    }

    /// Returns the last lines of the server's log.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(self.home.join("postgres.log")).unwrap_or_default();
        tail(&String::from_utf8_lossy(&text))
    }

    /// Creates everything that a start needs: an empty run directory with its FIFO, and the data.
    pub(crate) fn prepare(&self) -> Result<(), Error> {
        // The lock file of an old socket may name a process id that another process has now.
        let _ = fs::remove_dir_all(&self.run);
        place::private_directory(&self.run, self.user)?;
        let fifo = self.fifo();
        let made = self.user.command("mkfifo").arg("-m").arg("600").arg(&fifo).status();
        if !made.map_err(Error::io("run mkfifo for", &fifo))?.success() {
            let source = std::io::ErrorKind::Unsupported.into();
            return Err(Error::Io { doing: "make the FIFO", path: fifo, source });
        }
        if self.data().join("PG_VERSION").is_file() { Ok(()) } else { self.make() }
    }

    /// Runs `initdb` beside the final place and renames the result, so an incomplete cluster is never used.
    fn make(&self) -> Result<(), Error> {
        for left in fs::read_dir(&self.home).into_iter().flatten().flatten() {
            if left.file_name().to_string_lossy().starts_with("data.new") {
                let _ = fs::remove_dir_all(left.path());
            }
        }
        let fresh = self.home.join(format!("data.new-{}", process::id()));
        let initdb = self.binaries.initdb();
        let output = self
            .user
            .command(&initdb)
            .args(["--no-sync", "--locale=C", "--encoding=UTF8", "--wal-segsize=1"])
            .args(["--auth=trust", "--username", ROLE, "--pgdata"])
            .arg(&fresh)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .map_err(Error::io("run", &initdb))?;
        if output.status.success() {
            let data = self.data();
            return fs::rename(&fresh, &data).map_err(Error::io("move the new cluster to", &data));
        }
        let _ = fs::remove_dir_all(&fresh);
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("could not look up effective user ID") {
            return Err(Error::NoPasswdEntry { uid: self.user.uid });
        }
        Err(Error::InitDb { output: tail(&said) })
    }

    /// Starts the server, which inherits the locked `lock`.
    pub(crate) fn spawn(&self, lock: File, watch: Watch) -> Result<Child, Error> {
        let (mode, process, input) = match watch {
            Watch::Users(fifo) => ("users", 0, Stdio::from(fifo)),
            Watch::Process(process) => ("process", process, Stdio::null()),
        };
        let mut listen = OsString::from("unix_socket_directories=");
        listen.push(&self.run);
        let mut command = self.user.command("/bin/sh");
        command
            .args(["-c", WATCH, "watch", mode, &process.to_string()])
            .args([&self.home, &self.run, &self.binaries.postgres()])
            .arg("-D")
            .arg(self.data())
            .args(["-p", &PORT.to_string(), "-c", "listen_addresses=", "-c"])
            .arg(listen)
            .args(["-c", "unix_socket_permissions=0700", "-c", "timezone=UTC", "-c", "log_timezone=UTC"]);
        for setting in self.worth.settings() {
            command.args(["-c", setting]);
        }
        // A process group of its own: Ctrl-C must not stop the database before the server has finished.
        command.stdin(input).stdout(lock).process_group(0);
        command.spawn().map_err(Error::io("run /bin/sh for", &self.home))
    }
    /// Waits until the server accepts statements, or `is_gone`.
    pub(crate) fn wait_until_ready(&self, mut is_gone: impl FnMut() -> bool) -> Result<Ready, Error> {
        let address = self.address();
        wait_for(START_SECONDS, || match wire::ask(&address, ROLE, "select 1") {
            Ok(_) => Some(Ok(Ready::Yes)),
            // No socket yet, or `cannot_connect_now`.
            Err(Error::Refused { code, .. }) if code.is_empty() || code.starts_with("57P") => {
                is_gone().then_some(Ok(Ready::Gone))
            }
            Err(error) => Some(Err(error)),
        })
        .unwrap_or_else(|| Err(Error::Start { log: self.log() }))
    }
}
