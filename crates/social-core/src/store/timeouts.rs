//! The limits that Postgres puts on our sessions.

use crate::store::call::{Call, columns};
use crate::store::{Store, StoreError};

columns! {
    struct Timeout {
        name: String,
        value: String,
    }
}

impl Store {
    /// Returns the names of the limits that the database's role lacks. Without them, a process that hangs may hold rows,
    /// and a call may wait for them, without an end.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn missing_timeouts(&self) -> Result<Vec<String>, StoreError> {
        let limits: Vec<Timeout> = self.rows(Call::repeatable("read_timeouts")).await?;
        Ok(limits.into_iter().filter(|limit| limit.value == "0").map(|limit| limit.name).collect())
    }
}
