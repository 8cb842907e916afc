//! The published keys of an issuer, fetched when needed, and kept during the issuer's outages.
//!
//! Only a set that was read completely replaces the known one. Requests share one fetch, and wait for it only
//! if no known key matches. Neither an issuer's outage nor bad tokens can sign users out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Method, header};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::key::Key;
use super::refusal::{Denied, Refusal};
use super::token::Token;
use super::warnings::Warnings;
use crate::clock::{Clock, Deadline, Timestamp, between};
use crate::http::{Call, Effect, Http, SendError};

/// 30 s: the shortest pause between two fetches caused by tokens that no known key has signed.
const COOLDOWN: Duration = Duration::from_secs(30);
/// Ten minutes: how long a key that its issuer has withdrawn may still be accepted.
const MOST_AGE: Duration = Duration::from_mins(10);
/// 5 s: a user waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);
/// 16: no issuer has more keys for one algorithm, and each takes time to try.
const MOST_TRIED: usize = 16;
/// Some firewalls reject requests without a user agent.
const USER_AGENT: &str = concat!("social-publisher/", env!("CARGO_PKG_VERSION"));

/// A published set (RFC 7517 §5).
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

/// Explains why a fetch returned no keys.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{0}, or no complete response within 5 s and 1 MiB")]
    Unreachable(SendError),
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("the response is not a JSON object with keys (RFC 7517)")]
    Unreadable,
}

impl Trouble {
    fn cause(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Status(_) => "jwks_unreachable",
            Self::Unreadable => "jwks_unreadable",
        }
    }
}

/// The keys of a complete response.
pub(super) struct Fetched {
    /// Those that can verify a signature.
    pub(super) keys: Vec<Key>,
    /// The time, by the clock of the issuer's server.
    pub(super) date: Option<Timestamp>,
}

/// The result of checking a token with the known keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// One of them has signed it.
    Signed,
    /// It names one of them, which has not signed it.
    Forged,
    /// It may be signed with a key that is not known yet.
    Unknown,
}

/// The known keys of an issuer.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The last set that was read.
    keys: Arc<[Key]>,
    /// When it was read.
    read_at: Option<Timestamp>,
    /// How many fetches have ended, successful or not.
    looks: u64,
    /// When the last one ended.
    looked_at: Option<Timestamp>,
    /// How many have failed since the last success.
    failures: u32,
}

impl Known {
    fn judge(&self, token: &Token<'_>, algorithm: Algorithm) -> Verdict {
        let fitting = || self.keys.iter().filter(|key| key.is_for(algorithm));
        let is_named = |key: &&Key| key.kid.is_some() && key.kid == token.kid;
        // `kid` is optional on both sides (RFC 7515 §4.1.4).
        let unnamed = fitting().filter(|key| key.kid.is_none() || token.kid.is_none());
        let mut tried = fitting().filter(is_named).chain(unnamed).take(MOST_TRIED);
        if tried.any(|key| key.has_signed(token, algorithm)) {
            Verdict::Signed
        } else if fitting().any(|key| is_named(&key)) {
            Verdict::Forged
        } else {
            Verdict::Unknown
        }
    }

    /// Reports whether to fetch the keys before a token is checked.
    fn is_due(&self, verdict: Verdict, now: Timestamp) -> bool {
        let Some(looked_at) = self.looked_at else { return true };
        if between(looked_at, now) < self.pause() {
            return false;
        }
        let is_old = || self.read_at.is_none_or(|at| between(at, now) >= MOST_AGE);
        match verdict {
            Verdict::Unknown => self.failures > 0 || between(looked_at, now) >= COOLDOWN,
            Verdict::Signed | Verdict::Forged => is_old(),
        }
    }

    /// Returns the pause after failures: 1 s, then 2, 4, 8 and 16.
    fn pause(&self) -> Duration {
        match self.failures {
            0 => Duration::ZERO,
            failures => Duration::from_secs(1 << failures.min(5).saturating_sub(1)),
        }
    }

