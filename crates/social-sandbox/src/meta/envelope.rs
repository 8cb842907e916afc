//! The Graph API's responses: plain JSON, or an `error` with a code and a subcode.

use crate::random;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json as value};

/// An error of the Graph API.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: u16,
    code: i64,
    subcode: Option<i64>,
    message: String,
    data: Option<Value>,
}

impl Refusal {
    pub(crate) fn new(code: i64, subcode: i64, message: &str) -> Self {
        Self { subcode: Some(subcode), ..Self::plain(code, message) }
    }

    /// Returns an error without a subcode.
    pub(crate) fn plain(code: i64, message: &str) -> Self {
        Self { status: 400, code, subcode: None, message: message.into(), data: None }
    }

    pub(crate) fn param(message: &str) -> Self {
        Self::plain(100, message)
    }

    /// Returns the error for a field that a node does not have.
    pub(crate) fn no_such_field(name: &str) -> Self {
        Self::param(&format!("(#100) Tried accessing nonexisting field ({name})"))
    }

    /// Returns the error for a missing object, or one hidden from this caller: Graph does not say which.
    pub(crate) fn hidden(id: &str) -> Self {
        Self::unsupported(&Method::GET, id)
    }

    /// Returns the same for another method, which the object may also just not have.
    pub(super) fn unsupported(method: &Method, id: &str) -> Self {
        let method = method.as_str().to_lowercase();
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing \
             permissions, or does not support this operation"
        );
        Self::new(100, 33, &message)
    }

    /// Returns the error for an invalid or expired token.
    pub(crate) fn token(subcode: Option<i64>, message: &str) -> Self {
        Self { subcode, ..Self::plain(190, message) }
    }

    /// Adds data to the error.
    pub(crate) fn with_data(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = Map::new();
        error.insert("message".into(), self.message.into());
        error.insert("type".into(), "OAuthException".into());
        error.insert("code".into(), self.code.into());
        if let Some(subcode) = self.subcode {
            error.insert("error_subcode".into(), subcode.into());
        }
        error.insert("is_transient".into(), (self.code == 2).into());
        if let Some(data) = self.data {
            error.insert("error_data".into(), data);
        }
        error.insert("fbtrace_id".into(), format!("A{}", random::text(22)).into());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json(status, &value!({ "error": error }))
    }
}

/// Returns a JSON response.
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// Returns the response to a Graph call.
pub(crate) fn reply(result: Result<Value, Refusal>) -> Response {
    match result {
        Ok(body) => json(StatusCode::OK, &body),
        Err(refusal) => refusal.into_response(),
    }
}

pub(crate) fn success() -> Value {
    value!({ "success": true })
}

/// Returns an error with a code from a fault: `190/460` is code 190 with subcode 460; a word is code 2.
pub(crate) fn refuse(status: StatusCode, code: &str) -> Response {
    let (code, subcode) = code.split_once('/').map_or((code, None), |(code, sub)| (code, Some(sub)));
    let refusal = Refusal {
        status: status.as_u16(),
        code: code.parse().unwrap_or(2),
        subcode: subcode.and_then(|subcode| subcode.parse().ok()),
        message: "An unexpected error has occurred. Please retry your request later.".into(),
        data: None,
    };
    refusal.into_response()
}
