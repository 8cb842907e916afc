//! The right to step one result.

use std::time::Duration;

use uuid::Uuid;

use crate::clock::Deadline;
use crate::model::{
    AccountId, AccountMetadata, Checkpoint, OwnerId, PlatformId, PostId, ResultId, StateName,
};
use crate::secret::AccessToken;
use crate::store::call::{Call, seconds};
use crate::vault::Place;
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
    /// The id of the next save: one that is made again is known by it.
    pub(super) save: Uuid,
}

/// Names a lease, without what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseKey {
    pub(super) result: Uuid,
    pub(super) token: Uuid,
}

impl Lease {
    /// Names it.
    #[must_use]
    pub fn key(&self) -> LeaseKey {
        LeaseKey { result: self.id.0, token: self.token }
    }
}

/// Where a result's checkpoint is stored.
pub(super) fn checkpoint_place(owner: &OwnerId, row: Uuid) -> Place<'_> {
    Place { column: "post_results.checkpoint", owner: owner.as_str(), row, version: None }
}

/// The call that puts results back, while a lease holds them. Its second time finds none.
pub(super) fn put_back(results: &[Uuid], lease: Uuid, after: Duration) -> Call<'_> {
    Call::repeatable("put_back").with("results", results).with("lease", lease).with("after", seconds(after))
}
