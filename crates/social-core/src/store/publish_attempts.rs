//! The ledger: one row per call. Rows are written where their results are saved.

use crate::clock::Timestamp;
use crate::model::{OwnerId, PostId, ResultId};
use crate::store::call::{Call, columns};
use crate::store::{Lease, Store, StoreError};
use crate::video::Sent;
use serde::Serialize;

/// One call, as the ledger shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields of `model::Attempt`, as a reply")]
pub struct AttemptRow {
    pub result_id: ResultId,
    pub at: Timestamp,
    pub step: String,
    pub effect: String,
    pub outcome: String,
    pub http_status: Option<i32>,
    pub platform_code: Option<String>,
    pub log_id: Option<String>,
    pub first_byte: Option<i64>,
    pub bytes: Option<i64>,
    pub checksum: Option<String>,
    pub duration_ms: i64,
}

columns! {
    struct SentRow {
        first: i64,
        bytes: i64,
        checksum: String,
    }
}

impl Store {
    /// What was sent of a result's video since it last took its turn to begin. It only reads.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn sent(&self, lease: &Lease) -> Result<Vec<Sent>, StoreError> {
        let call = Call::repeatable("list_sent").with("post", lease.post.0).with("result", lease.id.0);
        let rows: Vec<SentRow> = self.rows(call).await?;
        let sent = |first: i64, bytes: i64, checksum: &str| {
            let (first, bytes) = (u64::try_from(first).ok()?, u64::try_from(bytes).ok()?);
            // A checksum of a kind that is not known here proves nothing.
            Some(Sent { first, bytes, checksum: checksum.parse().ok()? })
        };
        Ok(rows.iter().filter_map(|row| sent(row.first, row.bytes, &row.checksum)).collect())
    }

    /// The calls made for a post, oldest first; `None` if the owner has no such post.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn attempts(
        &self,
        owner: &OwnerId,
        post: PostId,
    ) -> Result<Option<Vec<AttemptRow>>, StoreError> {
        let mut tx = self.begin_as(owner).await?;
        let known = sqlx::query_scalar!(
            r#"select true as "known!" from social_posts where id = $1 and owner_id = $2"#,
            post.0,
            owner.as_str(),
        )
        .fetch_optional(&mut tx)
        .await?;
        if known.is_none() {
            return Ok(None);
        }
        let rows = sqlx::query_as!(
            AttemptRow,
            r#"
            select result_id as "result_id: ResultId", at, step, effect, outcome, http_status, platform_code, log_id,
                first_byte, bytes, checksum, duration_ms
            from publish_attempts
            where post_id = $1 and owner_id = $2
            order by id
            "#,
            post.0,
            owner.as_str(),
        )
        .fetch_all(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(Some(rows))
    }
}
