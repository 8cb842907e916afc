//! The endpoint `GET /social-post-worker/messages`: what was sent to the product, and what was not.

use axum::extract::{FromRequestParts, State};
use http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::codes::{PageCode, WorkerCode, codes};
use super::error::ApiError;
use super::extract::{Given, Page};
use super::json::Json;
use super::responses::Fails;
use super::times;
use crate::clock::Timestamp;
use crate::store::{MessageFilter, MessageRow, Store};

codes! {
    /// A condition cannot be read.
    ConditionCode {
        State = 422 "invalid_state" "Name states of a message, separated by commas: waiting, delivered or failed.",
        Account = 422 "invalid_account_id" "Name ids of accounts, separated by commas.",
        Result = 422 "invalid_result_id" "Name ids of results, separated by commas.",
    }
}

/// Whether a message reached its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum MessageState {
    /// The worker sends it, for the first time or again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// The worker gave it up, or its endpoint is disabled. It stays until it is redelivered.
    Failed,
}

impl MessageState {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Waiting, "waiting"), (Self::Delivered, "delivered"), (Self::Failed, "failed")];
}

/// A webhook message for one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WebhookMessage {
    /// Its `webhook-id`, which `redeliver` takes.
    id: String,
    /// The host of the endpoint.
    endpoint: String,
    /// What happened, such as `result.published`.
    r#type: String,
    /// Grows with each message about the same result.
    sequence: i64,
    /// Whether it reached the endpoint.
    state: MessageState,
    /// The user; `null`: it tells of the worker or of an endpoint.
    #[schema(required = true)]
    owner_id: Option<String>,
    /// The account that it tells of.
    #[schema(required = true)]
    account_id: Option<Uuid>,
    /// The post that it tells of.
    #[schema(required = true)]
    post_id: Option<Uuid>,
    /// The result that it tells of.
    #[schema(required = true)]
    result_id: Option<Uuid>,
    /// When it happened.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// How often the worker sent it, since the last redelivery if there was one.
    #[schema(minimum = 0)]
    attempts: i32,
    /// The HTTP status of the last response; `null`: no response came, or nothing was sent.
    #[schema(required = true)]
    last_status: Option<i32>,
    /// Why the last attempt failed; `null`: it did not, or the endpoint wants no more messages (410).
    #[schema(required = true)]
    last_error: Option<String>,
    /// When the worker sends it next; `null`: it is delivered or failed.
    #[serde(serialize_with = "times::optional")]
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// When the endpoint took it; `null`: it did not.
    #[serde(serialize_with = "times::optional")]
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    delivered_at: Option<Timestamp>,
}

/// One page of webhook messages.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MessagePage {
    /// The newest first.
    messages: Vec<WebhookMessage>,
    /// The `cursor` of the next page; `null` on the last page.
    #[schema(required = true)]
    next_cursor: Option<Uuid>,
}

impl From<MessageRow> for WebhookMessage {
    fn from(row: MessageRow) -> Self {
        let state = MessageState::ALL.into_iter().find(|(_, name)| *name == row.state);
        Self {
            id: format!("msg_{}", row.id.simple()),
            endpoint: row.host,
            r#type: row.kind,
            sequence: row.sequence,
            state: state.map_or(MessageState::Failed, |(state, _)| state),
            owner_id: row.owner_id,
            account_id: row.account_id,
            post_id: row.post_id,
            result_id: row.result_id,
            created_at: row.created_at,
            attempts: row.attempts,
            last_status: row.last_status,
            last_error: row.last_problem,
            next_attempt_at: row.due_at,
            delivered_at: row.delivered_at,
        }
    }
}

/// The conditions of a list of messages. A message must fulfil all that are given.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "names the parameters for the contract")]
struct ConditionParams {
    /// States of a message, separated by commas: `waiting`, `delivered`, `failed`.
    #[param(nullable = false, example = "waiting,failed")]
    state: Option<String>,
    /// Ids of accounts, separated by commas: the message tells of one of them.
    #[param(nullable = false)]
    account_id: Option<String>,
    /// Ids of results, separated by commas: the message tells of one of them.
    #[param(nullable = false)]
    result_id: Option<String>,
}

/// The conditions, read.
pub(super) struct Conditions(MessageFilter);

impl<S: Send + Sync> FromRequestParts<S> for Conditions {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(given) = Given::from_request_parts(parts, state).await;
        let named =
            |text: &str| MessageState::ALL.into_iter().map(|(_, name)| name).find(|name| *name == text);
        Ok(Self(MessageFilter {
            states: given.list("state", ConditionCode::State, named)?,
            accounts: given.ids("accountId", ConditionCode::Account)?,
            results: given.ids("resultId", ConditionCode::Result)?,
        }))
    }
}

/// Lists webhook messages of all users, the newest first.
#[utoipa::path(get, path = "/social-post-worker/messages", operation_id = "listWebhookMessages", tag = "operation",
    security(("worker" = [])), params(Page, ConditionParams),
    responses((status = 200, description = "One page of webhook messages.", body = MessagePage),
        Fails<(PageCode, ConditionCode, WorkerCode)>))]
pub(super) async fn messages(
    State(store): State<Store>,
    page: Page,
    Conditions(filter): Conditions,
) -> Result<Json<MessagePage>, ApiError> {
    let mut rows = store.messages(page.cursor, page.limit + 1, filter).await?;
    let next_cursor = page.next(&mut rows, |message| message.id);
    Ok(Json(MessagePage { messages: rows.into_iter().map(WebhookMessage::from).collect(), next_cursor }))
}
