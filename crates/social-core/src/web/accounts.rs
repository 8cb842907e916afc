//! The endpoint `social-accounts`: lists accounts, disconnects them, and returns their posting options.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::request::{Incoming, id};
use super::respond::{ApiError, json_response, no_content};
use super::{App, method_not_allowed};
use crate::model::{Account, AccountId, AccountStatus, OwnerId, Window};
use crate::oauth::RefreshFailed;
use crate::platform::{AccountRef, Disposition, PlatformError};
use crate::store::{GrantedAccount, HeldGrant, StoreError};

/// 30 s: when to retry after an error that names no pause.
const SOON: Duration = Duration::from_secs(30);
/// An hour: when to retry after a daily quota is used up.
const LATER: Duration = Duration::from_hours(1);

impl App {
    pub(super) async fn accounts(&self, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let owner = self.owner(incoming).await?;
        match (&incoming.method, incoming.path().as_slice()) {
            (&Method::GET, []) => self.list_accounts(&owner, incoming).await,
            (&Method::GET, [account]) => Ok(json_response(200, &self.account(&owner, account).await?)),
            (&Method::DELETE, [account]) => {
                let granted = self.granted_account(&owner, account, true).await?;
                self.flow().disconnect(&owner, granted).await?;
                Ok(no_content())
            }
            (&Method::GET, [account, "posting-options"]) => {
                let GrantedAccount { account, grant, .. } =
                    self.granted_account(&owner, account, false).await?;
                let grant = grant.map_err(StoreError::from)?;
                let options = self.posting_options(&owner, &account, grant).await?;
                let body =
                    json!({ "accountId": account.id, "platform": account.platform, "options": options });
                Ok(json_response(200, &body))
            }
            (method, [] | [_, "posting-options"]) => Err(method_not_allowed(method, "GET")),
            (method, [_]) => Err(method_not_allowed(method, "GET, DELETE")),
            _ => Err(ApiError::not_found()),
        }
    }

    async fn list_accounts(&self, owner: &OwnerId, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        let page = Page::of(incoming)?;
        let mut accounts = self.store().accounts(owner, page.cursor, page.limit + 1).await?;
        let next = page.next(&mut accounts, |account| account.id.0);
        Ok(json_response(200, &json!({ "accounts": accounts, "nextCursor": next })))
    }

    async fn account(&self, owner: &OwnerId, account: &str) -> Result<Account, ApiError> {
        let accounts = self.store().accounts_of(owner, &[id(account)?]).await?;
        accounts.into_iter().next().ok_or_else(ApiError::not_found)
    }

    async fn granted_account(
        &self,
        owner: &OwnerId,
        account: &str,
        asks_others: bool,
    ) -> Result<GrantedAccount, ApiError> {
        let granted = self.store().granted_account(owner, AccountId(id(account)?), asks_others).await?;
        granted.ok_or_else(ApiError::not_found)
    }

    /// Returns the posting options of an account, queried from the platform each time.
    pub(super) async fn posting_options(
        &self,
        owner: &OwnerId,
        account: &Account,
        grant: Option<HeldGrant>,
    ) -> Result<Value, ApiError> {
        if account.status != AccountStatus::Active {
            return Err(needs_reconnect());
        }
        let flow = self.flow();
        let (worker, settings) = flow
            .platform(&account.platform)
            .ok_or_else(|| ApiError::new(409, "platform_off", "This platform is turned off."))?;
        let known = AccountRef {
            id: &account.remote_id,
            username: account.username.as_deref(),
            metadata: &account.metadata,
        };
        let mut token = flow.usable_token(owner, account, grant).await.map_err(no_token)?;
        let mut was_rejected = false;
        loop {
            let Some(call) = worker.options_call(settings, &known, &token.access_token) else {
                return Ok(Value::Null);
            };
            let deadline = flow.soon();
            let reply = flow
                .http
                .send(call, None, deadline)
                .await
                .map_err(|_| unavailable("platform_unavailable", SOON))?;
            match worker.read_options(&reply) {
                Ok(options) => return Ok(options),
                Err(error) if error.disposition == Disposition::RefreshToken && !was_rejected => {
                    was_rejected = true;
                    let rejected = Some(token.version);
                    token = flow
                        .fresh_token(owner, &account.platform, account.id, rejected, flow.soon())
                        .await
                        .map_err(no_token)?;
                }
                Err(error) => return Err(refuse(&error)),
            }
        }
    }
}

fn needs_reconnect() -> ApiError {
    ApiError::new(
        409,
        "account_needs_reconnect",
        "The permission for this account has ended. Reconnect the account.",
    )
}

fn unavailable(code: &str, after: Duration) -> ApiError {
    ApiError::new(409, code, "We can't reach the platform right now. Try again shortly.").retry_after(after)
}

fn no_token(error: RefreshFailed) -> ApiError {
    match error {
        RefreshFailed::Ended(why) => ApiError::new(409, "account_needs_reconnect", why),
        RefreshFailed::Busy => unavailable("account_busy", Duration::from_secs(2)),
        RefreshFailed::Later(_) => unavailable("platform_unavailable", SOON),
        RefreshFailed::Store(error) => error.into(),
    }
}

fn refuse(error: &PlatformError) -> ApiError {
    match error.disposition {
        Disposition::Hold { window, .. } => {
            let after = match window {
                Window::For(time) => time,
                Window::UntilMidnight(_) => LATER,
            };
            ApiError::new(429, error.code.as_str(), error.message).retry_after(after)
        }
        Disposition::Reconnect | Disposition::RefreshToken => {
            ApiError::new(409, "account_needs_reconnect", error.message)
        }
        Disposition::Retry { after } => unavailable("platform_unavailable", after.unwrap_or(SOON)),
        Disposition::Ambiguous => unavailable("platform_unavailable", SOON),
        Disposition::UserFixable | Disposition::Permanent => {
            ApiError::new(409, error.code.as_str(), error.message)
        }
    }
}

/// The requested part of a list.
pub(super) struct Page {
    pub(super) cursor: Option<uuid::Uuid>,
    pub(super) limit: i64,
}

impl Page {
    pub(super) fn of(incoming: &Incoming) -> Result<Self, ApiError> {
        let cursor = match incoming.query("cursor") {
            None => None,
            Some(text) => Some(uuid::Uuid::parse_str(text).map_err(|_| {
                ApiError::unprocessable(
                    "invalid_cursor",
                    "cursor",
                    "The cursor must be a nextCursor from this list.",
                )
            })?),
        };
        let limit = incoming.query("limit").map_or(Ok(20), str::parse);
        match limit {
            Ok(limit @ 1..=100) => Ok(Self { cursor, limit }),
            _ => Err(ApiError::unprocessable(
                "invalid_limit",
                "limit",
                "The limit must be a number from 1 to 100.",
            )),
        }
    }

    /// Returns the cursor of the next page. The query read one row more than requested, which is removed
    /// again.
    pub(super) fn next<T>(&self, rows: &mut Vec<T>, id: impl Fn(&T) -> uuid::Uuid) -> Option<uuid::Uuid> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(id)
    }
}
