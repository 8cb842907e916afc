//! A migrated database to each test, cloned from a template, on one throwaway server for the whole run.
//!
//! Time is a row: `social_now()`, the database's clock, reads it, and tests move it.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};

use private_postgres::Address;
use social_schema::{FUNCTIONS, MIGRATOR};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use url::Url;
use uuid::Uuid;

const TEMPLATE: &str = "template_of_tests";

const VIRTUAL_TIME: &str = "
    create table test_clock (at timestamptz not null);
    insert into test_clock values ('2026-12-01T12:00:00Z');
    create or replace function social_now() returns timestamptz language sql volatile parallel safe
        as 'select at from test_clock';
";

/// Runs a future to its end on a thread of its own: tests have runtimes of their own, and set-up has none.
fn on_a_thread<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
        });
        thread.join().unwrap()
    })
}

/// The page that describes the role of the product.
const POSTGRES: &str = include_str!("../../docs/postgres.md");

/// The role of that page, with the rights it gives there.
const APP: &str = "social_app";

/// Migrates as a role that is only the database's owner, and lets another run the product, as operators are told to.
async fn make_template(address: Address) -> Result<(), sqlx::Error> {
    let mut admin = PgConnection::connect(&address.url("postgres")).await?;
    admin.execute("create role social_owner login nosuperuser nobypassrls").await?;
    admin.execute(AssertSqlSafe(format!("create database {TEMPLATE} owner social_owner"))).await?;
    let mut owner = PgConnection::connect(&as_role("social_owner", &address.url(TEMPLATE))).await?;
    social_schema::migrate(&mut owner).await.map_err(|error| sqlx::Error::Protocol(error.to_string()))?;
    owner.close().await?;
    let mut template = PgConnection::connect(&address.url(TEMPLATE)).await?;
    let rights = POSTGRES.split("```sql\n").find(|block| block.starts_with("create role")).unwrap();
    template.execute(AssertSqlSafe(rights.split("```").next().unwrap())).await?;
    template.execute(VIRTUAL_TIME).await?;
    template.execute(AssertSqlSafe(format!("grant select on test_clock to {APP}"))).await?;
    template.close().await?;
    admin
        .execute(AssertSqlSafe(format!("alter database {TEMPLATE} is_template true allow_connections false")))
        .await?;
    admin.close().await
}

fn server() -> Address {
    let mut hasher = DefaultHasher::new();
    for migration in MIGRATOR.iter() {
        migration.checksum.hash(&mut hasher);
    }
    for (_, text) in FUNCTIONS {
        text.hash(&mut hasher);
    }
    VIRTUAL_TIME.hash(&mut hasher);
    let key = format!("{:016x}", hasher.finish());
    private_postgres::shared_for_tests(&key, |address| {
        on_a_thread(make_template(address.clone())).map_err(|error| error.to_string())
    })
    .unwrap()
}

/// A database that is gone when the test is, however it ends.
pub(crate) struct Database {
    name: String,
    server: Address,
}

impl Database {
    pub(crate) fn create() -> Self {
        let server = server();
        let name = format!("t_{}", Uuid::from_u128(rand_u128()).simple());
        on_a_thread(async {
            let mut admin = PgConnection::connect(&server.url("postgres")).await.unwrap();
            // Versions before 15 know no other way to copy, and no word for it.
            let has_a_choice: bool =
                sqlx::query_scalar("select current_setting('server_version_num')::integer >= 150000")
                    .fetch_one(&mut admin)
                    .await
                    .unwrap();
            let strategy = if has_a_choice { "strategy file_copy" } else { "" };
            let create = format!("create database {name} template {TEMPLATE} {strategy}");
            admin.execute(AssertSqlSafe(create)).await.unwrap();
            admin.close().await.unwrap();
        });
        Self { name, server }
    }

    /// As the cluster's superuser, to whom tests owe what no product may do.
    pub(crate) fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Its name on the server.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// As the product, which waits here for a busy machine to fork a server process.
    pub(crate) fn app_url(&self) -> String {
        let mut url = Url::parse(&as_role(APP, &self.url())).unwrap();
        url.query_pairs_mut().append_pair("connect_timeout", "10");
        url.into()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("drop database if exists {} with (force)", self.name);
        on_a_thread(async {
            if let Ok(mut admin) = PgConnection::connect(&self.server.url("postgres")).await {
                let _ = admin.execute(AssertSqlSafe(drop)).await;
            }
        });
    }
}

/// As the owner of the tables.
pub(crate) fn as_owner(url: &str) -> String {
    as_role("social_owner", url)
}

fn as_role(role: &str, url: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    url.set_username(role).unwrap();
    url.into()
}

fn rand_u128() -> u128 {
    use social_core::entropy::{SystemEntropy, bytes};
    u128::from_be_bytes(bytes(&SystemEntropy))
}
