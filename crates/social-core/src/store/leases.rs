//! Claiming: the queue's head, for a while.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize as _;
use sqlx::types::Json;
use uuid::Uuid;

use crate::clock::Deadline;
use crate::entropy;
use crate::model::{
    AccountId, AccountMetadata, Checkpoint, OwnerId, PlatformId, PostId, ResultId, StateName,
};
use crate::secret::AccessToken;
use crate::store::grants::access_place;
use crate::store::post_results::checkpoint_place;
use crate::store::{Store, StoreError, Tx, seconds, turns};
use crate::vault::SealBroken;
use crate::video::PinnedVideo;

/// The right to step one result, with all that stepping it takes.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts of a row, each its own")]
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
    /// Whether its owner wants the platform asked to stop.
    pub recall_requested: bool,
    /// Whether its time is over, and nothing was sent that could publish it.
    pub is_too_late: bool,
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
#[expect(clippy::struct_excessive_bools, reason = "four facts of a row, each its own")]
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
    recall_requested: bool,
    is_too_late: bool,
}

/// A thousand rows at a look, five thousand to a claim: some tenths of a second.
const WIDEST_LOOK: usize = 1_000;
const MOST_LOOKED_AT: usize = 5_000;

/// A due row, locked, before it is decided whether it may be taken.
#[derive(Debug)]
pub(super) struct DueRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) platform: String,
    /// Whether it is to begin, and has no turn yet.
    pub(super) wants_turn: bool,
}

/// The heads of the platforms' queues, as one: `most` of each. Rows that somebody else is looking at are left to
/// them.
async fn head(tx: &mut Tx, room: &Room, most: usize) -> Result<Vec<DueRow>, sqlx::Error> {
    let platforms: Vec<String> = room.platforms.iter().map(|(platform, _)| platform.to_string()).collect();
    let busy: Vec<Uuid> = room.busy_accounts.iter().map(|account| account.0).collect();
    sqlx::query_as!(
        DueRow,
        r#"
        select due.id as "id!", due.account_id as "account_id!", due.platform as "platform!",
            due.wants_turn as "wants_turn!"
        from unnest($1::text[]) as queue (platform)
        cross join lateral (
            select r.id, r.account_id, r.platform, r.due_at, r.step is null and r.slot_at is null as wants_turn
            from post_results r
            where r.platform = queue.platform and r.due_at <= (select social_now()) and r.account_id <> all($2)
            order by r.due_at, r.id
            limit $3
            for no key update skip locked
        ) due
        order by due.due_at, due.id
        "#,
        &platforms,
        &busy,
        bigint(most),
    )
    .fetch_all(tx)
    .await
}

/// Those of some results that are due.
async fn due_among(
    tx: &mut Tx,
    results: &[ResultId],
    room: &Room,
    most: usize,
) -> Result<Vec<DueRow>, sqlx::Error> {
    let ids: Vec<Uuid> = results.iter().map(|id| id.0).collect();
    let platforms: Vec<String> = room.platforms.iter().map(|(platform, _)| platform.to_string()).collect();
    sqlx::query_as!(
        DueRow,
        r#"
        select id, account_id, platform, step is null and slot_at is null as "wants_turn!"
        from post_results
        where id = any($1) and due_at <= (select social_now()) and platform = any($3)
        order by due_at, id
        limit $2
        for no key update skip locked
        "#,
        &ids,
        bigint(most),
        &platforms,
    )
    .fetch_all(tx)
    .await
}

/// Leases rows that are locked already, and reads what stepping them takes: as it is now, not as it was when
/// the head was looked up.
async fn take(tx: &mut Tx, picked: &[Uuid], token: Uuid, lease: Duration) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"
        with clock as materialized (
            select social_now() as now
        ),
        r as (
            update post_results
            set failures = failures + case when lease_token is null then 0 else 1 end,
                lease_token = $2, due_at = clock.now + make_interval(secs => $3),
                slot_at = coalesce(slot_at, clock.now), updated_at = clock.now
            from clock
            where id = any($1)
            returning post_results.*
        )
        select r.id, r.post_id, r.owner_id, r.account_id, r.platform, r.state, r.step, r.checkpoint, r.publish_id,
            r.in_flight, r.failures, r.rejected_version, coalesce(r.caption, p.caption) as "caption!",
            r.options as "options: Json<serde_json::Value>", p.video_url, p.title,
            p.video as "video: Json<serde_json::Value>", a.account_id as remote_id, a.username,
            a.account_metadata as "account_metadata: Json<AccountMetadata>", a.token_version,
            case when a.status = 'active' then a.access_token end as access_token,
            coalesce(a.token_expires_at <= clock.now + interval '5 minutes', false) as "dies_soon!",
            r.recall_requested,
            r.state in ('queued', 'held', 'publishing') and not r.committed and not r.in_flight
                and coalesce(r.expires_at <= clock.now, false) as "is_too_late!"
        from r
        join social_posts p on p.id = r.post_id
        join social_accounts a on a.id = r.account_id
        cross join clock
        "#,
        picked,
        token,
        seconds(lease),
    )
    .fetch_all(tx)
    .await
}

