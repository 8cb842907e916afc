//! The function `social-posts`: creates, shows, edits, cancels, retries and resolves posts.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::middleware::from_extractor_with_state;
use axum::response::Response;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::audit::{__path_audit, audit};
use super::auth::{Authenticator, Owner};
use super::body::Raw;
use super::codes::{BodyCode, CommonCode, PageCode, RateCode, RawCode, UserCode, codes};
use super::conditional::IfNoneMatch;
use super::draft::{DraftCode, DraftPost, first_error, refuse};
use super::edit::PostChange;
use super::endpoints::endpoints;
use super::error::ApiError;
use super::extract::{Id, IdempotencyKey, KeyCode, Page};
use super::function::{Arrival, Function};
use super::json::Json;
use super::known::Known;
use super::origin::By;
use super::post_changes::{StateCode, changed};
use super::post_filter::{Filter, FilterCode, FilterParams};
use super::post_view::{PostPage, PostView};
use super::responses::Fails;
use super::shared::{Shared, StartError};
use super::validate::Validation;
use super::verdict::Verdict;
use crate::model::{Account, Origin, OwnerId, PostId, ResultId};
use crate::oauth::Flow;
use crate::store::{AttemptRow, Changed, Created, Key, Prepared, SeenAccounts};
use crate::video::Sources;

codes! {
    /// The key cannot be used for this post.
    ReusedCode {
        KeyReused = 422 "idempotency_key_reused" "This Idempotency-Key was used for a different request. Use a new key for a new post.",
    }
}

/// The state of the function.
#[derive(Clone, FromRef)]
struct Posts {
    flow: Flow,
    sources: Sources,
    authenticator: Arc<Authenticator>,
    known: Known,
}

endpoints!(Posts;
    list: __path_list, create: __path_create, validate: __path_validate, show: __path_show, edit: __path_edit,
    cancel: __path_cancel, retry: __path_retry, resolve: __path_resolve, attempts: __path_attempts,
    audit: __path_audit);

/// Returns the function `social-posts`.
///
/// # Errors
/// See [`StartError`].
pub fn social_posts(shared: &Shared) -> Result<Function, StartError> {
    let (flow, authenticator) = (shared.flow(), shared.authenticator());
    let state = Posts { flow, sources: shared.sources()?, authenticator, known: Known::default() };
    // A stranger learns nothing about paths and methods.
    let guard = from_extractor_with_state::<Owner, _>(state.clone());
    Ok(Function::new("social-posts", routes().layer(guard).with_state(state), shared))
}

impl Posts {
    /// Creates a post in one round trip, if it is right for its accounts as this process knows them, and they are still so.
    async fn create_as_known(
        &self,
        owner: &OwnerId,
        draft: DraftPost,
        accounts: Vec<Account>,
        key: Option<Key<'_>>,
        origin: &Origin,
    ) -> Result<Option<Created>, ApiError> {
        // What is wrong for them may be right for what they have become.
        let Ok(checked) = draft.check(&self.flow, accounts) else { return Ok(None) };
        if first_error(&checked.problems).is_some() {
            return Ok(None);
        }
        let seen = SeenAccounts { accounts: &checked.accounts, rate: self.flow.config.rates.creates };
        Ok(self.flow.store.create_post_as_seen(owner, &checked.post, key, origin, seen).await?)
    }

    /// Responds with a post that was created now or before.
    fn created(&self, created: Created) -> Result<(StatusCode, Json<PostView>), ApiError> {
        let post = match created {
            Created::New(post) => {
                tracing::info!(post.id = %post.id, "post {} was created with {} results", post.id, post.results.len());
                post
            }
            Created::Same(post) => post,
            Created::KeyReused => return Err(ApiError::from(ReusedCode::KeyReused).of("Idempotency-Key")),
        };
        self.known.posts.remember(&post);
        Ok((StatusCode::ACCEPTED, Json(PostView::from(post))))
    }
}

