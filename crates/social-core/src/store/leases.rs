//! Claiming: the queue's head, fairly and in one statement.

use std::time::Duration;

use serde::Deserialize as _;
use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Deadline;
use crate::entropy;
use crate::model::{
    AccountId, AccountMetadata, Checkpoint, OwnerId, PlatformId, PostId, ResultId, StateName,
};
use crate::platform;
use crate::secret::AccessToken;
use crate::store::grants::access_place;
use crate::store::post_results::checkpoint_place;
use crate::store::{Store, StoreError, Tx, seconds};
use crate::vault::SealBroken;
use crate::video::PinnedVideo;

/// The right to step one result, with all that stepping it takes.
#[derive(Debug)]
pub struct Lease {
    /// The result.
    pub id: ResultId,
    /// Its post.
    pub post: PostId,
    /// Their owner.
    pub owner: OwnerId,
    /// The account it is for.
    pub account: AccountId,
    /// The account's platform.
    pub platform: PlatformId,
    /// The step to make; `None`: it has not begun.
    pub step: Option<Checkpoint>,
    /// The platform's name for the act of publishing, if it has one already.
    pub publish_id: Option<String>,
    /// Whether a `Once` call was sent and nobody said what became of it.
    pub in_flight: bool,
    /// How often the step failed in a row.
    pub failures: u32,
    /// The state it was leased in.
    pub state: StateName,
    /// The version of the account's grant that the platform rejected, if this step met that.
    pub rejected_version: Option<i64>,
    /// Where the video is.
    pub video_url: String,
    /// What to say on this account.
    pub caption: String,
    /// The title.
    pub title: Option<String>,
    /// The platform's own options.
    pub options: serde_json::Value,
    /// The video as first seen; `None`: nobody looked yet.
    pub video: Option<PinnedVideo>,
    /// The account's id at the platform.
    pub remote_id: String,
    /// The account's handle.
    pub username: Option<String>,
    /// What else the platform told of the account.
    pub metadata: AccountMetadata,
    /// The account's token; `None` if it needs to be connected again.
    pub access_token: Option<AccessToken>,
    /// Counts the grants the account has had.
    pub token_version: i64,
    /// Whether the access token dies within five minutes.
    pub dies_soon: bool,
    /// Until when the result is ours, by this process's clock, counted from before the claim was sent.
    pub until: Deadline,
    pub(super) token: Uuid,
}

/// What a claim found.
#[derive(Debug)]
pub enum Leased {
    /// Work.
    Ready(Box<Lease>),
    /// A row whose secrets do not open. It was put back for five minutes: the operator must give the key.
    Unreadable(ResultId, SealBroken),
}

/// A claimed row with what is needed of its post and account.
struct Row {
    id: Uuid,
    post_id: Uuid,
    owner_id: String,
    account_id: Uuid,
    platform: String,
    state: String,
    step: Option<String>,
    checkpoint: Option<String>,
    publish_id: Option<String>,
    in_flight: bool,
    failures: i32,
    rejected_version: Option<i64>,
    caption: String,
    options: Json<serde_json::Value>,
    video_url: String,
    title: Option<String>,
    video: Option<Json<serde_json::Value>>,
    remote_id: String,
    username: Option<String>,
    account_metadata: Json<AccountMetadata>,
    token_version: i64,
    access_token: Option<String>,
    dies_soon: bool,
}

async fn claimed_rows(tx: &mut Tx, claimed: &[Uuid]) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"
        select r.id, r.post_id, r.owner_id, r.account_id, r.platform, r.state, r.step, r.checkpoint, r.publish_id,
            r.in_flight, r.failures, r.rejected_version, coalesce(r.caption, p.caption) as "caption!",
            r.options as "options: Json<serde_json::Value>", p.video_url, p.title,
            p.video as "video: Json<serde_json::Value>", a.account_id as remote_id, a.username,
            a.account_metadata as "account_metadata: Json<AccountMetadata>", a.token_version,
            case when a.status = 'active' then a.access_token end as access_token,
            coalesce(a.token_expires_at <= social_now() + interval '5 minutes', false) as "dies_soon!"
        from post_results r
        join social_posts p on p.id = r.post_id
        join social_accounts a on a.id = r.account_id
        where r.id = any($1)
        "#,
        claimed,
    )
    .fetch_all(tx)
    .await
}

