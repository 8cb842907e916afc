//! The durable server of local mode.
//!
//! Two files coordinate its users. The server's processes inherit the locked `lock`, so it is free exactly
//! when all of them have ended. Users hold the FIFO open and write a line into it. The watcher answers the
//! line. From then on it cannot see the FIFO's end before that user has gone. Without an answer the server is
//! stopping: the user waits for the lock, then starts another one.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::Path;
use std::process::{self, Child};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::binaries::Search;
use crate::cluster::{Cluster, Ready, START_SECONDS, Watch, Worth};
use crate::patience::wait_for;
use crate::user::ServerUser;
use crate::{Address, DATABASE, Error, place, postmaster, wire};

/// How long a server may take to stop: it writes a checkpoint first.
const STOP_SECONDS: u32 = 60;

/// How long the watcher may take to answer; it does nothing else.
const ANSWER_SECONDS: u32 = 2;

/// After this many unanswered lines the watcher must have been killed.
const PATIENCE: u32 = 3;

/// One user of a durable server, which this or another process started.
///
/// The server runs until its last user has gone: dropped, ended or killed. Dropping the last one stops the
/// server and waits for it. Disconnect first: open connections are closed.
#[derive(Debug)]
pub struct Server {
    cluster: Cluster,
    address: Address,
    /// Keeps the server running. Taken by `drop`.
    fifo: Option<File>,
    users: File,
    /// The watcher, if this process started it.
    watcher: Option<Child>,
}

/// Starts the server for the data under `data_root`, or joins the running one.
///
/// The data is in `<data_root>/postgres-<major>`. If the process runs as root and the server's user cannot
/// reach `data_root`, it is in a directory under `/var/lib/social-publisher`. The server has a database
/// [`DATABASE`]. Blocks while the server starts: about 0.6 s the first time, 0.1 s later.
pub fn durable(data_root: &Path) -> Result<Server, Error> {
    let user = ServerUser::choose()?;
    let root = place::data_root(data_root, user)?;
    let home = |major: u32| root.join(format!("postgres-{major}"));
    let binaries =
        Search::from_environment(user).best(user, |major| home(major).join("data/PG_VERSION").is_file())?;
    let cluster = Cluster::at(home(binaries.major), binaries, user, Worth::Durable)?;
    let server = Server::start_or_join(cluster)?;
    wire::ensure_database(&server.address, DATABASE)?;
    Ok(server)
}

impl Server {
    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns the URL of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    fn start_or_join(cluster: Cluster) -> Result<Self, Error> {
        let mut unanswered = 0;
        let joined = wait_for(START_SECONDS, || match Self::try_once(&cluster) {
            Ok(Attempt::Done(fifo, users, watcher)) => Some(Ok((fifo, users, watcher))),
            Ok(Attempt::Unanswered) => {
                unanswered += 1;
                if unanswered >= PATIENCE {
                    postmaster::interrupt(&cluster.data(), cluster.user);
                }
                None
            }
            Ok(Attempt::Changing) => None,
            Err(error) => Some(Err(error)),
        });
        match joined {
            Some(Ok((fifo, users, watcher))) => {
                Ok(Self { address: cluster.address(), fifo: Some(fifo), users, watcher, cluster })
            }
            Some(Err(error)) => Err(error),
            None => {
                let holder = String::from("another process has locked it and starts no server");
                Err(Error::Busy { path: cluster.home().to_owned(), holder })
            }
        }
    }

    fn try_once(cluster: &Cluster) -> Result<Attempt, Error> {
        let users = cluster.users()?;
        match users.try_lock_shared() {
            Ok(()) => {}
            // The last user is waiting for the server to stop.
            Err(TryLockError::WouldBlock) => return Ok(Attempt::Changing),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", cluster.home())(source)),
        }
        let lock = cluster.lock()?;
        match lock.try_lock() {
            Ok(()) => start(cluster, lock, users),
            Err(TryLockError::WouldBlock) => join(cluster, &lock, users),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", cluster.home())(source)),
        }
    }

    /// Reports whether every process of the server has ended.
    fn is_gone(&mut self) -> bool {
        match &mut self.watcher {
            Some(watcher) => !matches!(watcher.try_wait(), Ok(None)),
            None => self.cluster.lock().is_ok_and(|lock| lock.try_lock().is_ok()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // No user can join while the last one holds this lock, so no second server starts meanwhile.
        let last = self.users.try_lock().is_ok();
        self.fifo = None;
        if last {
            let _ = wait_for(STOP_SECONDS, || self.is_gone().then_some(()));
        }
    }
}

/// The outcome of one attempt to get a server.
enum Attempt {
    /// The FIFO and the lock that register this user, and the watcher if this process started it.
    Done(File, File, Option<Child>),
    /// Another process is starting or stopping a server.
    Changing,
    /// There is a server, but no watcher.
    Unanswered,
}

/// Starts the server. The lock excludes every other process.
fn start(cluster: &Cluster, lock: File, users: File) -> Result<Attempt, Error> {
    cluster.prepare()?;
    postmaster::forget_stale(&cluster.data())?;
    let fifo = open_fifo(cluster)?;
    let ears = File::open(cluster.fifo()).map_err(Error::io("open", &cluster.fifo()))?;
    let mut watcher = cluster.spawn(lock, Watch::Users(ears))?;
    match cluster.wait_until_ready(|| !matches!(watcher.try_wait(), Ok(None)))? {
        Ready::Yes => Ok(Attempt::Done(fifo, users, Some(watcher))),
        Ready::Gone => Err(Error::Start { log: cluster.log() }),
    }
}

/// Joins a running server, if it keeps running.
fn join(cluster: &Cluster, lock: &File, users: File) -> Result<Attempt, Error> {
    static QUESTIONS: AtomicU32 = AtomicU32::new(0);
    if !cluster.fifo().exists() {
        return Ok(Attempt::Changing);
    }
    let mut fifo = open_fifo(cluster)?;
    let token = format!("{}-{}", process::id(), QUESTIONS.fetch_add(1, Ordering::Relaxed));
    let answer = cluster.answer(&token);
    // An earlier process with our number may have left its answer.
    let _ = fs::remove_file(&answer);
    writeln!(fifo, "{token}").map_err(Error::io("write to", &cluster.fifo()))?;

    let released = || lock.try_lock().is_ok();
    match wait_for(ANSWER_SECONDS, || answer.exists().then_some(true).or_else(|| released().then_some(false)))
    {
        Some(true) => {}
        Some(false) => return Ok(Attempt::Changing),
        None => return Ok(Attempt::Unanswered),
    }
    let _ = fs::remove_file(&answer);
    match cluster.wait_until_ready(released)? {
        Ready::Yes => Ok(Attempt::Done(fifo, users, None)),
        Ready::Gone => Ok(Attempt::Changing),
    }
}

/// Opens it for reading and writing, so that it neither waits for the watcher nor fails without one.
fn open_fifo(cluster: &Cluster) -> Result<File, Error> {
    let path = cluster.fifo();
    File::options().read(true).write(true).open(&path).map_err(Error::io("open", &path))
}
