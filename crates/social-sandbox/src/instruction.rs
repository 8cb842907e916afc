//! An instruction from a test, as JSON, or from a person, as a form.

use crate::sandbox::Sandbox;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The source of an instruction, which decides the format of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Program,
    Form,
}

/// The instruction.
#[derive(Debug)]
pub(crate) struct Instruction<T> {
    value: T,
    origin: Origin,
}

/// Explains why an instruction cannot be executed.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

impl<T> Instruction<T> {
    pub(crate) fn parts(self) -> (T, Origin) {
        (self.value, self.origin)
    }
}

impl Origin {
    /// Returns JSON to a program, and redirects a person to the index.
    pub(crate) fn done(self, sandbox: &Sandbox, body: &Value) -> Response {
        match self {
            Self::Program => ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response(),
            Self::Form => (StatusCode::SEE_OTHER, [(header::LOCATION, sandbox.home())]).into_response(),
        }
    }
}

impl IntoResponse for Unfit {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.0 }).to_string();
        (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Instruction<T> {
    type Rejection = Unfit;

    async fn from_request(request: Request, state: &S) -> Result<Self, Unfit> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let origin = match kind {
            Some(kind) if kind.starts_with("application/x-www-form-urlencoded") => Origin::Form,
            Some(kind) if kind.starts_with("application/json") => Origin::Program,
            Some(_) | None => return Err(Unfit("send application/json".into())),
        };
        let bytes = Bytes::from_request(request, state).await.map_err(|error| Unfit(error.to_string()))?;
        let value = match origin {
            Origin::Program => serde_json::from_slice(&bytes),
            Origin::Form => serde_json::from_value(typed(&bytes)),
        };
        let value = value.map_err(|error| Unfit(error.to_string()))?;
        Ok(Self { value, origin })
    }
}

/// Returns the settings with the named fields changed; a form's `platform` is not one of them.
pub(crate) fn changed<T: Serialize + DeserializeOwned>(
    current: &T,
    wanted: Map<String, Value>,
) -> Result<T, Unfit> {
    let mut all = json!(current);
    if let Value::Object(all) = &mut all {
        all.extend(wanted.into_iter().filter(|(name, _)| name != "platform"));
    }
    serde_json::from_value(all).map_err(|error| Unfit(error.to_string()))
}

/// Returns a form's fields as JSON: empty ones are left out, digits are numbers.
fn typed(form: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, text) in url::form_urlencoded::parse(form) {
        let text = text.trim();
        if !text.is_empty() {
            fields.insert(name.into_owned(), text.parse::<u64>().map_or_else(|_| text.into(), Value::from));
        }
    }
    Value::Object(fields)
}
