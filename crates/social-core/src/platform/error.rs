//! What went wrong at a platform, sorted by what to do next.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::http::Reply;
use crate::http::lenient::{self, Unreadable};
use crate::model::{HeldReason, HoldScope, Window};

/// What to do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// The same step later: after the platform's own pause, else with backoff.
    Retry {
        /// The pause the platform asked for.
        after: Option<Duration>,
    },
    /// A window has to pass first: results are held, and nothing fails.
    Hold {
        /// Why.
        reason: HeldReason,
        /// For how long, unless the reply says otherwise.
        window: Window,
        /// What else is held with it.
        scope: HoldScope,
    },
    /// The access token is not accepted: refresh it once.
    RefreshToken,
    /// The grant has ended: its owner must connect the account again.
    Reconnect,
    /// The owner can change something and try again.
    UserFixable,
    /// Trying again cannot help.
    Permanent,
    /// Whether it took effect cannot be told from the reply.
    Ambiguous,
}

/// An error a platform answered with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} (HTTP {status}, log id {})", log_id.as_deref().unwrap_or("none"))]
pub struct PlatformError {
    /// The stable code: the platform's own where it is in its table.
    pub code: String,
    /// The HTTP status it came with.
    pub status: u16,
    /// What to do.
    pub disposition: Disposition,
    /// Our sentence for the owner.
    pub message: &'static str,
    /// The platform's name for the call.
    pub log_id: Option<String>,
}

/// A platform's documented codes, each with its disposition and a sentence its owner can act on. Matched
/// whole, never by substring.
pub type ErrorTable = &'static [(&'static str, Disposition, &'static str)];

/// 60 s: what a platform that names no pause is given after saying "too fast".
pub(super) const UNNAMED_PAUSE: Duration = Duration::from_mins(1);

/// 5 s: a platform that says "too fast" and names less is given this.
const SHORTEST_HOLD: Duration = Duration::from_secs(5);

impl PlatformError {
    /// Sorts a reply: the platform's table first, the HTTP status second.
    ///
    /// A code in the table keeps its disposition, with the reply's own pause where it names one. Platform text
    /// goes neither to users nor to logs: the code does, and our own sentence.
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

    /// Reads what a reply must hold. What it lacks stands in the log.
    pub(super) fn reading<T: DeserializeOwned>(reply: &Reply) -> Result<T, Self> {
        reply.read().map_err(|why| Self::lacking(reply, &why))
    }

    /// Reads what a part of a reply must hold.
    pub(super) fn reading_from<T: DeserializeOwned>(part: Value, reply: &Reply) -> Result<T, Self> {
        lenient::from_value(part).map_err(|why| Self::lacking(reply, &why))
    }

    fn lacking(reply: &Reply, why: &Unreadable) -> Self {
        let status = reply.status;
        tracing::warn!(http.status = status, "a reply with HTTP {status} cannot be read: {why}");
        Self::unreadable(reply)
    }

    /// The error of a reply that should have been readable and was not: an HTML page, half a JSON text, or one
    /// without what it must hold. Somebody else may have answered in the platform's place, so it is as unclear as no
    /// reply, unless it says "too fast".
    #[must_use]
    pub fn unreadable(reply: &Reply) -> Self {
        let (disposition, message) = match reply.status {
            429 => by_status(429, reply.retry_after()),
            _ => (Disposition::Ambiguous, "We couldn't read the platform's response. Try again later."),
        };
        Self { code: "unreadable_reply".to_owned(), status: reply.status, disposition, message, log_id: None }
    }
}

/// A code fit to be stored and shown: a platform's text must not travel as one.
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
