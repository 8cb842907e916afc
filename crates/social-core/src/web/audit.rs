//! The endpoint `GET /social-posts/audit`: who changed what, when, and from where.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::Owner;
use super::codes::{PageCode, UserCode};
use super::error::ApiError;
use super::extract::Page;
use super::json::Json;
use super::responses::Fails;
use super::times;
use crate::clock::Timestamp;
use crate::oauth::Flow;
use crate::store::ChangeRow;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum AuditAction {
    /// An account was connected for the first time.
    Connected,
    /// An account was connected again.
    Reconnected,
    /// An account was disconnected.
    Disconnected,
    /// The grant of an account was withdrawn at the platform.
    Ended,
    /// A post was created.
    Created,
    /// A post was edited.
    Edited,
    /// A post was cancelled.
    Cancelled,
    /// A post was retried.
    Retried,
    /// A result in doubt was resolved: its video is on the account.
    ResolvedPublished,
    /// A result in doubt was resolved: its video is not on the account.
    ResolvedNotPublished,
    /// An action that this version does not know.
    Other,
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum AuditActor {
    /// The user.
    User,
    /// An operator, on the command line.
    Support,
    /// The platform, by its webhook.
    Platform,
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditEntry {
    /// Its id.
    id: Uuid,
    /// When it was made.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was done.
    action: AuditAction,
    /// Who did it.
    actor: AuditActor,
    /// The account, of a change to an account.
    #[schema(required = true)]
    account_id: Option<Uuid>,
    /// The post, of a change to a post.
    #[schema(required = true)]
    post_id: Option<Uuid>,
    /// The result, of a change to a result.
    #[schema(required = true)]
    result_id: Option<Uuid>,
    /// The client's IP address; `null`: unknown.
    #[schema(required = true)]
    address: Option<String>,
    /// What the client calls itself, cut to 200 bytes; `null`: unknown.
    #[schema(required = true)]
    user_agent: Option<String>,
    /// The `X-Request-Id` of the request; `null`: an older version made the change, or the platform did.
    #[schema(required = true)]
    request_id: Option<String>,
}

/// One page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditPage {
    /// The newest first.
    entries: Vec<AuditEntry>,
    /// The `cursor` of the next page; `null` on the last page.
    #[schema(required = true)]
    next_cursor: Option<Uuid>,
}

impl From<ChangeRow> for AuditEntry {
    fn from(row: ChangeRow) -> Self {
        let action = match row.action.as_str() {
            "connected" => AuditAction::Connected,
            "reconnected" => AuditAction::Reconnected,
            "disconnected" => AuditAction::Disconnected,
            "ended" => AuditAction::Ended,
            "created" => AuditAction::Created,
            "edited" => AuditAction::Edited,
            "cancelled" => AuditAction::Cancelled,
            "retried" => AuditAction::Retried,
            "resolved_published" => AuditAction::ResolvedPublished,
            "resolved_not_published" => AuditAction::ResolvedNotPublished,
            _ => AuditAction::Other,
        };
        let actor = match row.actor.as_str() {
            "support" => AuditActor::Support,
            "platform" => AuditActor::Platform,
            _ => AuditActor::User,
        };
        Self {
            id: row.id,
            at: row.at,
            action,
            actor,
            account_id: row.account_id,
            post_id: row.post_id,
            result_id: row.result_id,
            address: row.address,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

/// Lists who changed accounts and posts, the newest change first.
#[utoipa::path(get, path = "/social-posts/audit", operation_id = "listAuditEntries", tag = "posts",
    security(("user" = [])), params(Page),
    responses((status = 200, description = "One page of the audit trail.", body = AuditPage),
        Fails<(PageCode, UserCode)>))]
pub(super) async fn audit(
    State(flow): State<Flow>,
    Owner(owner): Owner,
    page: Page,
) -> Result<Json<AuditPage>, ApiError> {
    let mut changes = flow.store.changes(&owner, page.cursor, page.limit + 1).await?;
    let next_cursor = page.next(&mut changes, |change| change.id);
    Ok(Json(AuditPage { entries: changes.into_iter().map(AuditEntry::from).collect(), next_cursor }))
}
