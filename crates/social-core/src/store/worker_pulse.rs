//! When the worker was last called, and how the queue stands.

use std::time::Duration;

use uuid::Uuid;

use crate::model::ResultId;
use crate::platform;
use crate::store::call::{Call, columns};
use crate::store::{Store, StoreError, seconds};

/// How the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulse {
    /// How long ago the worker was last called, in seconds; `None`: never.
    pub since_last_call: Option<i64>,
    /// How long the oldest due result has been waiting, in seconds; 0: nothing is due.
    pub oldest_due: i64,
}

columns! {
    struct Row {
        since_last_call: Option<i64>,
        oldest_due: i64,
    }
}

/// 10 s: with thousands of invocations a minute, this row is not written by each.
const PULSE: Duration = Duration::from_secs(10);

/// Each platform has a queue of its own.
fn platforms() -> Vec<String> {
    platform::WORKERS.iter().map(|worker| worker.id().to_string()).collect()
}

impl Store {
    /// Notes that the worker was called, and says how things stood before.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn beat(&self) -> Result<Pulse, StoreError> {
        let before = self.pulse().await?;
        if before
            .since_last_call
            .is_none_or(|since| since >= i64::try_from(PULSE.as_secs()).unwrap_or(i64::MAX))
        {
            let mut tx = self.begin_as_worker().await?;
            sqlx::query!(
                r#"
                update worker_pulse set last_called_at = social_now()
                where last_called_at <= social_now() - make_interval(secs => $1)
                "#,
                seconds(PULSE),
            )
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
        }
        Ok(before)
    }

    /// How things stand.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn pulse(&self) -> Result<Pulse, StoreError> {
        let row: Row = self.value(Call::repeatable("read_pulse").with("platforms", platforms())).await?;
        Ok(Pulse {
            since_last_call: row.since_last_call.map(|since| since.max(0)),
            oldest_due: row.oldest_due.max(0),
        })
    }

    /// The due results, the longest waiting first: for a dispatcher to hand out. Nothing is taken.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn list_due(&self, most: usize) -> Result<Vec<ResultId>, StoreError> {
        let mut tx = self.begin_as_worker().await?;
        let due: Vec<Uuid> = sqlx::query_scalar!(
            r#"
            select due.id as "id!"
            from unnest($2::text[]) as queue (platform)
            cross join lateral (
                select r.id, r.due_at from post_results r
                where r.platform = queue.platform and r.due_at <= (select social_now())
                order by r.due_at, r.id
                limit $1
            ) due
            order by due.due_at, due.id
            limit $1
            "#,
            i64::try_from(most).unwrap_or(i64::MAX),
            &platforms(),
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(due.into_iter().map(ResultId).collect())
    }
}
