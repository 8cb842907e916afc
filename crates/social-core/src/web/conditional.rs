//! Conditional requests (RFC 9110 §13.1.2): a response that the caller already has is not sent again.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use http::{StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use super::json::Json;

/// The entity tags of responses that the caller has.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IfNoneMatch {
    /// The `ETag` of an earlier response: an unchanged one is `304` without a body.
    #[param(rename = "If-None-Match", value_type = Option<String>, nullable = false)]
    tags: String,
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let tags = parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        Ok(Self { tags: tags.collect::<Vec<_>>().join(",") })
    }
}

impl IfNoneMatch {
    /// Returns the body with its entity tag, or 304 if the caller has it.
    pub(super) fn answer<T: Serialize>(&self, body: T) -> Response {
        // What cannot be written is an error, which `Json` reports.
        let Ok(bytes) = serde_json::to_vec(&body) else { return Json(body).into_response() };
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes));
        let tag = format!("\"{hash}\"");
        if self.names(&tag) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        ([(header::ETAG, tag)], Json(body)).into_response()
    }

    /// Compares weakly, as RFC 9110 asks.
    fn names(&self, tag: &str) -> bool {
        let named = self.tags.split(',').map(str::trim);
        named.map(|named| named.strip_prefix("W/").unwrap_or(named)).any(|named| named == tag || named == "*")
    }
}