impl Store {
    /// Claims up to `limit` due results for `lease`, in one statement.
    ///
    /// Results under way come as they are due. Results that are to begin take turns within their account: one
    /// may begin every so often ([`platform::Pace`]), and those that are due together are given the following
    /// turns as their due times. So an account with ten thousand due results stands in nobody's way: its rows
    /// leave the head of the queue at the first look. A row whose account another claim is just looking at is
    /// left for the next.
    ///
    /// # Errors
    /// When the database declines.
    #[expect(clippy::too_many_lines, reason = "one statement, and the binding of its parameters")]
    pub async fn lease_due(&self, limit: usize, lease: Duration) -> Result<Vec<Leased>, StoreError> {
        let token = Uuid::from_bytes(entropy::bytes(&*self.entropy));
        let (platforms, spacings): (Vec<String>, Vec<f64>) = platform::WORKERS
            .iter()
            .map(|worker| (worker.id().to_string(), seconds(worker.pace().spacing)))
            .unzip();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let until = Deadline::after(self.clock.now(), lease);
        let mut tx = self.begin_as_worker().await?;
        let claimed = sqlx::query_scalar!(
            r#"
            with clock as materialized (
                select social_now() as now
            ),
            due as materialized (
                select id, account_id, platform, due_at, step is null and slot_at is null as wants_turn
                from post_results
                where due_at <= (select now from clock) and platform = any($2)
                order by due_at, id
                limit $1::bigint * 10
                for update skip locked
            ),
            turns as materialized (
                select a.id, greatest(a.next_start_at, (select now from clock)) as first
                from social_accounts a
                where a.id in (select account_id from due where wants_turn)
                for no key update skip locked
            ),
            ranked as materialized (
                select due.id, due.account_id, due.due_at, due.wants_turn, pace.spacing, turns.first,
                    turns.first + make_interval(secs => pace.spacing * (
                        row_number() over (partition by due.account_id, due.wants_turn order by due.due_at, due.id) - 1
                    )) as turn_at
                from due
                left join turns on due.wants_turn and turns.id = due.account_id
                left join unnest($2::text[], $3::float8[]) as pace (platform, spacing) on pace.platform = due.platform
            ),
            picked as materialized (
                select id from ranked
                where not wants_turn or turn_at <= (select now from clock)
                order by due_at, id
                limit $1::bigint
            ),
            postponed as materialized (
                select id, turn_at from ranked
                where wants_turn and turn_at > (select now from clock)
                    -- An account whose first row found no room is left as it is, or that row would go last.
                    and (first > (select now from clock) or account_id in (
                        select account_id from ranked where id in (select id from picked)
                    ))
            ),
            taken as (
                update social_accounts a
                set next_start_at = used.next
                from (
                    select account_id, max(turn_at + make_interval(secs => spacing)) as next
                    from ranked
                    where wants_turn and (id in (select id from picked) or id in (select id from postponed))
                    group by account_id
                ) used
                where a.id = used.account_id
            ),
            moved as (
                update post_results r
                set due_at = postponed.turn_at, slot_at = postponed.turn_at
                from postponed
                where r.id = postponed.id
            ),
            leased as (
                update post_results r
                set failures = failures + case when lease_token is null then 0 else 1 end,
                    lease_token = $4, due_at = clock.now + make_interval(secs => $5),
                    slot_at = coalesce(slot_at, clock.now), updated_at = clock.now
                from clock
                where r.id in (select id from picked)
                returning r.id
            )
            select id from leased
            "#,
            limit,
            &platforms,
            &spacings,
            token,
            seconds(lease),
        )
        .fetch_all(&mut tx)
        .await?;
        // Read once the rows are ours: the claim's own snapshot may be older than an edit that came before it.
        let rows = claimed_rows(&mut tx, &claimed).await?;
        let leases: Vec<Leased> =
            rows.into_iter().map(|row| self.open(row, token, until)).collect::<Result<_, _>>()?;
        let unreadable: Vec<Uuid> = leases
            .iter()
            .filter_map(|leased| match leased {
                Leased::Unreadable(id, _) => Some(id.0),
                Leased::Ready(_) => None,
            })
            .collect();
        if !unreadable.is_empty() {
            sqlx::query!(
                "update post_results set lease_token = null, due_at = social_now() + interval '5 minutes' where id = any($1)",
                &unreadable,
            )
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(leases)
    }

    /// Opens a claimed row's secrets.
    fn open(&self, row: Row, token: Uuid, until: Deadline) -> Result<Leased, StoreError> {
        let owner = OwnerId::new(&row.owner_id).ok_or(StoreError::Inconsistent("post_results.owner_id"))?;
        let state = StateName::named(&row.state).ok_or(StoreError::Inconsistent("post_results.state"))?;
        let open =
            |place, sealed: Option<&str>| sealed.map(|sealed| self.vault.open(place, sealed)).transpose();
        let checkpoint = open(checkpoint_place(&owner, row.id), row.checkpoint.as_deref());
        let access_token = open(access_place(owner.as_str(), row.account_id), row.access_token.as_deref());
        let (body, access_token) = match (checkpoint, access_token) {
            (Ok(body), Ok(access_token)) => (body, access_token),
            (Err(broken), _) | (_, Err(broken)) => return Ok(Leased::Unreadable(ResultId(row.id), broken)),
        };
        Ok(Leased::Ready(Box::new(Lease {
            id: ResultId(row.id),
            post: PostId(row.post_id),
            account: AccountId(row.account_id),
            platform: PlatformId::named(row.platform),
            step: row.step.zip(body).map(|(name, body)| Checkpoint { name, body }),
            publish_id: row.publish_id,
            in_flight: row.in_flight,
            failures: u32::try_from(row.failures).unwrap_or_default(),
            state,
            rejected_version: row.rejected_version,
            video_url: row.video_url,
            caption: row.caption,
            title: row.title,
            options: row.options.0,
            // What no longer reads is looked at afresh.
            video: row.video.and_then(|video| PinnedVideo::deserialize(video.0).ok()),
            remote_id: row.remote_id,
            username: row.username,
            metadata: row.account_metadata.0,
            access_token: access_token.map(AccessToken::new),
            token_version: row.token_version,
            dies_soon: row.dies_soon,
            owner,
            until,
            token,
        })))
    }
}
