//! Posts that are made: once per request, for accounts as they are.

use serde::Serialize;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::config::Rate;
use crate::model::{Account, Consent, NewPost, NewResult, Origin, OwnerId, Post};
use crate::platform::ENDED;
use crate::store::call::{Call, columns};
use crate::store::holds::Parking;
use crate::store::social_accounts::{AccountRow, accounts};
use crate::store::social_posts::{PostOutcome, PostRow};
use crate::store::{Store, StoreError};

/// What became of a create request.
#[derive(Debug)]
pub enum Created {
    /// The post was made.
    New(Post),
    /// The same request was answered before: this is its post.
    Same(Post),
    /// The key was used for another request.
    KeyReused,
}

/// What a create request is to be answered by.
#[derive(Debug)]
pub enum Prepared {
    /// Its key was used before.
    Answered(Box<Created>),
    /// It is new. These are the accounts it names, as far as the owner has them.
    New(Vec<Account>),
}

/// The accounts that a create request was checked against, read some time ago.
#[derive(Debug, Clone, Copy)]
pub struct SeenAccounts<'a> {
    /// As they were.
    pub accounts: &'a [Account],
    /// How many posts the owner may create.
    pub rate: Rate,
}

/// An idempotency key with the hash of the request that it was sent with.
pub type Key<'a> = (&'a str, &'a [u8]);

impl TryFrom<PostOutcome> for Created {
    type Error = StoreError;

    fn try_from(row: PostOutcome) -> Result<Self, StoreError> {
        match (row.outcome.as_str(), row.shown) {
            ("new", Some(post)) => Ok(Self::New(post.0.try_into()?)),
            ("same", Some(post)) => Ok(Self::Same(post.0.try_into()?)),
            ("key_reused", _) => Ok(Self::KeyReused),
            _ => Err(StoreError::Inconsistent("idempotency_keys.post_id")),
        }
    }
}

columns! {
    struct PreparedRow {
        outcome: String,
        shown: Option<Json<PostRow>>,
        accounts: Json<Vec<AccountRow>>,
    }
}

/// An account that was seen, as `create_post` compares it.
#[derive(Debug, Serialize)]
pub(super) struct SeenRow<'a> {
    account: Uuid,
    status: &'static str,
    scopes: &'a [String],
}

/// A result to be made, as `create_post` takes it.
#[derive(Debug, Serialize)]
pub(super) struct NewRow<'a> {
    id: Uuid,
    account: Uuid,
    caption: Option<&'a str>,
    options: &'a serde_json::Value,
    consent: Option<&'a Consent>,
}

impl<'a> From<&'a Account> for SeenRow<'a> {
    fn from(account: &'a Account) -> Self {
        Self { account: account.id.0, status: account.status.name(), scopes: &account.scopes }
    }
}

impl Store {
    /// What a create request is to be answered by: what its key was used for before, or the accounts it names.
    /// Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn prepare_post(
        &self,
        owner: &OwnerId,
        key: Option<Key<'_>>,
        named: &[Uuid],
        rate: Rate,
    ) -> Result<Prepared, StoreError> {
        let call = Call::repeatable("prepare_post")
            .with("owner", owner.as_str())
            .with("wanted_key", key.map(|(key, _)| key))
            .with("hash", key.map(|(_, body_hash)| body_hash))
            .with("wanted", named)
            .with("per_minute", rate.per_minute());
        let PreparedRow { outcome, shown, accounts: found } = self.value(call).await?;
        if outcome == "new" {
            return Ok(Prepared::New(accounts(found.0)?));
        }
        Ok(Prepared::Answered(Box::new(PostOutcome { outcome, shown }.try_into()?)))
    }

    /// Makes a post with its results, once per idempotency key. The request was prepared just now, which also counted
    /// it. Repeatable: its id is chosen here.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn create_post(
        &self,
        owner: &OwnerId,
        new: &NewPost,
        key: Option<Key<'_>>,
        origin: &Origin,
    ) -> Result<Created, StoreError> {
        self.value::<PostOutcome>(self.creation(owner, new, key, origin)).await?.try_into()
    }

    /// The same without preparation, if the accounts are still as they were seen. `None`: they are not, and nothing was
    /// made or counted.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn create_post_as_seen(
        &self,
        owner: &OwnerId,
        new: &NewPost,
        key: Option<Key<'_>>,
        origin: &Origin,
        seen: SeenAccounts<'_>,
    ) -> Result<Option<Created>, StoreError> {
        let accounts: Vec<SeenRow<'_>> = seen.accounts.iter().map(SeenRow::from).collect();
        let call = self.creation(owner, new, key, origin);
        let call = call.with("seen", Json(accounts)).with("per_minute", seen.rate.per_minute());
        let row: PostOutcome = self.value(call).await?;
        if row.outcome == "changed" { Ok(None) } else { row.try_into().map(Some) }
    }

    fn creation<'a>(
        &self,
        owner: &'a OwnerId,
        new: &'a NewPost,
        key: Option<Key<'a>>,
        origin: &'a Origin,
    ) -> Call<'a> {
        let parking = Parking::because(ENDED);
        Call::repeatable("create_post")
            .with("owner", owner.as_str())
            .with("post", self.id())
            .with("video_url", new.video_url.as_str())
            .with("caption", new.caption.as_str())
            .with("title", new.title.as_deref())
            .with("publish_at", new.publish_at)
            .with("max_lateness", new.max_lateness)
            .with("external_id", new.external_id.as_deref())
            .with("ai_generated", new.ai_generated)
            .with("results", self.new_rows(&new.results))
            .with("code", parking.code)
            .with("message", parking.message)
            .with("key", key.map(|(key, _)| key))
            .with("hash", key.map(|(_, body_hash)| body_hash))
            .with("origin", Json(origin))
    }

    /// Returns the results of a request as the database reads them.
    pub(super) fn new_rows<'a>(&self, results: &'a [NewResult]) -> Json<Vec<NewRow<'a>>> {
        let row = |result: &'a NewResult| NewRow {
            id: self.id(),
            account: result.account.0,
            caption: result.caption.as_deref(),
            options: &result.options,
            consent: result.consent.as_ref(),
        };
        Json(results.iter().map(row).collect())
    }
}
