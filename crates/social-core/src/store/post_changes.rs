//! What owners change about their posts.

use tokio_postgres::types::Json;

use crate::clock::Timestamp;
use crate::model::{Account, NewResult, Origin, OwnerId, Post, PostId, ResultId};
use crate::platform::ENDED;
use crate::store::call::Call;
use crate::store::holds::{Parking, paces};
use crate::store::new_posts::SeenRow;
use crate::store::social_posts::PostOutcome;
use crate::store::{Store, StoreError};

/// What the owner is told of a result that they did not see on the account.
const NOT_PUBLISHED: &str = "You said that the video is not on the account. Retry to publish it.";

/// What became of a change.
#[derive(Debug)]
pub enum Changed {
    /// It was made.
    Done(Box<Post>),
    /// The owner has no such post.
    Unknown,
    /// Another change came first. This is the post as it is now.
    Conflict(Box<Post>),
    /// The post is not in a state that allows it.
    Refused(String),
}

/// What an owner changes about a post; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct PostEdit {
    /// The version that was edited.
    pub version: i64,
    /// Where the video is.
    pub video_url: Option<String>,
    /// What to say.
    pub caption: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// When to publish.
    pub publish_at: Option<Timestamp>,
    /// How late it may still go out, in seconds.
    pub max_lateness: Option<i64>,
    /// New captions and options of single results.
    pub results: Option<Vec<NewResult>>,
}

impl TryFrom<PostOutcome> for Changed {
    type Error = StoreError;

    fn try_from(row: PostOutcome) -> Result<Self, StoreError> {
        match (row.outcome.as_str(), row.shown) {
            ("done", Some(post)) => Ok(Self::Done(Box::new(post.0.try_into()?))),
            ("version_conflict", Some(post)) => Ok(Self::Conflict(Box::new(post.0.try_into()?))),
            ("done", None) => Err(StoreError::Inconsistent("social_posts")),
            ("unknown", _) => Ok(Self::Unknown),
            _ => Ok(Self::Refused(row.outcome)),
        }
    }
}

impl Store {
    /// Changes a post of which nothing has begun, or of which what was begun has failed. What has failed stays so
    /// until it is retried; what is published keeps a post from everything but another address for the video.
    /// Repeatable, as all changes are: each has a name of its own.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn edit_post(
        &self,
        owner: &OwnerId,
        post: PostId,
        edit: &PostEdit,
        origin: &Origin,
    ) -> Result<Changed, StoreError> {
        self.value::<PostOutcome>(self.edit(owner, post, edit, origin)).await?.try_into()
    }

    /// The same, if the accounts of its results are still as they were seen. `None`: they are not, and nothing was changed.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn edit_post_as_seen(
        &self,
        owner: &OwnerId,
        post: PostId,
        edit: &PostEdit,
        origin: &Origin,
        accounts: &[Account],
    ) -> Result<Option<Changed>, StoreError> {
        let accounts: Vec<SeenRow<'_>> = accounts.iter().map(SeenRow::from).collect();
        let call = self.edit(owner, post, edit, origin).with("seen", Json(accounts));
        let row: PostOutcome = self.value(call).await?;
        if row.outcome == "changed" { Ok(None) } else { row.try_into().map(Some) }
    }

    fn edit<'a>(&self, owner: &'a OwnerId, post: PostId, edit: &'a PostEdit, origin: &'a Origin) -> Call<'a> {
        self.change("edit_post", owner, post, origin)
            .with("seen_version", edit.version)
            .with("url", edit.video_url.as_deref())
            .with("says", edit.caption.as_deref())
            .with("heading", edit.title.as_deref())
            .with("at", edit.publish_at)
            .with("lateness", edit.max_lateness)
            .with("drafts", edit.results.as_deref().map(|results| self.new_rows(results)))
    }

    /// Calls off what can still be called off: whatever has not been sent for good. A worker that is just
    /// uploading loses its lease, so the last byte never goes out. What the platform has, but can be asked to
    /// stop, the worker will ask it to. Whoever waits behind begins as soon as it may. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn cancel_post(
        &self,
        owner: &OwnerId,
        post: PostId,
        origin: &Origin,
    ) -> Result<Changed, StoreError> {
        let (platforms, spacings) = paces();
        let call = self
            .change("cancel_post", owner, post, origin)
            .with("platforms", platforms)
            .with("spacings", spacings);
        self.value::<PostOutcome>(call).await?.try_into()
    }

    /// Begins again with what failed: a failed result is one that provably published nothing. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn retry_post(
        &self,
        owner: &OwnerId,
        post: PostId,
        origin: &Origin,
    ) -> Result<Changed, StoreError> {
        let parking = Parking::because(ENDED);
        let call = self
            .change("retry_post", owner, post, origin)
            .with("code", parking.code)
            .with("message", parking.message);
        self.value::<PostOutcome>(call).await?.try_into()
    }

    /// Settles a doubt by what the owner saw. Repeatable.
    ///
    /// # Errors
    /// When the database declines.
    pub async fn resolve_result(
        &self,
        owner: &OwnerId,
        post: PostId,
        result: ResultId,
        is_published: bool,
        origin: &Origin,
    ) -> Result<Changed, StoreError> {
        let call = self
            .change("resolve_result", owner, post, origin)
            .with("result", result.0)
            .with("is_published", is_published)
            .with("message", NOT_PUBLISHED);
        self.value::<PostOutcome>(call).await?.try_into()
    }

    /// A call that changes a post, with a name that its repetition is known by.
    fn change<'a>(
        &self,
        function: &'static str,
        owner: &'a OwnerId,
        post: PostId,
        origin: &'a Origin,
    ) -> Call<'a> {
        let change = self.token();
        Call::repeatable(function)
            .with("owner", owner.as_str())
            .with("post", post.0)
            .with("change", change)
            .with("origin", Json(origin))
    }
}
