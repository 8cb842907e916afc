//! What the database reports of its schema.

use crate::store::call::Call;
use crate::store::connections::Connections;
use crate::store::{Schema, StoreError};

/// Finds out why a call missed a function, a table or a column. On a schema that fits or is newer, its error stays.
pub(super) async fn explain(connections: &Connections, error: StoreError) -> StoreError {
    match find_schema(connections).await {
        Ok(Schema::Fits) if error.is_of_function() => StoreError::Outdated(Schema::Incomplete),
        Ok(schema) if !schema.is_usable() => StoreError::Outdated(schema),
        Ok(_) | Err(_) => error,
    }
}

async fn find_schema(connections: &Connections) -> Result<Schema, StoreError> {
    match connections.rows::<i64>(Call::repeatable("schema_version")).await {
        Ok(reported) => match reported.first() {
            Some(version) => Ok(Schema::of(*version)),
            None => Err(StoreError::Inconsistent("what schema_version returns")),
        },
        Err(error) if error.is_of_schema() => read_migrations(connections).await,
        Err(error) => Err(error),
    }
}

/// Reads the migrations' table, where the role may.
async fn read_migrations(connections: &Connections) -> Result<Schema, StoreError> {
    let newest = "select max(version) from _sqlx_migrations where success";
    match connections.select(newest).await {
        Ok(rows) => {
            let version = rows.first().and_then(|row| row.try_get(0).ok()).flatten();
            Ok(version.map_or(Schema::Missing, |version| Schema::Older(Some(version))))
        }
        Err(error) if error.is_of_schema() => Ok(Schema::Missing),
        // 42501: the table exists, and the role may not read it.
        Err(StoreError::Declined { state, .. }) if state == "42501" => Ok(Schema::Older(None)),
        Err(error) => Err(error),
    }
}
