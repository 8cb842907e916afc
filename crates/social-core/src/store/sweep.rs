//! Deletes what is no longer needed.

use std::time::Duration;

use crate::store::call::{Call, seconds};
use crate::store::{Store, StoreError};

/// 1000 rows of a kind: such a call takes milliseconds, and holds few locks.
const BATCH: i32 = 1000;

impl Store {
    /// Deletes a batch of what is no longer needed: states a day old, webhooks and idempotency keys a week old, and counts
    /// of calls an hour old. With `retention`, also posts that have been over for that long. Returns whether there may be
    /// more. Repeatable.
    ///
    /// # Errors
    /// Returns an error if the database fails.
    pub async fn sweep(&self, retention: Option<Duration>) -> Result<bool, StoreError> {
        let call = Call::repeatable("sweep").with("most", BATCH).with("retention", retention.map(seconds));
        self.value(call).await
    }
}
