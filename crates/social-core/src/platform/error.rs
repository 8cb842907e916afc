//! Errors of a platform, sorted by what to do next.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::Reply;
use crate::http::lenient::{self, Unreadable};
use crate::model::{HeldReason, HoldScope, Window};

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Repeat the step later: after the platform's own pause, otherwise with backoff.
    Retry {
        /// The pause that the platform requested.
        after: Option<Duration>,
    },
    /// A quota or pause has to end first: results are held, and nothing fails.
    Hold {
        /// Why.
        reason: HeldReason,
        /// How long, unless the response says otherwise.
        window: Window,
        /// Which other results are held with it.
        scope: HoldScope,
    },
    /// The access token is rejected: refresh it once.
    RefreshToken,
    /// The grant has ended: its owner must reconnect the account.
    Reconnect,
    /// The owner can change something and retry.
    UserFixable,
    /// A retry cannot help.
    Permanent,
    /// The response does not tell whether the call took effect.
    Ambiguous,
}

/// An error response of a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP {status}, log id {})", log_id.as_deref().unwrap_or("none"))]
pub struct PlatformError {
    /// The stable code: the platform's own if its table has it.
    pub code: String,
    /// The HTTP status it came with.
    pub status: u16,
    /// What to do.
    pub disposition: Disposition,
    /// Our sentence for the owner.
    pub message: &'static str,
    /// The platform's id of the call.
    pub log_id: Option<String>,
}

/// A documented code of a platform, with its disposition and a sentence that the owner can act on.
pub type ErrorRow = (&'static str, Disposition, &'static str);

/// The documented codes of a platform. They are matched whole, never by substring.
pub type ErrorTable = &'static [ErrorRow];

/// 60 s: the pause after "too fast" from a platform that names no pause.
pub(super) const UNNAMED_PAUSE: Duration = Duration::from_mins(1);

/// 5 s: the pause after "too fast" from a platform that names a shorter one.
const SHORTEST_HOLD: Duration = Duration::from_secs(5);

impl PlatformError {
    /// Sorts a response: by the platform's table first, by the HTTP status second.
    ///
    /// A code in the table keeps its disposition, with the response's own pause if it names one. Text from
    /// the platform reaches neither users nor logs. They get the code and our own sentence.
    #[must_use]
    pub fn sort(table: ErrorTable, code: Option<&str>, log_id: Option<String>, reply: &Reply) -> Self {
        let pause = reply.retry_after();
        let known = code.and_then(|code| table.iter().find(|(known, ..)| *known == code));
        let (code, disposition, message) = match (known, code) {
            (Some((code, disposition, message)), _) => {
                let disposition = match *disposition {
                    Disposition::Retry { after } => Disposition::Retry { after: pause.or(after) },
                    Disposition::Hold { reason, window: Window::For(time), scope } => {
                        let window = Window::For(pause.unwrap_or(time).max(SHORTEST_HOLD));
                        Disposition::Hold { reason, window, scope }
                    }
                    other => other,
                };
                ((*code).to_owned(), disposition, *message)
            }
            (None, code) => {
                let (disposition, message) = by_status(reply.status, pause);
                (
                    code.filter(|code| is_plain(code))
                        .map_or_else(|| format!("http_{}", reply.status), str::to_owned),
                    disposition,
                    message,
                )
            }
        };
        Self { code, status: reply.status, disposition, message, log_id }
    }

    /// Decodes a response. The log names a missing required member.
    pub(super) fn reading<T: DeserializeOwned>(reply: &Reply) -> Result<T, Self> {
        reply.read().map_err(|why| Self::lacking(reply, &why))
    }

    /// Decodes a part of a response.
    pub(super) fn reading_from<T: DeserializeOwned>(part: Value, reply: &Reply) -> Result<T, Self> {
        lenient::from_value(part).map_err(|why| Self::lacking(reply, &why))
    }

    fn lacking(reply: &Reply, why: &Unreadable) -> Self {
        let status = reply.status;
        tracing::warn!(http.status = status, "a response with HTTP {status} cannot be read: {why}");
        Self::unreadable(reply)
    }

    /// Returns the error for an undecodable response: an HTML page, half a JSON text, or a missing required
    /// member. Another server may have responded in the platform's place. So it counts like a lost response,
    /// unless it says "too fast".
    #[must_use]
    pub fn unreadable(reply: &Reply) -> Self {
        let (disposition, message) = match reply.status {
            429 => by_status(429, reply.retry_after()),
            _ => (Disposition::Ambiguous, "We couldn't read the platform's response. Try again later."),
        };
        Self { code: "unreadable_reply".to_owned(), status: reply.status, disposition, message, log_id: None }
    }
}

/// Reports whether a code may be stored and shown: a platform's text must not pass as a code.
fn is_plain(code: &str) -> bool {
    (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./:".contains(&b))
}

fn by_status(status: u16, pause: Option<Duration>) -> (Disposition, &'static str) {
    match (status, pause) {
        (429, pause) => (
            Disposition::Hold {
                reason: HeldReason::RateLimit,
                window: Window::For(pause.unwrap_or(UNNAMED_PAUSE).max(SHORTEST_HOLD)),
                scope: HoldScope::Account,
            },
            "The platform asked us to slow down for a while.",
        ),
        (401, _) => (
            Disposition::RefreshToken,
            "The platform no longer accepts our access to this account. Reconnect the account.",
        ),
        (500.., Some(pause)) => {
            (Disposition::Retry { after: Some(pause) }, "The platform is having problems. Try again later.")
        }
        (500.., None) => (Disposition::Ambiguous, "The platform is having problems. Try again later."),
        (408, pause) => {
            (Disposition::Retry { after: pause }, "The platform took too long to respond. Try again later.")
        }
        _ => (
            Disposition::Permanent,
            "The platform refused with a code we don't know. Contact support and quote the code.",
        ),
    }
}
