//! The Postgres that everybody works on: a private one, as `initdb` makes it, with `fsync` on.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

use crate::cpu;
use crate::trouble::Outcome;

/// The role our own code works as: row level security holds it, as it should in production.
const ROLE: &str = "social_app";

/// A running server.
pub(crate) struct Server {
    server: private_postgres::Server,
    postmaster: u32,
}

/// A database on it.
pub(crate) struct Database {
    /// Its address for the superuser.
    pub(crate) url: String,
    /// Its address for the role of our own code.
    pub(crate) app_url: String,
    /// Its name.
    pub(crate) name: String,
}

impl Server {
    /// Starts it.
    pub(crate) async fn start(directory: &Path) -> Outcome<Self> {
        let server = private_postgres::durable(directory)?;
        let mut admin = connect(&server.url("postgres")).await?;
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut admin).await?;
        let postmaster = cpu::parent(u32::try_from(backend).unwrap_or_default())?;
        let known: bool = sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(ROLE)
            .fetch_one(&mut admin)
            .await?;
        if !known {
            admin.execute("create role social_app login nosuperuser nobypassrls").await?;
        }
        admin.close().await?;
        Ok(Self { server, postmaster })
    }

    /// Where its socket lies.
    pub(crate) fn socket_directory(&self) -> &Path {
        self.server.address().socket_directory()
    }

    /// What it has used so far, background processes and all.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        cpu::of_server(self.postmaster)
    }

    /// Its version and the settings that matter here.
    pub(crate) async fn describe(&self) -> Outcome<String> {
        let mut admin = connect(&self.server.url("postgres")).await?;
        Ok(sqlx::query_scalar(
            "select format('PostgreSQL %s, fsync %s, synchronous_commit %s, shared_buffers %s, autovacuum %s',
                current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
                current_setting('shared_buffers'), current_setting('autovacuum'))",
        )
        .fetch_one(&mut admin)
        .await?)
    }

    /// An empty database; one of the same name is dropped first.
    pub(crate) async fn empty(&self, name: &str) -> Outcome<Database> {
        self.drop(name).await?;
        let mut admin = connect(&self.server.url("postgres")).await?;
        admin.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        admin.close().await?;
        let url = self.server.url(name);
        let app_url = url.replacen("postgres://postgres@", &format!("postgres://{ROLE}@"), 1);
        Ok(Database { url, app_url, name: name.to_owned() })
    }

    /// A database with our schema, for a role that row level security binds.
    pub(crate) async fn migrated(&self, name: &str) -> Outcome<Database> {
        let database = self.empty(name).await?;
        let mut owner = connect(&database.url).await?;
        social_schema::migrate(&mut owner).await?;
        owner
            .execute(AssertSqlSafe(format!(
                "grant usage on schema public to {ROLE};
                grant select, insert, update, delete on all tables in schema public to {ROLE};
                grant usage on all sequences in schema public to {ROLE};
                grant execute on all functions in schema public to {ROLE}"
            )))
            .await?;
        owner.close().await?;
        Ok(database)
    }

    /// Drops a database and closes its connections.
    pub(crate) async fn drop(&self, name: &str) -> Outcome<()> {
        let mut admin = connect(&self.server.url("postgres")).await?;
        admin.execute(AssertSqlSafe(format!("drop database if exists {name} with (force)"))).await?;
        Ok(admin.close().await?)
    }

    /// Brings a database and the server to rest: statistics, visibility, a checkpoint.
    pub(crate) async fn settle(&self, database: &Database) -> Outcome<()> {
        let mut owner = connect(&database.url).await?;
        owner.execute("vacuum analyze").await?;
        owner.execute("checkpoint").await?;
        Ok(owner.close().await?)
    }
}

/// A connection without a pool.
pub(crate) async fn connect(url: &str) -> Outcome<PgConnection> {
    let options: PgConnectOptions = url.parse()?;
    Ok(options.disable_statement_logging().connect().await?)
}
