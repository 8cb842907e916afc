//! When the worker was last called, and how the queue stands.

use std::time::Duration;

use uuid::Uuid;

use crate::model::ResultId;
use crate::platform;
use crate::store::call::{Call, columns, seconds};
use crate::store::{Schema, Store, StoreError};

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// How long ago the worker was last called, in seconds; `None`: never.
    pub since_last_call: Option<i64>,
    /// How long the oldest due result has been waiting, in seconds; 0: nothing is due.
    pub oldest_due: i64,
}

impl Pulse {
    /// Five minutes: a worker that is called once a minute has then missed five calls, or has had five in vain.
    pub const LATE: i64 = 5 * 60;

    /// The database's clock may have been set back since.
    pub(super) fn of(since_last_call: Option<i64>, oldest_due: i64) -> Self {
        Self { since_last_call: since_last_call.map(|since| since.max(0)), oldest_due: oldest_due.max(0) }
    }

    /// How things stand, in a word.
    #[must_use]
    pub fn status(self) -> &'static str {
        let is_called = self.since_last_call.is_some_and(|since| since < Self::LATE);
        match (self.oldest_due >= Self::LATE, is_called) {
            (false, _) => "ok",
            // It is called and does not keep up: too few invocations, or a platform that stalls.
            (true, true) => "late",
            // Nobody calls it.
            (true, false) => "stalled",
        }
    }
}

/// What a health check found, of a server that takes writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// How the queue stands.
    pub pulse: Pulse,
    /// How the schema fits: it is the program's own, or newer.
    pub schema: Schema,
}

columns! {
    struct Checked {
        since_last_call: Option<i64>,
        oldest_due: i64,
        newest_migration: i64,
    }
}

columns! {
    struct Row {
        since_last_call: Option<i64>,
        oldest_due: i64,
    }
}

/// 10 s: with thousands of invocations a minute, this row is not written by each.
pub(super) const PULSE: Duration = Duration::from_secs(10);

/// Each platform has a queue of its own.
pub(super) fn platforms() -> Vec<String> {
    platform::FACTS.iter().map(|facts| facts.id.to_string()).collect()
}

impl Store {
    /// Notes that the worker was called, and says how things stood before. Twice is once.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn beat(&self) -> Result<Pulse, StoreError> {
        let call = Call::repeatable("beat").with("platforms", platforms()).with("pause", seconds(PULSE));
        let row: Row = self.value(call).await?;
        Ok(Pulse::of(row.since_last_call, row.oldest_due))
    }

    /// How things stand. It only reads.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn pulse(&self) -> Result<Pulse, StoreError> {
        let row: Row = self.value(Call::repeatable("read_pulse").with("platforms", platforms())).await?;
        Ok(Pulse::of(row.since_last_call, row.oldest_due))
    }

    /// How the database stands: it takes a write, and its schema fits. One call, unless the schema is older.
    ///
    /// # Errors
    /// When the database declines, or its schema is older than this program requires.
    pub async fn check_health(&self) -> Result<Health, StoreError> {
        let call = Call::repeatable("check_health").with("platforms", platforms());
        let row: Checked = self.value(call).await?;
        let schema = Schema::of(row.newest_migration);
        if schema.is_usable() {
            Ok(Health { pulse: Pulse::of(row.since_last_call, row.oldest_due), schema })
        } else {
            Err(StoreError::Outdated(schema))
        }
    }

    /// The due results, the longest waiting first: for a dispatcher to hand out. Nothing is taken.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn list_due(&self, most: usize) -> Result<Vec<ResultId>, StoreError> {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let call = Call::repeatable("list_due").with("platforms", platforms()).with("most", most);
        let due: Vec<Uuid> = self.rows(call).await?;
        Ok(due.into_iter().map(ResultId).collect())
    }
}