/// Creates a post. The worker starts it at its next call, not this request.
#[utoipa::path(post, path = "/social-posts", operation_id = "createPost", tag = "posts", security(("user" = [])),
    params(IdempotencyKey), request_body = super::draft::NewPostBody,
    responses((status = 202, description = "The post.", body = PostView),
        Fails<((UserCode, RateCode), (RawCode, BodyCode), (KeyCode, ReusedCode), DraftCode)>))]
async fn create(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    By(origin): By,
    key: Option<IdempotencyKey>,
    body: Raw,
) -> Result<(StatusCode, Json<PostView>), ApiError> {
    let (store, body_hash) = (&posts.flow.store, body.hash());
    let rate = posts.flow.config.rates.creates;
    let key = key.as_ref().map(|key| (key.key.as_str(), body_hash.as_slice()));
    let draft = match DraftPost::read(&posts.flow, &body) {
        Ok(draft) => draft,
        Err(error) if key.is_none() => return Err(error),
        // A request that was valid once may be too late by now. Its first response stands.
        Err(error) => {
            return match store.prepare_post(&owner, key, &[], rate).await? {
                Prepared::Answered(before) => posts.created(*before),
                Prepared::New(_) => Err(error),
            };
        }
    };
    let named = draft.accounts();
    let draft = match posts.known.accounts.find(&owner, &named) {
        None => draft,
        Some(accounts) => match posts.create_as_known(&owner, draft, accounts, key, &origin).await? {
            Some(made) => return posts.created(made),
            None => DraftPost::read(&posts.flow, &body)?,
        },
    };
    // This comes before the request is checked: its first response stands, whatever has changed since.
    let accounts = match store.prepare_post(&owner, key, &named, rate).await? {
        Prepared::Answered(before) => return posts.created(*before),
        Prepared::New(accounts) => accounts,
    };
    posts.known.accounts.remember(&accounts);
    let checked = draft.check(&posts.flow, accounts)?;
    if let Some(problem) = first_error(&checked.problems) {
        return Err(refuse(problem));
    }
    posts.created(store.create_post(&owner, &checked.post, key, &origin).await?)
}

/// Lists posts, the newest first.
#[utoipa::path(get, path = "/social-posts", operation_id = "listPosts", tag = "posts", security(("user" = [])),
    params(Page, FilterParams, IfNoneMatch),
    responses((status = 200, description = "One page of posts.", body = PostPage),
        (status = 304, description = "The caller has it."),
        Fails<(PageCode, FilterCode, UserCode)>))]
async fn list(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    page: Page,
    Filter(filter): Filter,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let (posts, has_more) = posts.flow.store.posts(&owner, page.cursor, page.limit, &filter).await?;
    let next_cursor = posts.last().filter(|_| has_more).map(|post| post.id.0);
    Ok(known.answer(PostPage { posts: posts.into_iter().map(PostView::from).collect(), next_cursor }))
}

/// Reports everything that would stop a post, and what its owner may want to know. It creates nothing.
#[utoipa::path(post, path = "/social-posts/validate", operation_id = "validatePost", tag = "posts",
    security(("user" = [])), request_body = super::draft::NewPostBody,
    responses((status = 200, description = "The verdict.", body = Verdict),
        Fails<((UserCode, RateCode), RawCode, BodyCode, DraftCode)>))]
async fn validate(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    arrival: Arrival,
    body: Raw,
) -> Result<Json<Verdict>, ApiError> {
    let (flow, sources, known) = (&posts.flow, &posts.sources, &posts.known.accounts);
    let validation = Validation { flow, sources, known, owner: &owner };
    validation.verdict(&body, arrival).await.map(Json)
}

/// Returns a post.
#[utoipa::path(get, path = "/social-posts/{id}", operation_id = "getPost", tag = "posts", security(("user" = [])),
    params(("id" = Uuid, Path, description = "The post's id."), IfNoneMatch),
    responses((status = 200, description = "The post.", body = PostView),
        (status = 304, description = "The caller has it."), Fails<(CommonCode, UserCode)>))]
