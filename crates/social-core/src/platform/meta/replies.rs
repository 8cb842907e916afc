//! Graph's responses: plain JSON, or an `error` with a code and a subcode.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::SHARED;
use super::usage;
use crate::http::{Reply, lenient};
use crate::model::{HeldReason, Window};
use crate::platform::{Disposition, ErrorTable, OAuthError, OAuthErrorKind, PlatformError, members};

/// The error of a Graph call. `code` may be negative, and `type` means nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::platform) struct GraphError {
    #[serde(deserialize_with = "members::number")]
    code: Option<i64>,
    #[serde(deserialize_with = "members::number")]
    pub(in crate::platform) error_subcode: Option<i64>,
    #[serde(deserialize_with = "members::flag")]
    is_transient: bool,
    #[serde(deserialize_with = "members::id")]
    fbtrace_id: Option<String>,
    message: String,
    error_data: Value,
}

/// The text of code 100 for a person without a role that publishes, as seen by integrators.
const NO_ROLE: &str = "(#100) No permission to publish the video";

/// From this number on, a subcode is about publishing.
const PUBLISHING: i64 = 1_000_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Value,
}

impl GraphError {
    /// Returns the error in a response, whatever its status: a 200 may contain one too. An error counts even
    /// if none of its members can be decoded.
    pub(in crate::platform) fn of(reply: &Reply) -> Option<Self> {
        let error = reply.json::<Envelope>()?.error;
        let is_none = match &error {
            Value::Null => true,
            Value::Bool(is_error) => !is_error,
            Value::Number(number) => number.as_i64() == Some(0),
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
        };
        (!is_none).then(|| lenient::from_value(error).unwrap_or_default())
    }

    /// Returns its `error_data`: an object, or a text that contains one.
    pub(in crate::platform) fn data<T: DeserializeOwned + Default>(self) -> T {
        let data = match self.error_data {
            Value::String(text) => lenient::read(text.as_bytes()),
            data => lenient::from_value(data),
        };
        data.unwrap_or_default()
    }

    /// Returns the names by which our tables may know it, the most specific first: the subcode comes before
    /// the code.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let Some(code) = self.code else {
            return self.error_subcode.iter().map(i64::to_string).collect();
        };
        if code == 100 && self.message == NO_ROLE {
            names.push("100/role".to_owned());
        }
        if let Some(subcode) = self.error_subcode {
            names.push(format!("{code}/{subcode}"));
            // The publishing ones mean the same under any code, and are sometimes the code itself.
            if subcode >= PUBLISHING {
                names.push(subcode.to_string());
            }
        }
        names.push(code.to_string());
        // A permission is missing.
        if (200..300).contains(&code) {
            names.push("200".to_owned());
        }
        names
    }
}

/// Sorts an error: by the platform's own table first, then by the shared one, then by the status.
pub(in crate::platform) fn failure(table: ErrorTable, error: &GraphError, reply: &Reply) -> PlatformError {
    let names = error.names();
    let known = names.iter().find_map(|name| {
        let tables = [table, SHARED];
        tables
            .into_iter()
            .find(|table| table.iter().any(|(code, ..)| code == name))
            .map(|table| (table, name))
    });
    let log_id = error.fbtrace_id.clone();
    let mut sorted = if let Some((table, name)) = known {
        PlatformError::sort(table, Some(name), log_id, reply)
    } else {
        let sorted = PlatformError::sort(&[], names.first().map(String::as_str), log_id, reply);
        if error.is_transient && sorted.disposition == Disposition::Permanent {
            let message = "Meta is having problems. Try again later.";
            PlatformError { disposition: Disposition::Retry { after: None }, message, ..sorted }
        } else {
            sorted
        }
    };
    if let Disposition::Hold { reason: HeldReason::RateLimit, window, .. } = &mut sorted.disposition {
        *window = usage::regain(reply).map_or(*window, Window::For);
    }
    sorted
}

/// Decodes a response: an error wherever it stands, otherwise the expected data.
pub(in crate::platform) fn read<T: DeserializeOwned>(
    table: ErrorTable,
    reply: &Reply,
) -> Result<T, PlatformError> {
    if let Some(error) = GraphError::of(reply) {
        return Err(failure(table, &error, reply));
    }
    // Graph explains its errors. A bare status comes from a proxy or gateway.
    if !reply.is_success() {
        return Err(PlatformError::unreadable(reply));
    }
    PlatformError::reading(reply)
}

/// Returns the error for a code that a status names, such as `2207026`.
pub(in crate::platform) fn code_of(table: ErrorTable, code: &str, reply: &Reply) -> PlatformError {
    let table = [table, SHARED]
        .into_iter()
        .find(|table| table.iter().any(|(known, ..)| *known == code))
        .unwrap_or_default();
    PlatformError::sort(table, Some(code), None, reply)
}

/// An hour: how long to wait in total for an object that Graph reports as unknown.
pub(in crate::platform) const HIDDEN_HORIZON: Duration = Duration::from_hours(1);

/// Sorts the error of a token endpoint by who can fix it.
pub(in crate::platform) fn oauth_error(error: &GraphError, reply: &Reply) -> OAuthError {
    let kind = match error.code.unwrap_or_default() {
        190 | 102 | 10 | 200..=299 => OAuthErrorKind::GrantEnded,
        _ if reply.status >= 500 => OAuthErrorKind::Later,
        // Wrong secrets and parameters appear among temporary errors. No account is to blame for either.
        100 | 101 | 3 => OAuthErrorKind::Operator,
        _ => OAuthErrorKind::Later,
    };
    let code = match (error.code, error.error_subcode) {
        (Some(code), Some(subcode)) => format!("{code}/{subcode}"),
        (Some(number), None) | (None, Some(number)) => number.to_string(),
        (None, None) => format!("http_{}", reply.status),
    };
    OAuthError { code, kind }
}
