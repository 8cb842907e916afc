//! The ledger: one row per call. Rows are written where their results are saved.

use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{OwnerId, PostId, ResultId};
use crate::store::call::{Call, Columns, columns};
use crate::store::lease::Lease;
use crate::store::{Store, StoreError};
use crate::video::SentRange;

/// One call, as the ledger shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub struct AttemptRow {
    /// The result of the call.
    pub result_id: ResultId,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The step of the call.
    pub step: String,
    /// The effect of sending it twice: `read`, `idempotent` or `once`.
    pub effect: String,
    /// How far it got: `ok`, `refused`, `notSent`, `noReply`, `crashed` or `sourceFailed`.
    pub outcome: String,
    /// The HTTP status, if a response came.
    #[schema(required = true)]
    pub http_status: Option<i32>,
    /// The platform's error code, or ours.
    #[schema(required = true)]
    pub platform_code: Option<String>,
    /// The platform's id of the call, which its support asks for.
    #[schema(required = true)]
    pub log_id: Option<String>,
    /// The first byte of the video that it carried.
    #[schema(required = true)]
    pub first_byte: Option<i64>,
    /// How many bytes of the video were handed over.
    #[schema(required = true)]
    pub bytes: Option<i64>,
    /// A checksum of those bytes: `crc64nvme:ae8b14860a799888`.
    #[schema(required = true)]
    pub checksum: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The `X-Request-Id` of the worker's call that logged it; `null`: an older version did.
    #[schema(required = true)]
    pub request_id: Option<String>,
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
    pub async fn sent_ranges(&self, lease: &Lease) -> Result<Vec<SentRange>, StoreError> {
        let call = Call::repeatable("list_sent").with("post", lease.post.0).with("result", lease.id.0);
        let rows: Vec<SentRow> = self.rows(call).await?;
        let sent = |first: i64, bytes: i64, checksum: &str| {
            let (first, bytes) = (u64::try_from(first).ok()?, u64::try_from(bytes).ok()?);
            // A checksum of a kind that is not known here proves nothing.
            Some(SentRange { first, bytes, checksum: checksum.parse().ok()? })
        };
        Ok(rows.iter().filter_map(|row| sent(row.first, row.bytes, &row.checksum)).collect())
    }

    /// The calls made for a post, oldest first; `None` if the owner has no such post. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn attempts(
        &self,
        owner: &OwnerId,
        post: PostId,
    ) -> Result<Option<Vec<AttemptRow>>, StoreError> {
        let call = Call::repeatable("list_attempts").with("owner", owner.as_str()).with("post", post.0);
        // A post of which no call was made has one row, without a call.
        let rows: Vec<Option<AttemptRow>> = self.rows(call).await?;
        Ok((!rows.is_empty()).then(|| rows.into_iter().flatten().collect()))
    }
}

impl Columns for Option<AttemptRow> {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let Some(result) = row.try_get::<_, Option<Uuid>>("result_id")? else { return Ok(None) };
        Ok(Some(AttemptRow {
            result_id: ResultId(result),
            at: row.try_get("at")?,
            step: row.try_get("step")?,
            effect: row.try_get("effect")?,
            outcome: row.try_get("outcome")?,
            http_status: row.try_get("http_status")?,
            platform_code: row.try_get("platform_code")?,
            log_id: row.try_get("log_id")?,
            first_byte: row.try_get("first_byte")?,
            bytes: row.try_get("bytes")?,
            checksum: row.try_get("checksum")?,
            duration_ms: row.try_get("duration_ms")?,
            request_id: row.try_get("request_id")?,
        }))
    }
}
