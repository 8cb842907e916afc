//! Lets sqlx's macros describe every query, with a temporary database that has every migration.
//!
//! The macros write one file per query when they expand with a database. So the crate with the queries is
//! checked once that way, with a temporary directory. `.sqlx` changes only if everything succeeds.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::time::SystemTime;

use private_postgres::{Address, shared_for_tests};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use crate::query_data::{Changes, QueryData};

/// The root of the only crate with queries.
const CRATE_WITH_QUERIES: &str = "crates/social-core/src/lib.rs";

/// What to do about `.sqlx`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Bring it up to date.
    Update,
    /// Fail unless it is up to date.
    Check,
}

/// Explains why the queries were not prepared, or are out of date.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    #[error("the migrations cannot be read: {0}")]
    Migrations(#[from] MigrateError),
    #[error("no database to check the queries against: {0}")]
    Postgres(#[from] private_postgres::Error),
    #[error("cannot {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("a query does not fit the migrations, or the code around it does not compile: see above")]
    Compile,
    #[error("the compiler expanded no query; does a RUSTC_WRAPPER use a cache?")]
    NothingExpanded,
    #[error("{0} is not query data")]
    Unreadable(PathBuf),
    #[error("`.sqlx` is out of date:\n{0}fix it with: cargo run -p xtask -- prepare")]
    OutOfDate(Changes),
}

impl PrepareError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

/// Brings `.sqlx` up to date or checks that it is, and returns a report.
pub(crate) fn prepare(root: &Path, goal: Goal) -> Result<String, PrepareError> {
    let database = migrated_database(&root.join("migrations"))?;
    let described = describe_queries(root, &database)?;
    let home = root.join(".sqlx");
    let changes = QueryData::read(&home)?.changes_to(&described);
    let count = described.len();
    if changes.is_empty() {
        return Ok(format!("all {count} queries are up to date"));
    }
    match goal {
        Goal::Check => Err(PrepareError::OutOfDate(changes)),
        Goal::Update => {
            described.write(&home, &changes)?;
            Ok(format!("{changes}{count} queries are up to date now; commit `.sqlx`"))
        }
    }
}

/// Returns the URL of a database with every migration. The server runs until the calling shell ends, and so
/// do its databases: each is named after its migrations.
fn migrated_database(migrations: &Path) -> Result<String, PrepareError> {
    let migrator = block_on(Migrator::new(migrations))?;
    let mut hasher = DefaultHasher::new();
    for migration in migrator.iter() {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    let name = format!("queries_{:016x}", hasher.finish());
    let address = shared_for_tests(&name, |address| {
        block_on(create_database(address, &name, &migrator)).map_err(|error| error.to_string())
    })?;
    Ok(address.url(&name))
}

async fn create_database(address: &Address, name: &str, migrator: &Migrator) -> Result<(), MigrateError> {
    let mut server = connect(&address.url("postgres")).await?;
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut server).await?;
    server.close().await?;
    let mut database = connect(&address.url(name)).await?;
    migrator.run(&mut database).await?;
    Ok(database.close().await?)
}

async fn connect(url: &str) -> Result<PgConnection, sqlx::Error> {
    url.parse::<PgConnectOptions>()?.connect().await
}

/// Returns the macros' description of each query. Unit tests are included: they may have queries of their
/// own.
fn describe_queries(root: &Path, database: &str) -> Result<QueryData, PrepareError> {
    let scratch = Scratch::new()?;
    let _expanding = Touched::new(&root.join(CRATE_WITH_QUERIES))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // All libraries, though only one has queries. With `--package` cargo would choose other features for the
    // dependencies, and compile most of them again. Of the others it checks only what changed.
    let mut check = Command::new(&cargo);
    // The variables that `cargo run` sets for us must not reach the build scripts: ring's would run again.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_MANIFEST_", "CARGO_PKG_"].iter().any(|ours| name.to_string_lossy().starts_with(ours)) {
            check.env_remove(name);
        }
    }
    let status = check
        .args(["check", "--workspace", "--lib", "--profile", "test"])
        .current_dir(root)
        .env("DATABASE_URL", database)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &scratch.0)
        .status()
        .map_err(PrepareError::io("run", Path::new(&cargo)))?;
    if !status.success() {
        return Err(PrepareError::Compile);
    }
    let described = QueryData::read(&scratch.0)?;
    if described.len() == 0 { Err(PrepareError::NothingExpanded) } else { Ok(described) }
}

fn block_on<T, E: From<sqlx::Error>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(sqlx::Error::Io)?.block_on(work)
}

/// A directory for the macros' output, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, PrepareError> {
        let path = std::env::temp_dir().join(format!("social-publisher-queries-{}", process::id()));
        fs::create_dir(&path).map_err(PrepareError::io("create", &path))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A source that looks edited, so that cargo compiles its crate, until this is dropped. Then it gets its old
/// time back, so that no other crate is compiled again.
struct Touched {
    file: File,
    before: SystemTime,
    after: SystemTime,
}

impl Touched {
    fn new(path: &Path) -> Result<Self, PrepareError> {
        let touch = || {
            let file = File::options().append(true).open(path)?;
            let before = file.metadata()?.modified()?;
            #[expect(clippy::disallowed_methods, reason = "a file's time is the system's, not a Clock's")]
            file.set_modified(SystemTime::now())?;
            let after = file.metadata()?.modified()?;
            Ok(Self { file, before, after })
        };
        touch().map_err(PrepareError::io("touch", path))
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        let edited = self.file.metadata().and_then(|now| now.modified()).is_ok_and(|now| now != self.after);
        if !edited {
            let _ = self.file.set_modified(self.before);
        }
    }
}
