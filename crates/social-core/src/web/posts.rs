//! The endpoint `social-posts`: creates, shows, edits, cancels, retries and resolves posts.

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::accounts::Page;
use super::draft::{DraftPost, first_error, refuse};
use super::request::{Incoming, id};
use super::respond::{ApiError, json_response, rfc3339};
use super::{App, method_not_allowed};
use crate::model::{OwnerId, Post, PostId, PostResult, PostState, ResultId};
use crate::platform::{self, AnyWorker};
use crate::store::{Changed, Created, Prepared};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResolveBody {
    result_id: Uuid,
    outcome: Seen,
}

/// What the owner saw on the account.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Seen {
    Published,
    NotPublished,
}

impl App {
    pub(super) async fn posts(&self, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let owner = self.owner(incoming).await?;
        match (&incoming.method, incoming.path().as_slice()) {
            (&Method::POST, []) => self.create(&owner, incoming).await,
            (&Method::GET, []) => self.list(&owner, incoming).await,
            (&Method::POST, ["validate"]) => self.validate(&owner, incoming).await,
            (method, ["validate"]) => Err(method_not_allowed(method, "POST")),
            (&Method::GET, [post]) => {
                let post =
                    self.store().post(&owner, PostId(id(post)?)).await?.ok_or_else(ApiError::not_found)?;
                Ok(json_response(200, &shown(&post)))
            }
            (&Method::PATCH, [post]) => self.edit(&owner, PostId(id(post)?), incoming).await,
            (&Method::POST, [post, "cancel"]) => {
                changed(self.store().cancel_post(&owner, PostId(id(post)?)).await?)
            }
            (&Method::POST, [post, "retry"]) => {
                changed(self.store().retry_post(&owner, PostId(id(post)?)).await?)
            }
            (&Method::POST, [post, "resolve"]) => {
                let body: ResolveBody = incoming.json()?;
                let is_published = matches!(body.outcome, Seen::Published);
                let result = ResultId(body.result_id);
                changed(self.store().resolve_result(&owner, PostId(id(post)?), result, is_published).await?)
            }
            (&Method::GET, [post, "attempts"]) => {
                let attempts = self.store().attempts(&owner, PostId(id(post)?)).await?;
                let attempts = attempts.ok_or_else(ApiError::not_found)?;
                Ok(json_response(200, &json!({ "attempts": attempts })))
            }
            (method, []) => Err(method_not_allowed(method, "GET, POST")),
            (method, [_]) => Err(method_not_allowed(method, "GET, PATCH")),
            (method, [_, "attempts"]) => Err(method_not_allowed(method, "GET")),
            (method, [_, "cancel" | "retry" | "resolve"]) => Err(method_not_allowed(method, "POST")),
            _ => Err(ApiError::not_found()),
        }
    }

    async fn create(&self, owner: &OwnerId, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let key = idempotency_key(incoming)?;
        let body_hash = Sha256::digest(&incoming.body);
        let key = key.map(|key| (key, body_hash.as_slice()));
        let draft = match DraftPost::read(self, incoming) {
            Ok(draft) => draft,
            Err(error) if key.is_none() => return Err(error),
            // A request that was valid once may be too late by now. Its first response stands.
            Err(error) => {
                return match self.store().prepare_post(owner, key, &[]).await? {
                    Prepared::Answered(before) => created(&before),
                    Prepared::New(_) => Err(error),
                };
            }
        };
        // This comes before the request is checked: its first response stands, whatever has changed since.
        let accounts = match self.store().prepare_post(owner, key, &draft.accounts()).await? {
            Prepared::Answered(before) => return created(&before),
            Prepared::New(accounts) => accounts,
        };
        let checked = self.check(draft, accounts)?;
        if let Some(problem) = first_error(&checked.problems) {
            return Err(refuse(problem));
        }
        created(&self.store().create_post(owner, &checked.post, key).await?)
    }

    async fn list(&self, owner: &OwnerId, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let page = Page::of(incoming)?;
        let mut posts = self.store().posts(owner, page.cursor, page.limit + 1).await?;
        let next = page.next(&mut posts, |post| post.id.0);
        let posts: Vec<Value> = posts.iter().map(shown).collect();
        Ok(json_response(200, &json!({ "posts": posts, "nextCursor": next })))
    }
}

/// Returns the idempotency key of a create request. An unreadable key is rejected: ignoring it would create a
/// second post.
fn idempotency_key(incoming: &Incoming) -> Result<Option<&str>, ApiError> {
    let Some(key) = incoming.headers.get("idempotency-key") else { return Ok(None) };
    key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).map(Some).ok_or_else(|| {
        let message = "The Idempotency-Key must have 1 to 255 ASCII characters.";
        ApiError::unprocessable("invalid_idempotency_key", "Idempotency-Key", message)
    })
}

fn created(created: &Created) -> Result<Response<Bytes>, ApiError> {
    match created {
        Created::New(post) => {
            tracing::info!(post.id = %post.id, "post {} was created with {} results", post.id, post.results.len());
            Ok(json_response(202, &shown(post)))
        }
        Created::Same(post) => Ok(json_response(202, &shown(post))),
        Created::KeyReused => Err(ApiError::unprocessable(
            "idempotency_key_reused",
            "Idempotency-Key",
            "This Idempotency-Key was used for a different request. Use a new key for a new post.",
        )),
    }
}

/// Returns a post as JSON.
fn shown(post: &Post) -> Value {
    json!({
        "id": post.id,
        "videoUrl": post.video_url,
        "caption": post.caption,
        "title": post.title,
        "publishAt": rfc3339(post.publish_at),
        "maxLateness": post.max_lateness,
        "externalId": post.external_id,
        "aiGenerated": post.ai_generated,
        "version": post.version,
        "state": PostState::of(&post.results),
        "createdAt": rfc3339(post.created_at),
        "updatedAt": rfc3339(post.updated_at),
        "results": post.results.iter().map(shown_result).collect::<Vec<_>>(),
    })
}

/// Returns a result as JSON. The AI label of its platform's option appears under the name that all platforms
/// share.
fn shown_result(result: &PostResult) -> Value {
    let label = platform::of(&result.platform).map(AnyWorker::ai_label);
    let mut shown = json!(result);
    if let (Some(shown), Some(said)) =
        (shown.as_object_mut(), label.and_then(|label| result.options.get(label)))
    {
        shown.insert("aiGenerated".to_owned(), said.clone());
    }
    shown
}

pub(super) fn changed(changed: Changed) -> Result<Response<Bytes>, ApiError> {
    match changed {
        Changed::Done(post) => Ok(json_response(200, &shown(&post))),
        Changed::Unknown => Err(ApiError::not_found()),
        Changed::Refused(code) => {
            let message = refusal(&code);
            Err(ApiError::new(409, code, message))
        }
    }
}

fn refusal(code: &str) -> &'static str {
    match code {
        "version_conflict" => {
            "This post was changed in another window. Reload it and make your change again."
        }
        "already_begun" => "Publishing has started, so you can't change this post any more.",
        "nothing_to_cancel" => "It's too late to cancel this post.",
        "nothing_to_retry" => "Nothing in this post has failed, so there is nothing to retry.",
        "not_in_doubt" => "This result isn't in doubt, so there is nothing to confirm.",
        _ => "You can't do this to the post in its current state.",
    }
}
