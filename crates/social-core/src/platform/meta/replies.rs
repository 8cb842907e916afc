//! What Graph answers: plain JSON, or an `error` with a code and a subcode.

use std::time::Duration;

use serde::Deserialize;

use super::errors::SHARED;
use super::usage;
use crate::http::Reply;
use crate::model::{HeldReason, Window};
use crate::platform::{Disposition, ErrorTable, OAuthError, OAuthErrorKind, PlatformError};

/// The error of a Graph call. `code` may be negative, and `type` says nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::platform) struct GraphError {
    #[serde(default)]
    pub(in crate::platform) code: i64,
    pub(in crate::platform) error_subcode: Option<i64>,
    #[serde(default)]
    is_transient: bool,
    fbtrace_id: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    pub(in crate::platform) error_data: serde_json::Value,
}

/// What code 100 says, in words alone, to a person without a role that publishes; seen by integrators.
const NO_ROLE: &str = "(#100) No permission to publish the video";

/// From here on a subcode speaks of publishing.
const PUBLISHING: i64 = 1_000_000;

#[derive(Deserialize)]
struct Envelope {
    error: Option<GraphError>,
}

impl GraphError {
    /// The error in a reply, whatever its status: a 200 may carry one too.
    pub(in crate::platform) fn of(reply: &Reply) -> Option<Self> {
        reply.json::<Envelope>()?.error
    }

    /// What our tables may know it by, the most telling first: the subcode decides before the code.
    fn names(&self) -> Vec<String> {
        let code = self.code;
        let mut names = Vec::new();
        if code == 100 && self.message == NO_ROLE {
            names.push("100/role".to_owned());
        }
        if let Some(subcode) = self.error_subcode {
            names.push(format!("{code}/{subcode}"));
            // The publishing ones mean the same under any code, and sometimes come as the code itself.
            if subcode >= PUBLISHING {
                names.push(subcode.to_string());
            }
        }
        names.push(code.to_string());
        // One permission or another is missing.
        if (200..300).contains(&code) {
            names.push("200".to_owned());
        }
        names
    }
}

/// Sorts an error: the platform's own table first, then what both share, then the status.
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
            let message = "Meta is having trouble. The post goes on by itself.";
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

/// Reads a reply: an error wherever it stands, else what was expected.
pub(in crate::platform) fn read<T: for<'de> Deserialize<'de>>(
    table: ErrorTable,
    reply: &Reply,
) -> Result<T, PlatformError> {
    if let Some(error) = GraphError::of(reply) {
        return Err(failure(table, &error, reply));
    }
    // Graph says what is wrong; a bare status comes from somebody in between.
    reply.json().filter(|_| reply.is_success()).ok_or_else(|| PlatformError::unreadable(reply))
}

/// The error of something that a status tells by its code alone, as `2207026`.
pub(in crate::platform) fn code_of(table: ErrorTable, code: &str, reply: &Reply) -> PlatformError {
    let table = [table, SHARED]
        .into_iter()
        .find(|table| table.iter().any(|(known, ..)| *known == code))
        .unwrap_or_default();
    PlatformError::sort(table, Some(code), None, reply)
}

/// An hour: how long to leave an object alone that Graph calls unknown, in all.
pub(in crate::platform) const HIDDEN_HORIZON: Duration = Duration::from_hours(1);

/// Sorts the error of a token endpoint by who can do something about it.
pub(in crate::platform) fn oauth_error(error: &GraphError, reply: &Reply) -> OAuthError {
    let kind = match error.code {
        190 | 102 | 10 | 200..=299 => OAuthErrorKind::GrantEnded,
        _ if reply.status >= 500 => OAuthErrorKind::Later,
        // Wrong secrets and parameters stand among the transient: no account is to blame for either.
        100 | 101 | 3 => OAuthErrorKind::Operator,
        _ => OAuthErrorKind::Later,
    };
    let code = error.error_subcode.map_or(error.code.to_string(), |sub| format!("{}/{sub}", error.code));
    OAuthError { code, kind }
}
