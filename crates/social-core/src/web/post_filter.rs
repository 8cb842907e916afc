//! Which posts to list: the conditions in the query.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde_json::Value;
use utoipa::IntoParams;

use super::codes::codes;
use super::error::ApiError;
use super::extract::Given;
use crate::clock::read_rfc3339;
use crate::model::{AccountId, PostFilter, PostState};

/// 200 characters: longer than anybody types to find a post.
const MOST_TEXT: usize = 200;

codes! {
    /// A condition cannot be read.
    FilterCode {
        InvalidState = 422 "invalid_state" "Name states of a post, separated by commas, such as scheduled,published.",
        InvalidAccount = 422 "invalid_account_id" "Name ids of accounts, separated by commas.",
        InvalidTime = 422 "invalid_time" "Send a time with its offset, such as 2026-12-02T18:30:00Z.",
        TextTooLong = 422 "text_too_long" "The text to look for is longer than 200 characters. Shorten it.",
    }
}

/// The conditions of a list of posts. A post must fulfil all that are given.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "names the parameters for the contract")]
pub(super) struct FilterParams {
    /// States of a post, separated by commas.
    #[param(nullable = false, example = "scheduled,needsAttention")]
    state: Option<String>,
    /// Ids of accounts, separated by commas: the post has a result on one of them.
    #[param(nullable = false)]
    account_id: Option<String>,
    /// A part of the caption, the title or the external id, in whatever case.
    #[param(nullable = false, max_length = 200)]
    text: Option<String>,
    /// The first time at which the post is to be published.
    #[param(nullable = false, format = DateTime)]
    from: Option<String>,
    /// The time before which the post is to be published.
    #[param(nullable = false, format = DateTime)]
    to: Option<String>,
}

/// The conditions, read.
pub(super) struct Filter(pub(super) PostFilter);

impl<S: Send + Sync> FromRequestParts<S> for Filter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(given) = Given::from_request_parts(parts, state).await;
        let text = given.text("text");
        if text.is_some_and(|text| text.chars().count() > MOST_TEXT) {
            return Err(ApiError::from(FilterCode::TextTooLong).of("text"));
        }
        let time = |name: &'static str| {
            let unread = || ApiError::from(FilterCode::InvalidTime).of(name);
            given.text(name).map(|text| read_rfc3339(text).ok_or_else(unread)).transpose()
        };
        let accounts = given.ids("accountId", FilterCode::InvalidAccount)?;
        Ok(Self(PostFilter {
            states: given.list("state", FilterCode::InvalidState, state_named)?,
            accounts: accounts.map(|ids| ids.into_iter().map(AccountId).collect()),
            // Postgres stores no NUL, so no post has one.
            text: text.map(|text| text.replace('\0', "")),
            from: time("from")?,
            to: time("to")?,
        }))
    }
}

fn state_named(name: &str) -> Option<PostState> {
    serde_json::from_value(Value::from(name)).ok()
}
