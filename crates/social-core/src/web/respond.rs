//! Builds every response, also from every failure.

use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::clock::Timestamp;
use crate::platform::Misread;

/// A failure, as the caller sees it: a stable code, a sentence, and the field to fix.
#[derive(Debug)]
pub(super) struct ApiError {
    status: u16,
    code: String,
    message: String,
    field: Option<String>,
    retry_after: Option<Duration>,
    allowed: Option<&'static str>,
    token_refused: bool,
}

impl ApiError {
    pub(super) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            field: None,
            retry_after: None,
            allowed: None,
            token_refused: false,
        }
    }

    /// Returns 422: readable, but wrong in this field.
    pub(super) fn unprocessable(
        code: impl Into<String>,
        field: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { field: Some(field.into()), ..Self::new(422, code, message) }
    }

    /// Returns 404, the same for unknown and for another owner's objects.
    pub(super) fn not_found() -> Self {
        Self::new(404, "not_found", "We couldn't find that.")
    }

    /// Returns the same failure with its field.
    pub(super) fn of(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// Returns the same failure with the pause after which a retry may help.
    pub(super) fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// Returns the same failure with the supported methods.
    pub(super) fn allow(self, methods: &'static str) -> Self {
        Self { allowed: Some(methods), ..self }
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

    pub(super) fn into_response(self) -> Response<Bytes> {
        let challenge = self.challenge();
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(map) = error.as_object_mut() {
            if let Some(field) = self.field {
                map.insert("field".to_owned(), field.into());
            }
            if let Some(after) = self.retry_after {
                map.insert("retryAfter".to_owned(), after.as_secs().into());
            }
        }
        let mut response = json_response(self.status, &json!({ "error": error }));
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(methods) = self.allowed {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if let Some(after) = self.retry_after
            && let Ok(value) = HeaderValue::try_from(after.as_secs().to_string())
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}

impl From<Misread> for ApiError {
    fn from(Misread { code, field, message }: Misread) -> Self {
        Self::unprocessable(code, field, message)
    }
}

/// Returns a JSON response.
pub(super) fn json_response(status: u16, body: &impl Serialize) -> Response<Bytes> {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Returns 204.
pub(super) fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// Returns 302.
pub(super) fn redirect(location: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Adds `Set-Cookie` headers.
pub(super) fn set_cookies(response: &mut Response<Bytes>, cookies: &[String]) {
    for cookie in cookies {
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Adds the headers of every response.
pub(super) fn finish(mut response: Response<Bytes>, request_id: &str, https: bool) -> Response<Bytes> {
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if let Ok(id) = HeaderValue::try_from(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// Returns a time in RFC 3339, in UTC, to the millisecond.
pub(super) fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
