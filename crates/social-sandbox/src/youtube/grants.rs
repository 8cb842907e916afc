//! Issues codes and tokens, and ends them.

use super::app::Publishing;
use super::envelope::Refusal;
use super::grant::{Caller, Code, Holder, Token};
use super::world::World;
use crate::clock::{DAY, SECOND};
use crate::random;

/// How many ended access tokens are kept before they are removed.
const DEAD: usize = 1_024;

/// How many refresh tokens one person and client may have. The oldest ends without notice (Google, "OAuth 2.0
/// overview", refresh token expiration).
const MOST_REFRESH_TOKENS: usize = 100;

/// How long a grant is valid while the consent screen is in "Testing".
const TESTING: i64 = 7 * DAY;

impl World {
    pub(super) fn issue_code(&mut self, mut code: Code, now: i64) -> String {
        code.expires_at = now.saturating_add(i64::from(self.limits.code_seconds) * SECOND);
        self.codes.retain(|_, code| code.expires_at > now);
        // With the slash of Google's codes, which a query must escape.
        let text = format!("4/0A{}", random::text(68));
        self.codes.insert(text.clone(), code);
        text
    }

    pub(super) fn issue_access(&mut self, holder: &Holder, now: i64) -> String {
        if self.access.len() >= DEAD && self.access.len().is_multiple_of(DEAD) {
            self.access.retain(|_, token| token.lives(now));
        }
        let text = format!("ya29.{}", random::text(160));
        let expires_at = now.saturating_add(i64::from(self.limits.access_token_seconds) * SECOND);
        let token = self.token(holder, Some(expires_at));
        self.access.insert(text.clone(), token);
        text
    }

    pub(super) fn issue_refresh(&mut self, holder: &Holder, publishing: Publishing, now: i64) -> String {
        self.refresh.retain(|_, token| token.lives(now));
        let own = self.refresh.iter().filter(|(_, token)| token.holder.sub == holder.sub);
        if own.clone().count() >= MOST_REFRESH_TOKENS {
            let oldest = own.min_by_key(|(_, token)| token.issued).map(|(text, _)| text.clone());
            self.refresh.remove(&oldest.unwrap_or_default());
        }
        let text = format!("1//0g{}", random::text(90));
        let expires_at = match publishing {
            Publishing::Testing => Some(now.saturating_add(TESTING)),
            Publishing::Production => None,
        };
        let token = self.token(holder, expires_at);
        self.refresh.insert(text.clone(), token);
        text
    }

    fn token(&mut self, holder: &Holder, expires_at: Option<i64>) -> Token {
        self.issued = self.issued.saturating_add(1);
        Token { holder: holder.clone(), expires_at, issued: self.issued }
    }

    pub(super) fn living_refresh(&self, text: &str, now: i64) -> Option<&Token> {
        self.refresh.get(text).filter(|token| token.lives(now))
    }

    pub(super) fn caller(&self, token: Option<&str>, now: i64) -> Result<Caller, Refusal> {
        let refused = |reason, message| Err(Refusal::new(401, reason, message).in_domain("global"));
        let Some(token) = token else {
            return refused("required", "Request is missing required authentication credential.");
        };
        match self.access.get(token) {
            Some(known) if known.lives(now) => {
                Ok(Caller { channel: known.holder.channel.clone(), scopes: known.holder.scopes.clone() })
            }
            Some(_) | None => refused("authError", "Request had invalid authentication credentials."),
        }
    }

    /// Returns the scopes that a person has granted for this channel and not revoked.
    pub(super) fn granted(&self, sub: &str, channel: Option<&str>, now: i64) -> Vec<&str> {
        let living = self.refresh.values().chain(self.access.values()).filter(|token| token.lives(now));
        let own =
            living.filter(|token| token.holder.sub == sub && token.holder.channel.as_deref() == channel);
        own.flat_map(|token| &token.holder.scopes).map(String::as_str).collect()
    }

    /// Ends all tokens of a person: a revocation affects all of their channels.
    pub(crate) fn revoke(&mut self, sub: &str) {
        self.access.retain(|_, token| token.holder.sub != sub);
        self.refresh.retain(|_, token| token.holder.sub != sub);
        self.codes.retain(|_, code| code.holder.sub != sub);
    }
}

/// Expires those tokens that are of this channel and valid.
pub(super) fn expire<'a>(tokens: impl Iterator<Item = &'a mut Token>, channel: &str, now: i64) {
    for token in tokens.filter(|token| token.holder.channel.as_deref() == Some(channel)) {
        token.expires_at = Some(token.expires_at.unwrap_or(now).min(now));
    }
}
