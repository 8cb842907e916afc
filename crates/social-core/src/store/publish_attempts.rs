//! The ledger: one row per call. Rows are written where their results are saved.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::model::{Attempt, OwnerId, PostId, ResultId};
use crate::store::{Store, StoreError, Tx};

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
    pub bytes: Option<i64>,
    pub duration_ms: i64,
}

impl Store {
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
            select result_id as "result_id: ResultId", at, step, effect, outcome, http_status, platform_code, log_id, bytes, duration_ms
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

/// Writes calls into the ledger, each with the result it was made for.
#[expect(clippy::as_conversions, reason = "sqlx's way to state a parameter's type")]
pub(super) async fn note(tx: &mut Tx, attempts: &[(Uuid, &Attempt)]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        r#"
        insert into publish_attempts
            (result_id, post_id, owner_id, at, step, effect, outcome, http_status, platform_code, log_id, bytes, duration_ms)
        select r.id, r.post_id, r.owner_id, social_now(), a.step, a.effect, a.outcome, a.http_status, a.platform_code,
            a.log_id, a.bytes, a.duration_ms
        from unnest(
            $1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[], $9::bigint[]
        ) with ordinality as a (
            result_id, step, effect, outcome, http_status, platform_code, log_id, bytes, duration_ms, place
        )
        join post_results r on r.id = a.result_id
        order by a.place
        "#,
        &each(attempts, |id, _| id),
        &each(attempts, |_, attempt| attempt.step.clone()),
        &each(attempts, |_, attempt| attempt.effect.name().to_owned()),
        &each(attempts, |_, attempt| attempt.outcome.name().to_owned()),
        &each(attempts, |_, attempt| attempt.http_status.map(i32::from)) as &[Option<i32>],
        &each(attempts, |_, attempt| attempt.code.clone()) as &[Option<String>],
        &each(attempts, |_, attempt| attempt.log_id.clone()) as &[Option<String>],
        &each(attempts, |_, attempt| attempt.bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)))
            as &[Option<i64>],
        &each(attempts, |_, attempt| i64::try_from(attempt.duration.as_millis()).unwrap_or(i64::MAX)),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One array to each column.
fn each<T>(attempts: &[(Uuid, &Attempt)], column: impl Fn(Uuid, &Attempt) -> T) -> Vec<T> {
    attempts.iter().map(|(id, attempt)| column(*id, attempt)).collect()
}
