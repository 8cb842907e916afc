//! The temporary server of one test run.
//!
//! All processes of a run have the same parent: cargo, nextest, or a shell. Its number names the server's
//! directory, and the server runs until that parent has ended. Nothing depends on `Drop`, because statics are
//! never dropped.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::parent_id;
use std::path::Path;
use std::process;
use std::sync::{Mutex, PoisonError};

use crate::binaries::Search;
use crate::cluster::{Cluster, Ready, Watch, Worth};
use crate::patience::wait_for;
use crate::user::ServerUser;
use crate::{Address, Error, place, postmaster};

/// How long a temporary server may take to stop.
const STOP_SECONDS: u32 = 30;

/// Exists while a process prepares a template.
const PREPARING: &str = "preparing";

/// The results of this process so far, by key. Failures are kept too: 300 tests should not all retry one.
static KNOWN: Mutex<BTreeMap<String, Result<Address, String>>> = Mutex::new(BTreeMap::new());

/// Returns the address of this test run's temporary server, which the first caller starts.
///
/// `prepare` creates what the tests clone, usually a migrated template. It runs once per server and
/// `template_key`, for any number of threads and processes; the others wait for it. From a shell, the server
/// runs until that shell ends, so the key should be a hash of what `prepare` creates.
///
/// The data is in memory if there is enough, is never synced, and is removed with the server.
pub fn shared_for_tests(
    template_key: &str,
    prepare: impl FnOnce(&Address) -> Result<(), String>,
) -> Result<Address, Error> {
    // A `prepare` that panicked left nothing here.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    match known.get(template_key) {
        Some(Ok(address)) => return Ok(address.clone()),
        Some(Err(message)) => return Err(Error::Prepare(message.clone())),
        None => {}
    }
    let result = start_or_find(template_key, prepare);
    match &result {
        Ok(address) => {
            known.insert(template_key.to_owned(), Ok(address.clone()));
        }
        Err(Error::Prepare(message)) => {
            known.insert(template_key.to_owned(), Err(message.clone()));
        }
        Err(_) => {}
    }
    result
}

fn start_or_find(
    template_key: &str,
    prepare: impl FnOnce(&Address) -> Result<(), String>,
) -> Result<Address, Error> {
    let user = ServerUser::choose()?;
    let prefix = format!("private-postgres-{}-", user.invoker);
    remove_leftovers(&prefix, user);

    let name = format!("{prefix}{}", parent_id());
    let home = place::scratch(&name).join(&name);
    let binaries = Search::from_environment(user).best(user, |_| false)?;
    let (cluster, lock) = loop {
        let lock = take_lock(&home, user)?;
        let cluster = Cluster::at(home.clone(), binaries.clone(), user, Worth::Throwaway)?;
        match ensure_running(&cluster)? {
            Ready::Yes => break (cluster, lock),
            Ready::Gone => drop(lock),
        }
    };

    let key = place::hash(template_key.as_bytes());
    let ready = cluster.home().join(format!("ready-{key:016x}"));
    if !ready.exists() {
        let preparing = cluster.home().join(PREPARING);
        place::private_file(&preparing, cluster.user)?;
        let address = cluster.address();
        if let Err(message) = prepare(&address) {
            // Its remains are useless for the next one.
            stop(&cluster);
            return Err(Error::Prepare(message));
        }
        fs::rename(&preparing, &ready).map_err(Error::io("make", &ready))?;
    }
    drop(lock);
    Ok(cluster.address())
}

/// Waits for permission to start or prepare. The lock is free again when its holder ends, in every case.
fn take_lock(home: &Path, user: ServerUser) -> Result<File, Error> {
    let path = home.join("turn");
    loop {
        let opened = place::private_directory(home, user).and_then(|()| place::private_file(&path, user));
        let lock = match opened {
            Ok(lock) => lock,
            // The watcher removed the directory at this very moment.
            Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        lock.lock().map_err(Error::io("lock", &path))?;
        // Meanwhile the server may have stopped, and its directory may have been removed and created again.
        let ours = lock.metadata().map_err(Error::io("look at", &path))?.ino();
        if fs::metadata(&path).is_ok_and(|there| there.ino() == ours) {
            return Ok(lock);
        }
    }
}

/// Starts the server unless it runs. `Gone`: the existing one is unusable; try again.
fn ensure_running(cluster: &Cluster) -> Result<Ready, Error> {
    let lock = cluster.lock()?;
    match lock.try_lock() {
        Ok(()) => {}
        // The preparing process was killed halfway.
        Err(TryLockError::WouldBlock) if cluster.home().join(PREPARING).exists() => {
            stop(cluster);
            return Ok(Ready::Gone);
        }
        Err(TryLockError::WouldBlock) => {
            return cluster.wait_until_ready(|| lock.try_lock().is_ok());
        }
        Err(TryLockError::Error(source)) => return Err(Error::io("lock", cluster.home())(source)),
    }
    forget_contents(cluster.home());
    cluster.prepare()?;
    let mut watcher = cluster.spawn(lock, Watch::Process(parent_id()))?;
    match cluster.wait_until_ready(|| !matches!(watcher.try_wait(), Ok(None)))? {
        Ready::Yes => Ok(Ready::Yes),
        Ready::Gone => Err(Error::Start { log: cluster.log() }),
    }
}

/// Removes the remains of an ended server from its home, except the locks.
fn forget_contents(home: &Path) {
    for left in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = left.file_name();
        if name == "data" || name == "run" {
            let _ = fs::remove_dir_all(left.path());
        } else if name != "turn" && name != "lock" {
            let _ = fs::remove_file(left.path());
        }
    }
}

/// Stops the server and removes its directory with our lock.
fn stop(cluster: &Cluster) {
    let data = cluster.data();
    let stopped = wait_for(STOP_SECONDS, || {
        let lock = cluster.lock().ok()?;
        if lock.try_lock().is_err() {
            postmaster::interrupt(&data, cluster.user);
            return None;
        }
        Some(())
    });
    if stopped.is_some() {
        let _ = fs::remove_dir_all(cluster.home());
    }
}

/// Removes the servers of ended runs whose watcher was killed too.
fn remove_leftovers(prefix: &str, user: ServerUser) {
    for scratch in place::scratches() {
        for entry in fs::read_dir(scratch).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(parent) = name.to_str().and_then(|name| name.strip_prefix(prefix)) else { continue };
            let Ok(parent) = parent.parse::<u32>() else { continue };
            if parent == parent_id() || parent == process::id() || postmaster::runs(parent) {
                continue;
            }
            let home = entry.path();
            let Ok(user) = user.owning(&home) else { continue };
            let Ok(lock) = File::open(home.join("lock")) else {
                let _ = fs::remove_dir_all(&home);
                continue;
            };
            if lock.try_lock().is_ok() {
                let _ = fs::remove_dir_all(&home);
            } else {
                // The watcher, if there is one, does the same; the next run removes the rest.
                postmaster::interrupt(&home.join("data"), user);
            }
        }
    }
}
