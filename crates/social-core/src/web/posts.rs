//! `social-posts`: create, look, change, call off, try again, settle doubts.

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::accounts::Page;
use super::draft::{account_of, check_lateness, check_texts, check_time, first_error, refuse};
use super::request::{Incoming, id};
use super::respond::{ApiError, json_response, rfc3339};
use super::{App, method_not_allowed};
use crate::clock::Timestamp;
use crate::model::{Account, OwnerId, Post, PostId, PostResult, PostState, ResultId};
use crate::platform::{self, AnyWorker, Draft, Problem, Severity};
use crate::publish::{inspect, judge};
use crate::store::{Changed, Created, PostEdit};
use crate::video::PinnedVideo;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EditBody {
    version: i64,
    video_url: Option<String>,
    caption: Option<String>,
    title: Option<String>,
    publish_at: Option<Timestamp>,
    max_lateness: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResolveBody {
    result_id: Uuid,
    outcome: Seen,
}

/// What an owner saw on the account.
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
            (method, [] | [_] | [_, "cancel" | "retry" | "resolve" | "attempts"]) => {
                Err(method_not_allowed(method))
            }
            _ => Err(ApiError::not_found()),
        }
    }

    async fn create(&self, owner: &OwnerId, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let key = idempotency_key(incoming)?;
        let body_hash = Sha256::digest(&incoming.body);
        let key = key.map(|key| (key, body_hash.as_slice()));
        // Before the request is checked: it was answered once, whatever has changed since.
        if let Some((key, body_hash)) = key
            && let Some(before) = self.store().created_before(owner, key, body_hash).await?
        {
            return created(&before);
        }
        let checked = self.read_post(owner, incoming).await?;
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

    async fn edit(
        &self,
        owner: &OwnerId,
        post: PostId,
        incoming: &Incoming,
    ) -> Result<Response<Bytes>, ApiError> {
        let body: EditBody = incoming.json()?;
        if let Some(url) = &body.video_url {
            self.check_url(url)?;
        }
        check_texts(body.caption.as_deref(), body.title.as_deref(), None)?;
        check_time(body.publish_at, incoming.now)?;
        let before = self.store().post(owner, post).await?.ok_or_else(ApiError::not_found)?;
        check_lateness(
            body.max_lateness.or(before.max_lateness),
            Some(body.publish_at.unwrap_or(before.publish_at)),
            incoming.now,
        )?;
        let caption = body.caption.as_deref().unwrap_or(&before.caption);
        self.check_edit(owner, &before, caption).await?;
        let edit = PostEdit {
            version: body.version,
            video_url: body.video_url,
            caption: body.caption,
            title: body.title,
            publish_at: body.publish_at,
            max_lateness: body.max_lateness,
        };
        changed(self.store().edit_post(owner, post, &edit).await?)
    }

    /// The new caption must do for every result that takes the post's.
    async fn check_edit(&self, owner: &OwnerId, post: &Post, caption: &str) -> Result<(), ApiError> {
        let ids: Vec<Uuid> = post.results.iter().map(|result| result.account_id.0).collect();
        let accounts = self.store().accounts_of(owner, &ids).await?;
        for result in post.results.iter().filter(|result| result.caption.is_none()) {
            let account = accounts.iter().find(|account| account.id == result.account_id);
            let (Some(account), Some((worker, _))) = (account, self.flow().platform(&result.platform)) else {
                continue;
            };
            let draft = Draft { caption, title: None, options: &result.options, scopes: &account.scopes };
            let problem = worker
                .check(&draft)
                .into_iter()
                .find(|found| found.severity == Severity::Error && found.field == "caption");
            if let Some(problem) = problem {
                return Err(refuse(&problem));
            }
        }
        Ok(())
    }

    /// What would be wrong, found by the code that would find it when publishing.
    async fn validate(&self, owner: &OwnerId, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let checked = self.read_post(owner, incoming).await?;
        let mut findings: Vec<(Severity, Value)> = checked
            .problems
            .iter()
            .map(|(at, problem)| {
                (problem.severity, finding(problem, account_of(&checked.accounts, *at).map(|id| id.0)))
            })
            .collect();
        let inspected = inspect(&self.publisher.sources, &checked.post.video_url).await;
        let video = match &inspected {
            Ok(video) => {
                for (account, result) in checked.accounts.iter().zip(&checked.post.results) {
                    findings.extend(self.judge_for(owner, account, &result.options, video).await);
                }
                facts(video)
            }
            Err(error) => {
                let error = json!({ "code": error.code, "message": error.message, "field": "videoUrl" });
                findings.push((Severity::Error, error));
                Value::Null
            }
        };
        let of = |severity| {
            findings.iter().filter(|found| found.0 == severity).map(|found| &found.1).collect::<Vec<_>>()
        };
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let body =
            json!({ "valid": errors.is_empty(), "errors": errors, "warnings": warnings, "video": video });
        Ok(json_response(200, &body))
    }

    /// Holds the video against the platform's limits and, where the platform tells them, the account's own.
    async fn judge_for(
        &self,
        owner: &OwnerId,
        account: &Account,
        options: &Value,
        video: &PinnedVideo,
    ) -> Vec<(Severity, Value)> {
        let Some((worker, _)) = self.flow().platform(&account.platform) else { return Vec::new() };
        let longest = match self.posting_options(owner, account).await {
            Ok(choices) => worker.longest(&choices),
            // The account's own trouble is among the problems already, or will be told when it is its turn.
            Err(_) => None,
        };
        let verdict = judge(&worker.limits(options), video, longest);
        let show = |severity: Severity, found: crate::video::Finding| {
            let value = json!({ "code": found.code, "message": found.message, "field": "videoUrl", "accountId": account.id });
            (severity, value)
        };
        let errors = verdict.errors.into_iter().map(|found| show(Severity::Error, found));
        errors.chain(verdict.warnings.into_iter().map(|found| show(Severity::Warning, found))).collect()
    }
}