/// What a claim brought.
#[derive(Debug)]
pub struct Claim {
    /// What was claimed.
    pub leased: Vec<Leased>,
    /// Whether the queue's head may hold more that is due.
    pub has_more: bool,
}

/// How much an invocation has room for, by platform: one that stalls must not fill all hands.
#[derive(Debug, Clone, Default)]
pub struct Room {
    /// The platforms that have room, and how much.
    pub platforms: Vec<(PlatformId, usize)>,
    /// Accounts that fill their share already.
    pub busy_accounts: Vec<AccountId>,
}

impl Room {
    /// How much room a platform has.
    pub(super) fn of(&self, platform: &str) -> usize {
        self.platforms.iter().find(|(id, _)| id.as_str() == platform).map_or(0, |(_, room)| *room)
    }

    fn widest(&self) -> usize {
        self.platforms.iter().map(|(_, room)| *room).max().unwrap_or_default()
    }

    /// Whether a look that went so deep at each platform filled one of them: behind it there may be more.
    fn is_filled_by(&self, due: &[DueRow], width: usize) -> bool {
        let seen = |platform: &str| due.iter().filter(|row| row.platform == platform).count();
        self.platforms.iter().any(|(platform, _)| seen(platform.as_str()) >= width)
    }

    /// As many as there is room for, and `limit` in all, in the order given.
    fn fill(&self, due: Vec<DueRow>, limit: usize) -> Vec<Uuid> {
        let mut taken = HashMap::<String, usize>::new();
        due.into_iter()
            .filter(|row| {
                let taken = taken.entry(row.platform.clone()).or_default();
                *taken += 1;
                *taken <= self.of(&row.platform)
            })
            .map(|row| row.id)
            .take(limit)
            .collect()
    }
}

/// Which results an invocation may take.
#[derive(Debug, Clone, Copy)]
pub enum Reach<'a> {
    /// Whatever is due.
    Everything,
    /// Those of these that are due: what a dispatcher handed out.
    Only(&'a [ResultId]),
}

impl Store {
    /// Claims up to `limit` due results for `lease`, as far as there is room for their platforms and accounts.
    ///
    /// Results under way come as they are due. Results that are to begin take turns within their account: one
    /// may begin every so often ([`platform::Pace`]), and those that are due together are given the following
    /// turns as their due times. So an account with ten thousand due results stands in nobody's way: its rows
    /// leave the head of the queue at the first look. Since what is postponed makes no work, the look then
    /// widens until it finds some.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn lease_due(
        &self,
        reach: Reach<'_>,
        room: &Room,
        limit: usize,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        let token = Uuid::from_bytes(entropy::bytes(&*self.entropy));
        let until = Deadline::after(self.clock.now(), lease);
        // As deep as there is room; what has no turn yet makes no work, so then deeper.
        let (mut width, mut looked_at) = (limit.min(room.widest()).max(1), 0_usize);
        let mut tx = self.begin_as_worker().await?;
        let (picked, has_more) = loop {
            let due = match reach {
                Reach::Everything => head(&mut tx, room, width).await?,
                Reach::Only(results) => due_among(&mut tx, results, room, width).await?,
            };
            let is_full = room.is_filled_by(&due, width);
            looked_at += due.len();
            let picked = if due.iter().any(|row| row.wants_turn) {
                turns::take_turns(&mut tx, &due, room, limit).await?
            } else {
                room.fill(due, limit)
            };
            if !picked.is_empty() || !is_full || looked_at >= MOST_LOOKED_AT {
                break (picked, is_full);
            }
            width = width.saturating_mul(8).min(WIDEST_LOOK);
        };
        if picked.is_empty() {
            tx.commit().await?;
            return Ok(Claim { leased: Vec::new(), has_more });
        }
        let rows = take(&mut tx, &picked, token, lease).await?;
        let leased: Vec<Leased> =
            rows.into_iter().map(|row| self.open(row, token, until)).collect::<Result<_, _>>()?;
        let unreadable: Vec<Uuid> = leased
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
        Ok(Claim { leased, has_more })
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
            recall_requested: row.recall_requested,
            is_too_late: row.is_too_late,
            owner,
            until,
            token,
        })))
    }
}

fn bigint(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
