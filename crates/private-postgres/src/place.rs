//! Chooses the places of data, binaries and sockets.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::user::ServerUser;
use crate::{APP, Error};

/// macOS allows 103 bytes, Linux 107.
const LONGEST_SOCKET_PATH: usize = 103;

/// The length that `/.s.PGSQL.5432` adds to the directory.
const SOCKET_NAME_LENGTH: usize = 14;

/// Docker's default `/dev/shm` of 64 MB fails with "disk full" at 16 parallel tests.
const ENOUGH_MEMORY_KIB: u64 = 256 * 1024;

/// Returns the directory for a project's data, created if missing.
///
/// It is `data_root` itself, unless the process runs as root and the server's user cannot reach it, as in
/// `/root`. Then it is a directory under `/var/lib` named after the project.
pub(crate) fn data_root(data_root: &Path, user: ServerUser) -> Result<PathBuf, Error> {
    let wanted = settled(data_root)?;
    let root = if user.reaches(&wanted) {
        wanted
    } else {
        Path::new("/var/lib").join(APP).join(format!("{:016x}", hash(wanted.as_os_str().as_encoded_bytes())))
    };
    fs::create_dir_all(&root).map_err(Error::io("create", &root))?;
    Ok(root)
}

/// Returns the directory for fetched binaries; for root one that the server's user can reach.
pub(crate) fn cache(user: ServerUser) -> PathBuf {
    let own = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    own("XDG_CACHE_HOME")
        .or_else(|| own("HOME").map(|home| home.join(below_home)))
        .map(|cache| cache.join(APP))
        .filter(|cache| user.reaches(cache))
        .unwrap_or_else(|| Path::new("/var/cache").join(APP))
}

/// Returns the directories for a temporary server, best first: memory, if there is enough, then disk.
///
/// A server of that `name` stays where it is, even if it has left little memory.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let disk = scratch_disk();
    if memory.join(name).is_dir() {
        memory
    } else if disk.join(name).is_dir() || free_kib(&memory).is_none_or(|free| free < ENOUGH_MEMORY_KIB) {
        disk
    } else {
        memory
    }
}

/// Returns every directory that may contain old temporary servers.
pub(crate) fn scratches() -> [PathBuf; 2] {
    [PathBuf::from("/dev/shm"), scratch_disk()]
}

/// Never `TMPDIR`: its owner may differ from the server's user, and macOS's is too long for a socket.
fn scratch_disk() -> PathBuf {
    PathBuf::from("/tmp")
}

/// Creates a directory for the server's user alone, or checks an existing one.
pub(crate) fn private_directory(path: &Path, user: ServerUser) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::io("create", path)(error)),
    }
    let found = fs::symlink_metadata(path).map_err(Error::io("look at", path))?;
    if user.is_root() && found.is_dir() && found.uid() == 0 {
        chown(path, Some(user.uid), Some(user.gid)).map_err(Error::io("hand over", path))?;
    } else if !found.is_dir() || found.uid() != user.uid {
        return Err(Error::ForeignData { path: path.to_owned(), owner: found.uid() });
    }
    if found.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(Error::io("close", path))?;
    }
    Ok(())
}

/// Opens a file that both we and the server's user can lock, created if missing.
pub(crate) fn private_file(path: &Path, user: ServerUser) -> Result<File, Error> {
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(Error::io("open", path))?;
    if user.is_root() {
        fchown(&file, Some(user.uid), Some(user.gid)).map_err(Error::io("hand over", path))?;
    }
    Ok(file)
}

/// Returns the directory for socket and FIFO: in `home` if such a path fits, else in `/tmp` under its hash.
pub(crate) fn run_directory(home: &Path) -> PathBuf {
    let run = home.join("run");
    // PostgreSQL parses commas and quotes in the path; a URL holds UTF-8.
    let fits = run.to_str().is_some_and(|text| {
        text.len() + SOCKET_NAME_LENGTH < LONGEST_SOCKET_PATH && !text.contains([',', '"'])
    });
    if fits {
        run
    } else {
        scratch_disk().join(format!("{APP}-{:016x}", hash(home.as_os_str().as_encoded_bytes())))
    }
}

/// Returns an absolute path without links, as far as it exists.
fn settled(path: &Path) -> Result<PathBuf, Error> {
    let path = std::path::absolute(path).map_err(Error::io("find", path))?;
    for ancestor in path.ancestors() {
        if let Ok(real) = fs::canonicalize(ancestor) {
            return Ok(match path.strip_prefix(ancestor) {
                Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
                _ => real,
            });
        }
    }
    Ok(path)
}

/// Returns the free space of a file system; `None` if it does not exist.
fn free_kib(path: &Path) -> Option<u64> {
    let output = Command::new("df").arg("-Pk").arg(path).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// FNV-1a: the same in every build, unlike the standard library's hashers. Names on disk depend on it.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_published_one() {
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn a_path_too_long_for_a_socket_moves_to_tmp() {
        assert_eq!(run_directory(Path::new("/p/postgres-15")), Path::new("/p/postgres-15/run"));
        let long = PathBuf::from(format!("/{}", "x".repeat(90)));
        for awkward in [long.as_path(), Path::new("/a,b")] {
            let run = run_directory(awkward);
            assert!(run.starts_with("/tmp"), "{}", run.display());
            assert!(run.as_os_str().len() + SOCKET_NAME_LENGTH <= LONGEST_SOCKET_PATH);
        }
    }
}