/// The key of a create request. One that cannot be read is refused: taken for none, it would make a second post.
fn idempotency_key(incoming: &Incoming) -> Result<Option<&str>, ApiError> {
    let Some(key) = incoming.headers.get("idempotency-key") else { return Ok(None) };
    key.to_str().ok().filter(|key| (1..=255).contains(&key.len())).map(Some).ok_or_else(|| {
        let message = "The Idempotency-Key must have from 1 to 255 ASCII characters.";
        ApiError::unprocessable("invalid_idempotency_key", "Idempotency-Key", message)
    })
}

fn created(created: &Created) -> Result<Response<Bytes>, ApiError> {
    match created {
        Created::New(post) => {
            tracing::info!(post.id = %post.id, "post {} was made with {} results", post.id, post.results.len());
            Ok(json_response(202, &shown(post)))
        }
        Created::Same(post) => Ok(json_response(202, &shown(post))),
        Created::KeyReused => Err(ApiError::unprocessable(
            "idempotency_key_reused",
            "Idempotency-Key",
            "This key was used for another request. Use a new key for a new post.",
        )),
    }
}

fn finding(problem: &Problem, account: Option<Uuid>) -> Value {
    json!({ "code": problem.code, "message": problem.message, "field": problem.field, "accountId": account })
}

fn facts(video: &PinnedVideo) -> Value {
    let facts = &video.facts;
    json!({
        "sizeBytes": facts.size,
        "durationMs": u64::try_from(facts.duration.as_millis()).unwrap_or(u64::MAX),
        "width": facts.width,
        "height": facts.height,
        "frameRate": facts.frame_rate,
        "container": facts.container,
        "videoCodec": facts.video_codec,
        "audioCodec": facts.audio_codec,
    })
}

/// A post as a reply shows it.
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

/// A result, with what its platform's own option says of AI under the name that all platforms share.
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

fn changed(changed: Changed) -> Result<Response<Bytes>, ApiError> {
    match changed {
        Changed::Done(post) => Ok(json_response(200, &shown(&post))),
        Changed::Unknown => Err(ApiError::not_found()),
        Changed::Refused(code) => Err(ApiError::new(409, code, refusal(code))),
    }
}

fn refusal(code: &str) -> &'static str {
    match code {
        "version_conflict" => {
            "Somebody changed the post meanwhile. Read it again and change what you now see."
        }
        "already_begun" => {
            "Publishing has begun, so the post can no longer be changed. Cancel it or let it finish."
        }
        "nothing_to_cancel" => {
            "There is nothing left to cancel: what could be called off is over or already with the platform."
        }
        "nothing_to_retry" => "Nothing of this post has failed, so there is nothing to retry.",
        "not_in_doubt" => "This result is not in doubt, so there is nothing to settle.",
        _ => "The post is not in a state that allows this.",
    }
}
