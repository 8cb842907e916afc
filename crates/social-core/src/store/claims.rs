//! Claiming: the queue's head, for a while.

use std::time::Duration;

use serde::Deserialize as _;
use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{
    AccountId, AccountMetadata, Checkpoint, OwnerId, PlatformId, PostId, ResultId, StateName,
};
use crate::platform;
use crate::secret::AccessToken;
use crate::store::call::{Call, columns, seconds};
use crate::store::grants::access_place;
use crate::store::holds;
use crate::store::lease::{Lease, LeaseKey, checkpoint_place};
use crate::store::saves::{Ended, with_ended};
use crate::store::unreadable::{Blame, Unreadable};
use crate::store::worker_pulse::{self, PULSE, Pulse};
use crate::store::{Store, StoreError};
use crate::video::PinnedVideo;

/// What a claim found.
#[derive(Debug)]
pub enum Leased {
    /// Work.
    Ready(Box<Lease>),
    /// A row whose secrets do not open, because the operator must give the key, or that holds what this version does not
    /// know. It was put back for five minutes, and stands in nobody's way.
    Unreadable(ResultId, StoreError),
}

columns! {
    /// A claimed row with what is needed of its post and account.
    struct Row {
        lost: Option<Vec<Uuid>>,
        since_last_call: Option<i64>,
        oldest_before: Option<i64>,
        oldest_due: Option<i64>,
        has_more: bool,
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
        options: serde_json::Value,
        video_url: String,
        title: Option<String>,
        video: Option<serde_json::Value>,
        remote_id: String,
        username: Option<String>,
        account_metadata: serde_json::Value,
        token_version: i64,
        access_token: Option<String>,
        dies_soon: bool,
        recall_requested: bool,
        is_too_late: bool,
    }
}

/// What a claim brought.
#[derive(Debug)]
pub struct Claim {
    /// What was claimed.
    pub leased: Vec<Leased>,
    /// What has ended and is not saved: its lease was lost before.
    pub lost: Vec<ResultId>,
    /// Whether the queue's head may hold more that is due.
    pub has_more: bool,
    /// How the queue stood before, if the claim was an invocation's first.
    pub before: Option<Pulse>,
    /// How long the oldest due result has been waiting that is left, in seconds, if the claim took fewer than it might.
    pub oldest_due: Option<i64>,
}