async fn show(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    Id(post): Id,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let post = posts.flow.store.post(&owner, PostId(post)).await?.ok_or_else(ApiError::not_found)?;
    posts.known.posts.remember(&post);
    Ok(known.answer(PostView::from(post)))
}

/// Changes a post that has not begun, or whose begun results are `failed` or `expired`.
#[utoipa::path(patch, path = "/social-posts/{id}", operation_id = "editPost", tag = "posts", security(("user" = [])),
    params(("id" = Uuid, Path, description = "The post's id.")), request_body = PostChange,
    responses((status = 200, description = "The post.", body = PostView),
        Fails<(CommonCode, UserCode, (RawCode, BodyCode, DraftCode), StateCode)>))]
async fn edit(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    By(origin): By,
    Id(post): Id,
    Json(change): Json<PostChange>,
) -> Result<Json<PostView>, ApiError> {
    let became = change.apply(&posts.flow, &posts.known, &owner, PostId(post), &origin).await?;
    if let Changed::Done(post) = &became {
        posts.known.posts.remember(post);
    }
    changed(became).map(Json)
}

/// Cancels every result that has not passed the point of no return.
#[utoipa::path(post, path = "/social-posts/{id}/cancel", operation_id = "cancelPost", tag = "posts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The post's id.")),
    responses((status = 200, description = "The post, in which others may continue.", body = PostView),
        Fails<(CommonCode, UserCode, StateCode)>))]
async fn cancel(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    By(origin): By,
    Id(post): Id,
) -> Result<Json<PostView>, ApiError> {
    changed(posts.flow.store.cancel_post(&owner, PostId(post), &origin).await?).map(Json)
}

/// Restarts every `failed` or `expired` result, with the post as it is now.
#[utoipa::path(post, path = "/social-posts/{id}/retry", operation_id = "retryPost", tag = "posts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The post's id.")),
    responses((status = 200, description = "The post.", body = PostView),
        Fails<(CommonCode, UserCode, StateCode)>))]
async fn retry(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    By(origin): By,
    Id(post): Id,
) -> Result<Json<PostView>, ApiError> {
    changed(posts.flow.store.retry_post(&owner, PostId(post), &origin).await?).map(Json)
}

/// What the owner saw on the account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Resolution {
    /// The result in doubt.
    result_id: Uuid,
    /// Whether the video is there.
    outcome: Seen,
}

/// Whether the video is on the account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Seen {
    /// It is there.
    Published,
    /// It is not there.
    NotPublished,
}

/// Resolves a result by what its owner saw on the account.
#[utoipa::path(post, path = "/social-posts/{id}/resolve", operation_id = "resolveResult", tag = "posts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The post's id.")), request_body = Resolution,
    responses((status = 200, description = "The post.", body = PostView),
        Fails<(CommonCode, UserCode, (RawCode, BodyCode), StateCode)>))]
async fn resolve(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    By(origin): By,
    Id(post): Id,
    Json(seen): Json<Resolution>,
) -> Result<Json<PostView>, ApiError> {
    let is_published = matches!(seen.outcome, Seen::Published);
    let result = ResultId(seen.result_id);
    let store = &posts.flow.store;
    changed(store.resolve_result(&owner, PostId(post), result, is_published, &origin).await?).map(Json)
}

/// The attempt log of a post.
#[derive(Debug, Serialize, ToSchema)]
struct Attempts {
    /// All saved calls, the oldest first.
    attempts: Vec<AttemptRow>,
}

/// Returns the attempt log: all saved calls for the post.
#[utoipa::path(get, path = "/social-posts/{id}/attempts", operation_id = "listAttempts", tag = "posts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The post's id.")),
    responses((status = 200, description = "The attempt log.", body = Attempts), Fails<(CommonCode, UserCode)>))]
async fn attempts(
    State(posts): State<Posts>,
    Owner(owner): Owner,
    Id(post): Id,
) -> Result<Json<Attempts>, ApiError> {
    let attempts = posts.flow.store.attempts(&owner, PostId(post)).await?;
    attempts.map(|attempts| Json(Attempts { attempts })).ok_or_else(ApiError::not_found)
}
