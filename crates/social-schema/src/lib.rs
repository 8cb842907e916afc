//! The database's schema: its migrations, its functions, and what applies them.
//!
//! It stands alone, so that the functions of the product build without a second driver.

mod functions;

use sha2::{Digest as _, Sha256};
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

pub use functions::FUNCTIONS;

/// The migrations, for the server's own start, the tests and the operator's command.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");

/// Brings the schema and its functions up to date. Needs a direct connection: it takes a session lock.
///
/// Functions of the old version may be called beside those of the new: what they are called with keeps its meaning, and
/// what is new has a default.
///
/// # Errors
/// When a migration fails, or one that ran was changed.
pub async fn migrate(connection: &mut PgConnection) -> Result<(), MigrateError> {
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
