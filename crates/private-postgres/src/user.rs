//! The user who runs the server.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;

/// The variables that a server needs. Others, such as our secrets and every `PG…`, are not passed on.
const KEPT_VARIABLES: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR"];

/// The user who runs the server: the current one, or an unprivileged one if that is root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServerUser {
    /// The current user.
    pub(crate) invoker: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl ServerUser {
    /// Returns the current user; for root `postgres` or `nobody`, because Postgres refuses to run as root.
    pub(crate) fn choose() -> Result<Self, Error> {
        let invoker = id(&["-u"]).ok_or(Error::NobodyToRunAs)?;
        if invoker != 0 {
            let gid = id(&["-g"]).ok_or(Error::NobodyToRunAs)?;
            return Ok(Self { invoker, uid: invoker, gid });
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some(Self { invoker, uid: id(&["-u", name])?, gid: id(&["-g", name])? }))
            .ok_or(Error::NobodyToRunAs)
    }

    /// Returns the user for an existing directory: its owner, if we may act as that user.
    pub(crate) fn owning(self, directory: &Path) -> Result<Self, Error> {
        let Ok(found) = fs::symlink_metadata(directory) else { return Ok(self) };
        match (found.is_dir(), found.uid()) {
            (true, owner) if owner == self.uid => Ok(self),
            // Another start has created it and not yet changed its owner.
            (true, 0) if self.is_root() => Ok(self),
            // It was created when the process did not run as root.
            (true, owner) if self.is_root() => Ok(Self { uid: owner, gid: found.gid(), ..self }),
            (_, owner) => Err(Error::ForeignData { path: directory.to_owned(), owner }),
        }
    }

    pub(crate) fn is_root(self) -> bool {
        self.invoker == 0
    }

    /// Returns a command run as this user, with an empty environment and away from our directory and output.
    pub(crate) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin");
        for name in KEPT_VARIABLES {
            if let Some(value) = env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if self.is_root() {
            // The standard library drops the supplementary groups along with the uid.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Reports whether this user can reach `path`. Only root, which changes the user, has to check.
    pub(crate) fn reaches(self, path: &Path) -> bool {
        !self.is_root()
            || path.ancestors().filter_map(|ancestor| fs::metadata(ancestor).ok()).all(|found| {
                let mode = found.permissions().mode();
                mode & 0o001 != 0 || (found.uid() == self.uid && mode & 0o100 != 0)
            })
    }
}

/// Returns the output of `id`; `None` if there is no such user.
fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
