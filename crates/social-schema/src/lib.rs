//! The database's schema: its migrations, its functions, and what applies them.
//!
//! It stands alone, so that the functions of the product build without a second driver.

mod functions;

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use sqlx::migrate::{MigrateError, Migration};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

pub use functions::FUNCTIONS;

/// The migrations, for the server's own start, the tests and the operator's command.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Brings the schema and its functions up to date. Needs a direct connection, as it takes a session lock; but not if there
/// is nothing to do.
///
/// Functions of the old version may be called beside those of the new: what they are called with keeps its meaning, and
/// what is new has a default.
///
/// # Errors
/// When a migration fails, or one that ran was changed.
pub async fn migrate(connection: &mut PgConnection) -> Result<(), MigrateError> {
    if is_current(connection).await.unwrap_or(false) {
        return Ok(());
    }
    MIGRATOR.run_direct(None, &mut *connection, false).await?;
    let mut tx = connection.begin().await?;
    // Two that migrate at once take turns.
    sqlx::query("lock table applied_functions in exclusive mode").execute(&mut *tx).await?;
    let applied: Vec<(String, Vec<u8>)> =
        sqlx::query_as("select name, sha256 from applied_functions").fetch_all(&mut *tx).await?;
    for (name, text) in FUNCTIONS {
        let hash = Sha256::digest(text);
        if applied.iter().any(|(known, sha256)| known == name && **sha256 == *hash) {
            continue;
        }
        sqlx::raw_sql(*text).execute(&mut *tx).await?;
        // Some see every owner's rows: only those may call them that may have the tables.
        let revoke = format!("revoke execute on function {name} from public");
        sqlx::raw_sql(AssertSqlSafe(revoke)).execute(&mut *tx).await?;
        sqlx::query(
            "insert into applied_functions (name, sha256, applied_at) values ($1, $2, now())
            on conflict (name) do update set sha256 = excluded.sha256, applied_at = excluded.applied_at",
        )
        .bind(name)
        .bind(hash.as_slice())
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Reports whether there is nothing to do. The queries have no name and write nothing, so they also work through a
/// pooler, and while the database is read-only.
async fn is_current(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let rows = sqlx::raw_sql("select version, checksum from _sqlx_migrations where success");
    let mut applied: HashMap<i64, Vec<u8>> = HashMap::new();
    for row in rows.fetch_all(&mut *connection).await? {
        applied.insert(row.try_get("version")?, row.try_get("checksum")?);
    }
    let rows = sqlx::raw_sql("select name, sha256 from applied_functions");
    let mut functions: HashMap<String, Vec<u8>> = HashMap::new();
    for row in rows.fetch_all(&mut *connection).await? {
        functions.insert(row.try_get("name")?, row.try_get("sha256")?);
    }
    let is_applied = |migration: &Migration| {
        applied.get(&migration.version).is_some_and(|sum| **sum == *migration.checksum)
    };
    let is_there = |(name, text): &(&str, &str)| {
        functions.get(*name).is_some_and(|hash| **hash == *Sha256::digest(text))
    };
    Ok(applied.len() == MIGRATOR.iter().count()
        && MIGRATOR.iter().all(is_applied)
        && FUNCTIONS.iter().all(is_there))
}
