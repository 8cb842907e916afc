//! Results: what each turn leaves of them.

use std::time::Duration;

use uuid::Uuid;

use crate::model::{Checkpoint, OwnerId};
use crate::store::together::Fenced;
use crate::store::{Lease, Store, StoreError, seconds};
use crate::vault::Place;

pub(super) fn checkpoint_place(owner: &OwnerId, row: Uuid) -> Place<'_> {
    Place { column: "post_results.checkpoint", owner: owner.as_str(), row }
}

impl Store {
    /// Puts a result back as it is, to be leased again when somebody has the time.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn put_back(&self, lease: &Lease, after: Duration) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!(
            r#"
            update post_results
            set lease_token = null, due_at = social_now() + make_interval(secs => $3), updated_at = social_now()
            where id = $1 and lease_token = $2
            "#,
            lease.id.0,
            lease.token,
            seconds(after),
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stops looking again at a result that is over.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn stop_looking(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut tx = self.begin_as_worker().await?;
        sqlx::query!(
            r#"
            update post_results
            set lease_token = null, due_at = null, step = null, checkpoint = null, in_flight = false, failures = 0,
                updated_at = social_now()
            where id = $1 and lease_token = $2 and state in ('published', 'delivered_to_inbox')
            "#,
            lease.id.0,
            lease.token,
        )
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes, before a `Once` call is sent, that it will be, and for which step: whoever finds this mark knows
    /// that it may have been sent. `false`: the lease is lost, and it must not be sent.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn mark_in_flight(&self, lease: &Lease, step: &Checkpoint) -> Result<bool, StoreError> {
        let mark = Mark {
            id: lease.id.0,
            lease: lease.token,
            step: step.name.clone(),
            checkpoint: self.vault.seal(checkpoint_place(&lease.owner, lease.id.0), &step.body),
        };
        self.marks.write(self, mark).await
    }
}

/// The mark of a call that is about to be sent.
#[derive(Debug)]
pub(super) struct Mark {
    id: Uuid,
    lease: Uuid,
    step: String,
    checkpoint: String,
}

impl Fenced for Mark {
    fn row(&self) -> Uuid {
        self.id
    }

    async fn write_all(store: &Store, marks: &[&Self]) -> Result<Vec<Uuid>, StoreError> {
        let mut tx = store.begin_function().await?;
        let marked = sqlx::query_scalar!(
            r#"select mark_in_flight($1, $2, $3, $4) as "id!""#,
            &marks.iter().map(|mark| mark.id).collect::<Vec<_>>(),
            &marks.iter().map(|mark| mark.lease).collect::<Vec<_>>(),
            &marks.iter().map(|mark| mark.step.clone()).collect::<Vec<_>>(),
            &marks.iter().map(|mark| mark.checkpoint.clone()).collect::<Vec<_>>(),
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(marked)
    }
}
