//! The parts of a request that several endpoints read.

use std::collections::HashMap;
use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts, RawPathParams};
use http::request::Parts;
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;
use utoipa::IntoParams;
use uuid::Uuid;

use super::codes::{Code, PageCode, codes};
use super::error::ApiError;

/// The query, URL-decoded once. Of a parameter given twice, the last value counts.
#[derive(Debug, Default)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned + Default, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Infallible;

    /// `T` has optional texts only, so reading it does not fail.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let pairs = form_urlencoded::parse(query).into_owned();
        let pairs = pairs.map(|(name, value)| (name, Value::String(value)));
        Ok(Self(serde_json::from_value(Value::Object(pairs.collect())).unwrap_or_default()))
    }
}

/// The conditions in the query of a list. An empty one counts as missing.
pub(super) struct Given(HashMap<String, String>);

impl<S: Sync> FromRequestParts<S> for Given {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let Query(given) = Query::from_request_parts(parts, state).await?;
        Ok(Self(given))
    }
}

impl Given {
    /// Returns a condition as it was sent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// Returns the parts of a condition, which commas separate.
    pub(super) fn list<T>(
        &self,
        name: &'static str,
        code: impl Code,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Vec<T>>, ApiError> {
        let parts = self.text(name).map(|text| text.split(',').map(|part| read(part.trim())).collect());
        match parts {
            Some(None) => Err(ApiError::from(code).of(name)),
            Some(parts) => Ok(parts),
            None => Ok(None),
        }
    }

    /// Returns the ids of a condition.
    pub(super) fn ids(&self, name: &'static str, code: impl Code) -> Result<Option<Vec<Uuid>>, ApiError> {
        self.list(name, code, |id| Uuid::parse_str(id).ok())
    }
}

/// The id in a path. A malformed id is not found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let params = params.map_err(|_| ApiError::not_found())?;
        let id = params.iter().find(|(name, _)| *name == "id").map(|(_, id)| Uuid::parse_str(id));
        id.and_then(Result::ok).map(Self).ok_or_else(ApiError::not_found)
    }
}

/// The requested part of a list.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// The `nextCursor` of the page before.
    #[param(value_type = Option<Uuid>, nullable = false)]
    pub(super) cursor: Option<Uuid>,
    /// How many items to return.
    #[param(value_type = Option<i64>, nullable = false, minimum = 1, maximum = 100, default = 20)]
    pub(super) limit: i64,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(Query(given)) = Query::<HashMap<String, String>>::from_request_parts(parts, state).await;
        let cursor = given.get("cursor").map(|text| Uuid::parse_str(text)).transpose();
        let cursor = cursor.map_err(|_| ApiError::from(PageCode::InvalidCursor).of("cursor"))?;
        match given.get("limit").map_or(Ok(20), |text| text.parse()) {
            Ok(limit @ 1..=100) => Ok(Self { cursor, limit }),
            _ => Err(ApiError::from(PageCode::InvalidLimit).of("limit")),
        }
    }
}

impl Page {
    /// Returns the cursor of the next page. The query read one row more than requested, which is removed
    /// again.
    pub(super) fn next<T>(&self, rows: &mut Vec<T>, id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return None;
        }
        rows.truncate(limit);
        rows.last().map(id)
    }
}

codes! {
    /// The header cannot be read.
    KeyCode {
        Invalid = 422 "invalid_idempotency_key" "The Idempotency-Key must have 1 to 255 ASCII characters.",
    }
}

/// The idempotency key of a create request. An unreadable key is rejected: ignoring it would create a second
/// post.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IdempotencyKey {
    /// The same key with the same bytes is the same post.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, nullable = false, min_length = 1, max_length = 255)]
    pub(super) key: String,
}

impl<S: Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ApiError> {
        let Some(key) = parts.headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
        let key = key.ok_or_else(|| ApiError::from(KeyCode::Invalid).of("Idempotency-Key"))?;
        Ok(Some(Self { key: key.to_owned() }))
    }
}

/// The cookies of a request. A name may depend on the request, so they are looked up one by one.
#[derive(Debug)]
pub(super) struct Cookies(HeaderMap);

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.clone()))
    }
}

impl Cookies {
    /// Returns a cookie's value.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let headers = self.0.get_all(header::COOKIE).iter().filter_map(|header| header.to_str().ok());
        let mut pairs =
            headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }
}
