//! What the database reports of its schema.

use crate::store::call::Call;
use crate::store::{Schema, Store, StoreError};

impl Store {
    /// Finds out why a function or a table is missing.
    pub(super) async fn find_schema(&self) -> Result<Schema, StoreError> {
        let own_report = self.value(Call::repeatable("schema_version")).await.map(Schema::of);
        match own_report {
            Ok(Schema::Fits) => Ok(Schema::Incomplete),
            Err(error) if error.is_of_schema() => self.read_migrations().await,
            found => found,
        }
    }

    /// Reads the migrations' table, where the role may.
    async fn read_migrations(&self) -> Result<Schema, StoreError> {
        let newest = "select max(version) from _sqlx_migrations where success";
        match self.connections.select(newest).await {
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
}
