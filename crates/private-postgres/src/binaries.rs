//! Finds a Postgres on this machine.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;
use crate::fetch::Fetch;
use crate::place;
use crate::user::ServerUser;

/// The oldest version that the tests of the store pass on (`scripts/postgres-versions`).
const OLDEST_MAJOR: u32 = 13;

/// The usual places of the binaries: a directory, the prefix of its entries, and the path below the entry.
const USUAL_PLACES: [(&str, &str, &str); 10] = [
    ("/usr/lib/postgresql", "", "bin"),                      // Debian, Ubuntu
    ("/usr/libexec", "postgresql", ""),                      // Alpine
    ("/usr", "pgsql-", "bin"),                               // Red Hat, from postgresql.org
    ("/usr/lib64", "postgresql-", "bin"),                    // Gentoo
    ("/opt/homebrew/opt", "postgresql", "bin"),              // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql", "bin"),                 // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"), // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
    ("/Library/PostgreSQL", "", "bin"),                      // the EDB installer
    ("/usr/local", "pgsql", "bin"),                          // built from source
];

/// One Postgres on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) directory: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn initdb(&self) -> PathBuf {
        self.directory.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.directory.join("postgres")
    }

    /// Returns the Postgres in a directory, or the reason why it cannot be used.
    fn inspect(directory: &Path, user: ServerUser) -> Result<Self, String> {
        let shown = directory.display();
        let postgres = directory.join("postgres");
        for program in [&postgres, &directory.join("initdb")] {
            if !program.is_file() {
                return Err(format!("{} does not exist", program.display()));
            }
        }
        // Debian and Homebrew link to the real directory, which has the libraries.
        let directory = fs::canonicalize(&postgres)
            .ok()
            .and_then(|real| real.parent().map(Path::to_owned))
            .filter(|real| real.join("initdb").is_file())
            .unwrap_or_else(|| directory.to_owned());
        if !user.reaches(&directory) {
            return Err(format!("{shown} is closed to user id {}, who would run it", user.uid));
        }
        let output = Command::new(&postgres)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{shown}: postgres does not run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match major(&text) {
            Some(major) if major >= OLDEST_MAJOR => Ok(Self { directory, major }),
            Some(major) => Err(format!("{shown} is version {major}; we need {OLDEST_MAJOR} or newer")),
            None => Err(format!("{shown}: postgres --version says {:?}", text.trim())),
        }
    }
}

/// The places to search, as a value, so that a test can search others.
#[derive(Debug)]
pub(crate) struct Search {
    /// `PG_BIN_DIR`: if set, the only place.
    pub(crate) chosen: Option<PathBuf>,
    pub(crate) path: OsString,
    pub(crate) places: Vec<PathBuf>,
    pub(crate) fetch: Fetch,
}

impl Search {
    /// Returns the search for this process's environment.
    pub(crate) fn from_environment(user: ServerUser) -> Self {
        let path = env::var_os("PATH").unwrap_or_default();
        Self {
            chosen: env::var_os("PG_BIN_DIR").filter(|value| !value.is_empty()).map(PathBuf::from),
            places: usual_places(),
            fetch: Fetch::new(place::cache(user), path.clone()),
            path,
        }
    }

    /// Returns the best Postgres: one that `preferred` accepts, and among equals the newest.
    ///
    /// A project with data of one major version keeps using it, even if a newer one is installed.
    pub(crate) fn best(&self, user: ServerUser, preferred: impl Fn(u32) -> bool) -> Result<Binaries, Error> {
        let mut tried = Vec::new();
        if let Some(directory) = &self.chosen {
            return Binaries::inspect(directory, user).map_err(|reason| {
                tried.push(format!("PG_BIN_DIR: {reason}"));
                Error::NoBinaries { tried }
            });
        }

        let on_path = env::split_paths(&self.path).filter(|directory| directory.is_absolute());
        let fetched = self.fetch.directory();
        // Existing data decides first. Then an installed Postgres precedes a fetched one. Then the newest
        // wins.
        let rank = |one: &Binaries, directory: &Path| (preferred(one.major), directory != fetched, one.major);
        let mut best = None;
        for directory in on_path.chain(self.places.iter().cloned()).chain([fetched.clone()]) {
            if !directory.join("postgres").is_file() {
                continue;
            }
            match Binaries::inspect(&directory, user) {
                Ok(found) => {
                    let rank = rank(&found, &directory);
                    if best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
                        best = Some((rank, found));
                    }
                }
                Err(reason) => tried.push(reason),
            }
        }
        if let Some((_, best)) = best {
            return Ok(best);
        }

        tried.push(String::from("PATH and the usual directories of Linux distributions and macOS"));
        self.fetch.run(&mut tried);
        match Binaries::inspect(&fetched, user) {
            Ok(found) => Ok(found),
            Err(reason) => {
                tried.push(reason);
                Err(Error::NoBinaries { tried })
            }
        }
    }
}

/// Returns the usual places that exist here.
fn usual_places() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for (parent, prefix, below) in USUAL_PLACES {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                found.push(if below.is_empty() { entry.path() } else { entry.path().join(below) });
            }
        }
    }
    found
}

/// Returns the 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Search {
        Search {
            chosen: None,
            path: OsString::new(),
            places: Vec::new(),
            fetch: Fetch::new(PathBuf::from("/nonexistent/cache"), OsString::new()),
        }
    }

    fn refusal(search: &Search) -> String {
        search.best(ServerUser::choose().unwrap(), |_| false).unwrap_err().to_string()
    }

    #[test]
    fn versions_of_all_distributions_are_read() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("bash: postgres: not found"), None);
    }

    #[test]
    fn finding_nothing_names_the_remedies() {
        let message = refusal(&nowhere());
        for remedy in ["apt-get install postgresql", "brew install postgresql", "PG_BIN_DIR", "DATABASE_URL"]
        {
            assert!(message.contains(remedy), "{message}");
        }
    }

    #[test]
    fn a_wrong_pg_bin_dir_is_an_error_and_not_a_hint() {
        let mut search = nowhere();
        search.places = usual_places();
        search.chosen = Some(PathBuf::from("/nonexistent/bin"));
        assert!(refusal(&search).contains("PG_BIN_DIR: /nonexistent/bin/postgres does not exist"));
    }

    #[test]
    fn an_installed_postgres_is_found_in_the_usual_places() {
        let mut search = nowhere();
        search.places = usual_places();
        let found = search.best(ServerUser::choose().unwrap(), |_| false).unwrap();
        assert!(found.major >= OLDEST_MAJOR && found.initdb().is_file() && found.postgres().is_file());
    }

    /// Returns a directory with programs that only print their version.
    fn pretend(root: &Path, version: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let directory = root.join(version);
        fs::create_dir_all(&directory).unwrap();
        for program in ["postgres", "initdb"] {
            let file = directory.join(program);
            fs::write(&file, format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        directory
    }

    #[test]
    fn the_newest_wins_unless_there_is_data_of_another() {
        let root = env::temp_dir().join(format!("private-postgres-pretend-{}", std::process::id()));
        let mut search = nowhere();
        search.places = vec![pretend(&root, "16.2"), pretend(&root, "9.6"), pretend(&root, "18.1")];
        search.path = pretend(&root, "17.0").into_os_string();
        let user = ServerUser::choose().unwrap();
        assert_eq!(search.best(user, |_| false).unwrap().major, 18);
        assert_eq!(search.best(user, |major| major == 16).unwrap().major, 16);
        assert_eq!(search.best(user, |major| major == 9).unwrap().major, 18);
        fs::remove_dir_all(root).unwrap();
    }
}
