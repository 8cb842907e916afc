//! A failure as the caller sees it: a stable code, a sentence, and the field to fix.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::codes::{BodyCode, Code, CommonCode, DatabaseCode, RateCode};
use super::json::Json;
use super::post_view::PostView;
use crate::platform::Misread;
use crate::store::StoreError;

/// A failure, as the caller sees it.
#[derive(Debug)]
pub(super) struct ApiError {
    status: u16,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    field: Option<String>,
    retry_after: Option<Duration>,
    token_refused: bool,
    post: Option<Box<PostView>>,
}

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct ErrorBody<'a> {
    #[schema(inline)]
    error: ErrorDetail<'a>,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail<'a> {
    /// The stable code.
    code: &'a str,
    /// What is wrong and how to fix it, for people.
    message: &'a str,
    /// What to fix: a member's path, a query parameter or a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<&'a str>,
    /// The seconds after which a retry may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    retry_after: Option<u64>,
    /// With `version_conflict`: the post as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PostView>, nullable = false)]
    post: Option<&'a PostView>,
}

impl ApiError {
    /// Returns a failure with a platform's own code, or one of another module.
    pub(super) fn new(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { status, code, message, field: None, retry_after: None, token_refused: false, post: None }
    }

    /// Returns 422: readable, but wrong in this field.
    pub(super) fn unprocessable(
        code: impl Into<Cow<'static, str>>,
        field: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: Some(field.into()), ..Self::new(422, code, message) }
    }

    /// Returns 404, the same for unknown and for another owner's objects.
    pub(super) fn not_found() -> Self {
        CommonCode::NotFound.into()
    }

    /// Returns the same failure with its field.
    pub(super) fn of(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    /// Returns the same failure with a sentence that knows more.
    pub(super) fn saying(self, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Returns the same failure with the pause after which a retry may help.
    pub(super) fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// Returns the same failure with the post as it is now.
    pub(super) fn with(self, post: PostView) -> Self {
        Self { post: Some(Box::new(post)), ..self }
    }

    /// Returns the same failure for a token that was sent and rejected (RFC 6750 §3.1).
    pub(super) fn invalid_token(self) -> Self {
        Self { token_refused: true, ..self }
    }

    /// Returns the stable code.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// Returns what is wrong and how to fix it.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Reports whether a platform's limit is used up for a while.
    pub(super) fn is_window(&self) -> bool {
        self.status == 429
    }

    /// Reports whether a retry may help without a change.
    pub(super) fn is_passing(&self) -> bool {
        self.retry_after.is_some() || self.status >= 500
    }

    /// Returns the challenge of a 401 (RFC 6750 §3). Its description holds neither quotes nor backslashes.
    fn challenge(&self) -> Option<HeaderValue> {
        if self.status != 401 {
            return None;
        }
        let plain = HeaderValue::from_static("Bearer");
        if !self.token_refused {
            return Some(plain);
        }
        let description: String =
            self.message.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect();
        let told = format!("Bearer error=\"invalid_token\", error_description=\"{description}\"");
        Some(HeaderValue::try_from(told).unwrap_or(plain))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after.map(|after| after.as_secs());
        let (code, message, field) = (&*self.code, &*self.message, self.field.as_deref());
        let body = Json(ErrorBody {
            error: ErrorDetail { code, message, field, retry_after, post: self.post.as_deref() },
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, body).into_response();
        if let Some(challenge) = self.challenge() {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, after.into());
        }
        response
    }
}

impl<C: Code> From<C> for ApiError {
    fn from(code: C) -> Self {
        Self::new(code.status(), code.code(), code.sentence())
    }
}

impl From<Misread> for ApiError {
    fn from(Misread { code, field, message }: Misread) -> Self {
        let code = match code {
            "unknown_field" => BodyCode::UnknownField,
            "missing_field" => BodyCode::MissingField,
            _ => BodyCode::InvalidField,
        };
        Self::from(code).of(field).saying(message)
    }
}

/// 2 s: when to ask a database again that could not be reached.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        // The database works.
        if let StoreError::TooMany(after) = error {
            return Self::from(RateCode::TooMany).retry_after(after);
        }
        tracing::error!(error.code = error.code(), "a database request failed: {error}");
        match error {
            StoreError::Broken(_) => Self::from(DatabaseCode::Broken).retry_after(DATABASE_PAUSE),
            _ if error.is_passing() => Self::from(DatabaseCode::Unavailable).retry_after(DATABASE_PAUSE),
            StoreError::Outdated(_) => Self::from(DatabaseCode::Outdated).retry_after(DATABASE_PAUSE),
            StoreError::Inconsistent(_) => DatabaseCode::Inconsistent.into(),
            StoreError::Seal(_) => DatabaseCode::Unreadable.into(),
            _ => Self::new(500, error.code(), DatabaseCode::Declined.sentence()),
        }
    }
}