/// How much an invocation has room for: one platform or account that stalls must not fill all slots.
#[derive(Debug, Clone)]
pub struct Room {
    /// The platforms that have room, and how much.
    pub platforms: Vec<(PlatformId, usize)>,
    /// How many results one account may have under a lease.
    pub per_account: usize,
    /// How many each account has, where it has any.
    pub leased: Vec<(AccountId, usize)>,
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
    /// leave the head of the queue at the first look.
    ///
    /// If the answer is lost, the claim is made again, and brings what the first took.
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
        self.claim(reach, room, limit, lease, None, &[]).await
    }

    /// Saves what has ended, and claims in the same call and transaction, so that a busy worker does not pay for two. If it
    /// fails, nothing is known to be saved.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn save_and_lease(
        &self,
        ended: &[Ended],
        reach: Reach<'_>,
        room: &Room,
        limit: usize,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.claim(reach, room, limit, lease, None, ended).await
    }

    /// The first claim of an invocation: it also notes that the worker was called ([`Store::beat`]).
    ///
    /// # Errors
    /// When the database declines.
    pub async fn lease_first(
        &self,
        reach: Reach<'_>,
        room: &Room,
        limit: usize,
        lease: Duration,
    ) -> Result<Claim, StoreError> {
        self.claim(reach, room, limit, lease, Some(PULSE), &[]).await
    }

    async fn claim(
        &self,
        reach: Reach<'_>,
        room: &Room,
        limit: usize,
        lease: Duration,
        pause: Option<Duration>,
        ended: &[Ended],
    ) -> Result<Claim, StoreError> {
        let token = self.token();
        let until = Deadline::after(self.clock.now(), lease);
        let call = |again| {
            with_ended(claim_results(reach, room, limit, token, lease, pause), ended).with("again", again)
        };
        let rows: Vec<Row> = match self.rows(call(false)).await {
            Err(StoreError::Broken(_)) => self.rows(call(true)).await?,
            claimed => claimed?,
        };
        // Every row says the same of the queue.
        let stood = rows.first().ok_or(StoreError::Inconsistent("what claim_results returns"))?;
        let lost = stood.lost.iter().flatten().copied().map(ResultId).collect();
        let has_more = stood.has_more;
        let before = stood.oldest_before.map(|oldest| Pulse::of(stood.since_last_call, oldest));
        let oldest_due = stood.oldest_due.map(|oldest| oldest.max(0));
        let mut aside = Unreadable::default();
        let leased: Vec<Leased> = rows
            .into_iter()
            // A claim that has nothing to bring.
            .filter(|row| !row.id.is_nil())
            .map(|row| {
                let id = ResultId(row.id);
                self.open(row, token, until).unwrap_or_else(|(blame, error)| {
                    aside.push(id, blame);
                    Leased::Unreadable(id, error)
                })
            })
            .collect();
        // What was claimed is not given up for it: their leases end by themselves.
        if let Err(error) = self.set_aside(&aside, token).await {
            tracing::warn!("unreadable results could not be put aside: {error}");
        }
        Ok(Claim { leased, lost, has_more, before, oldest_due })
    }

    /// Ends leases early, so that other workers need not wait. Returns how many still held.
    ///
    /// Nothing of the steps under them may run any more: a call that a platform still receives must have been sent before.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn hand_back(&self, leases: &[LeaseKey]) -> Result<i64, StoreError> {
        let (results, tokens): (Vec<Uuid>, Vec<Uuid>) =
            leases.iter().map(|lease| (lease.result, lease.token)).unzip();
        self.value(Call::repeatable("hand_back").with("results", results).with("leases", tokens)).await
    }

    /// Reads a claimed row, and opens its secrets.
    fn open(&self, row: Row, token: Uuid, until: Deadline) -> Result<Leased, (Blame, StoreError)> {
        let odd = |column| (Blame::Row, StoreError::Inconsistent(column));
        let owner = OwnerId::new(&row.owner_id).ok_or_else(|| odd("post_results.owner_id"))?;
        let state = StateName::named(&row.state).ok_or_else(|| odd("post_results.state"))?;
        let open = |blame, place, sealed: Option<&str>| {
            let opened = sealed.map(|sealed| self.vault.open(place, sealed)).transpose();
            opened.map_err(|broken| (blame, StoreError::Seal(broken)))
        };
        let metadata = AccountMetadata::deserialize(row.account_metadata)
            .map_err(|_| odd("social_accounts.account_metadata"))?;
        let place = access_place(owner.as_str(), row.account_id, row.token_version);
        let access_token = open(Blame::Account, place, row.access_token.as_deref())?;
        let place = checkpoint_place(&owner, row.id);
        let body = open(Blame::Checkpoint, place, row.checkpoint.as_deref())?;
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
            options: row.options,
            // What no longer reads is looked at afresh.
            video: row.video.and_then(|video| PinnedVideo::deserialize(video).ok()),
            remote_id: row.remote_id,
            username: row.username,
            metadata,
            access_token: access_token.map(AccessToken::new),
            token_version: row.token_version,
            dies_soon: row.dies_soon,
            recall_requested: row.recall_requested,
            is_too_late: row.is_too_late,
            owner,
            until,
            token,
            save: self.token(),
        })))
    }
}

/// The call of a claim.
fn claim_results<'a>(
    reach: Reach<'_>,
    room: &Room,
    most: usize,
    token: Uuid,
    lease: Duration,
    pause: Option<Duration>,
) -> Call<'a> {
    let (platforms, rooms): (Vec<String>, Vec<i32>) =
        room.platforms.iter().map(|(platform, room)| (platform.to_string(), integer(*room))).unzip();
    let spacings: Vec<f64> = room
        .platforms
        .iter()
        .map(|(id, _)| platform::find(id.as_str()).map_or(0.0, |facts| seconds(facts.pace.spacing)))
        .collect();
    let (accounts, leased): (Vec<Uuid>, Vec<i32>) =
        room.leased.iter().map(|(account, count)| (account.0, integer(*count))).unzip();
    let handed: Option<Vec<Uuid>> = match reach {
        Reach::Everything => None,
        Reach::Only(results) => Some(results.iter().map(|id| id.0).collect()),
    };
    Call::once("claim_results")
        .with("queues", worker_pulse::platforms())
        .with("pause", pause.map(seconds))
        .with("most", integer(most))
        .with("platforms", platforms)
        .with("rooms", rooms)
        .with("spacings", spacings)
        .with("per_account", integer(room.per_account))
        .with("accounts", accounts)
        .with("in_hand", leased)
        .with("handed", handed)
        .with("token", token)
        .with("lease_seconds", seconds(lease))
        // Always: a function of an older schema, which would return other columns, does not know it, and claims nothing.
        .with("paces", holds::paces().1)
}

fn integer(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
