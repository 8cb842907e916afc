//! The function `social-accounts`: lists accounts, disconnects them, and returns their posting options and what is
//! set up.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::middleware::from_extractor_with_state;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::{Authenticator, Owner};
use super::codes::{CommonCode, PageCode, UserCode};
use super::conditional::IfNoneMatch;
use super::endpoints::endpoints;
use super::error::ApiError;
use super::extract::{Id, Page};
use super::function::Function;
use super::json::Json;
use super::origin::By;
use super::posting_options::{OptionsCode, posting_options};
use super::responses::Fails;
use super::setup::Setup;
use super::shared::{Shared, StartError};
use crate::config::Rate;
use crate::model::{Account, AccountId, PlatformId};
use crate::oauth::Flow;
use crate::store::{GrantedAccount, StoreError};

/// The state of the function.
#[derive(Clone, FromRef)]
struct Accounts {
    flow: Flow,
    authenticator: Arc<Authenticator>,
}

endpoints!(Accounts;
    list: __path_list, platforms: __path_platforms, show: __path_show, disconnect: __path_disconnect,
    options: __path_options);

/// Returns the function `social-accounts`.
///
/// # Errors
/// See [`StartError`].
pub fn social_accounts(shared: &Shared) -> Result<Function, StartError> {
    let state = Accounts { flow: shared.flow(), authenticator: shared.authenticator() };
    // A stranger learns nothing about paths and methods.
    let guard = from_extractor_with_state::<Owner, _>(state.clone());
    Ok(Function::new("social-accounts", routes().layer(guard).with_state(state), shared))
}

/// One page of accounts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountPage {
    /// In the order in which they were first connected. Disconnected accounts stay.
    accounts: Vec<Account>,
    /// The `cursor` of the next page; `null` on the last page.
    #[schema(required = true)]
    next_cursor: Option<Uuid>,
}

/// What the account's owner may choose from now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PostingOptions {
    /// The account's id.
    account_id: AccountId,
    /// Its platform.
    platform: PlatformId,
    /// The platform's own options; `null` where there is nothing to choose from.
    #[schema(value_type = Option<Object>, required = true)]
    options: Value,
}

/// Lists accounts, in the order in which they were first connected.
#[utoipa::path(get, path = "/social-accounts", operation_id = "listAccounts", tag = "accounts", security(("user" = [])),
    params(Page, IfNoneMatch),
    responses((status = 200, description = "One page of accounts.", body = AccountPage),
        (status = 304, description = "The caller has it."), Fails<(PageCode, UserCode)>))]
async fn list(
    State(state): State<Accounts>,
    Owner(owner): Owner,
    page: Page,
    known: IfNoneMatch,
) -> Result<Response, ApiError> {
    let mut accounts = state.flow.store.accounts(&owner, page.cursor, page.limit + 1).await?;
    let next_cursor = page.next(&mut accounts, |account| account.id.0);
    Ok(known.answer(AccountPage { accounts, next_cursor }))
}

/// Returns which platforms the operator has set up, and the product's legal pages.
#[utoipa::path(get, path = "/social-accounts/platforms", operation_id = "listPlatforms", tag = "accounts",
    security(("user" = [])),
    responses((status = 200, description = "What the operator has set up.", body = Setup), Fails<UserCode>))]
async fn platforms(State(Accounts { flow, .. }): State<Accounts>, Owner(_): Owner) -> Json<Setup> {
    Json(Setup::from(&*flow.config))
}

/// Returns an account.
#[utoipa::path(get, path = "/social-accounts/{id}", operation_id = "getAccount", tag = "accounts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The account's id.")),
    responses((status = 200, description = "The account.", body = Account), Fails<(CommonCode, UserCode)>))]
async fn show(
    State(state): State<Accounts>,
    Owner(owner): Owner,
    Id(account): Id,
) -> Result<Json<Account>, ApiError> {
    let accounts = state.flow.store.accounts_of(&owner, &[account], Rate::UNLIMITED).await?;
    accounts.into_iter().next().map(Json).ok_or_else(ApiError::not_found)
}

/// Disconnects an account: revokes its grant, deletes its tokens, and holds its open results. Safe to repeat.
#[utoipa::path(delete, path = "/social-accounts/{id}", operation_id = "disconnectAccount", tag = "accounts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The account's id.")),
    responses((status = 204, description = "The account is disconnected."), Fails<(CommonCode, UserCode)>))]
async fn disconnect(
    State(state): State<Accounts>,
    Owner(owner): Owner,
    By(origin): By,
    Id(account): Id,
) -> Result<StatusCode, ApiError> {
    let granted = state.flow.store.granted_account(&owner, AccountId(account), true).await?;
    state.flow.disconnect(&owner, granted.ok_or_else(ApiError::not_found)?, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Returns what the account's owner may choose from now. Each call queries the platform.
#[utoipa::path(get, path = "/social-accounts/{id}/posting-options", operation_id = "getPostingOptions", tag = "accounts",
    security(("user" = [])), params(("id" = Uuid, Path, description = "The account's id.")),
    responses(
        (status = 200, description = "The platform's own options.", body = PostingOptions),
        (status = 429, description = "The platform's own code: it asks for a pause.", body = ref("#/components/schemas/Error"),
            headers(("Retry-After" = u64, description = "The pause, in seconds."))),
        Fails<(CommonCode, UserCode, OptionsCode)>,
    ))]
async fn options(
    State(Accounts { flow, .. }): State<Accounts>,
    Owner(owner): Owner,
    Id(account): Id,
) -> Result<Json<PostingOptions>, ApiError> {
    let granted = flow.store.granted_account(&owner, AccountId(account), false).await?;
    let GrantedAccount { account, grant, .. } = granted.ok_or_else(ApiError::not_found)?;
    let grant = grant.map_err(StoreError::from)?;
    let options = posting_options(&flow, &owner, &account, grant).await?;
    Ok(Json(PostingOptions { account_id: account.id, platform: account.platform, options }))
}