    fn answer(
        &self,
        verdict: Verdict,
        token: &Token<'_>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Result<(), Denied> {
        match verdict {
            Verdict::Signed => Ok(()),
            Verdict::Forged => Err(Refusal::Signature.into()),
            // It may be signed with a new key.
            Verdict::Unknown if self.failures > 0 => {
                let waited = self.looked_at.map(|at| between(at, now)).unwrap_or_default();
                Err(Denied::Unavailable(whole_seconds(self.pause().saturating_sub(waited))))
            }
            Verdict::Unknown => {
                let algorithm = format!("{algorithm:?}");
                Err(Denied::Refused(match token.kid.clone() {
                    Some(kid) => Refusal::UnknownKey { algorithm, kid },
                    None => Refusal::NoKey { algorithm },
                }))
            }
        }
    }
}

/// An issuer's keys.
#[derive(Debug)]
pub(super) struct KeySet {
    url: Url,
    http: Http,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
    /// Locked during a fetch.
    flight: tokio::sync::Mutex<()>,
    warnings: Warnings,
}

impl KeySet {
    pub(super) fn new(url: Url, http: Http, clock: Arc<dyn Clock>) -> Self {
        let (known, flight) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { url, http, clock, known, flight, warnings: Warnings::default() }
    }

    /// Checks that one of the issuer's keys has signed a token.
    pub(super) async fn verify(&self, token: &Token<'_>, algorithm: Algorithm) -> Result<(), Denied> {
        let known = self.known();
        let verdict = known.judge(token, algorithm);
        if !known.is_due(verdict, self.clock.now()) {
            return known.answer(verdict, token, algorithm, self.clock.now());
        }
        let flight = match (verdict, self.flight.try_lock()) {
            (_, Ok(flight)) => flight,
            (Verdict::Signed, Err(_)) => return Ok(()),
            (Verdict::Forged | Verdict::Unknown, Err(_)) => self.flight.lock().await,
        };
        // A request that waited for another's fetch uses its outcome.
        if self.known().looks == known.looks {
            self.look().await;
        }
        drop(flight);
        let known = self.known();
        known.answer(known.judge(token, algorithm), token, algorithm, self.clock.now())
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Fetches the keys, and records the outcome.
    async fn look(&self) {
        let fetched = self.fetch().await;
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.looks = known.looks.wrapping_add(1);
        known.looked_at = Some(now);
        match fetched {
            Ok(Fetched { keys, .. }) => {
                known.keys = keys.into();
                known.read_at = Some(now);
                known.failures = 0;
            }
            Err(trouble) => {
                known.failures = known.failures.saturating_add(1);
                self.warn(&trouble, now);
            }
        }
    }

    /// Fetches the keys, and changes nothing.
    pub(super) async fn fetch(&self) -> Result<Fetched, Trouble> {
        let call = Call::new(Method::GET, self.url.clone(), Effect::Read)
            .header(header::USER_AGENT, USER_AGENT)
            .timeout(TIMEOUT);
        let deadline = Deadline::after(self.clock.now(), TIMEOUT);
        let reply = self.http.send(call, None, deadline).await.map_err(Trouble::Unreachable)?;
        if !reply.is_success() {
            return Err(Trouble::Status(reply.status));
        }
        let published: Published = reply.json().ok_or(Trouble::Unreadable)?;
        // No issuer signs without keys. An empty set is a mistake, and no reason to sign every user out.
        if published.keys.is_empty() {
            return Err(Trouble::Unreadable);
        }
        Ok(Fetched { keys: published.keys.iter().filter_map(Key::read).collect(), date: reply.date() })
    }

    fn warn(&self, trouble: &Trouble, now: Timestamp) {
        let (cause, host) = (trouble.cause(), self.url.host_str().unwrap_or_default());
        if self.warnings.is_due(cause, now) {
            tracing::warn!(
                error.code = cause,
                http.host = host,
                "the keys at AUTH_JWKS_URL can't be fetched: {trouble}"
            );
        }
    }
}

/// Returns a pause for `Retry-After`: rounded up, and at least one second.
fn whole_seconds(pause: Duration) -> Duration {
    let begun = u64::from(pause.subsec_nanos() > 0);
    Duration::from_secs(pause.as_secs().saturating_add(begun).max(1))
}
