//! Issues codes and tokens, and ends them.

use super::envelope::Refusal;
use super::grant::{Access, Caller, Code, Refresh};
use super::world::World;
use crate::clock::SECOND;
use crate::random;

/// How many ended tokens are kept before they are removed.
const DEAD: usize = 1_024;

impl World {
    /// Returns a code in TikTok's format, with characters that a form must escape.
    pub(super) fn issue_code(&mut self, mut code: Code, now: i64) -> String {
        code.expires_at = now.saturating_add(i64::from(self.limits.code_seconds) * SECOND);
        self.codes.retain(|_, code| code.expires_at > now);
        let text = format!("{}_*0!{}.s1", random::text(48), 1_000 + random::below(9_000));
        self.codes.insert(text.clone(), code);
        text
    }

    /// Returns a new pair of tokens: access, then refresh.
    pub(super) fn issue_tokens(&mut self, open_id: &str, scopes: &[String], now: i64) -> (String, String) {
        let refresh = format!("rft.{}!{}.s1", random::text(56), 1_000 + random::below(9_000));
        let expires_at = now.saturating_add(i64::from(self.limits.refresh_token_seconds) * SECOND);
        let meaning = Refresh { open_id: open_id.into(), scopes: scopes.into(), expires_at };
        self.refresh.insert(refresh.clone(), meaning);
        (self.issue_access(open_id, scopes, now), refresh)
    }

    pub(super) fn issue_access(&mut self, open_id: &str, scopes: &[String], now: i64) -> String {
        if self.access.len() >= DEAD && self.access.len().is_multiple_of(DEAD) {
            self.access.retain(|_, access| access.expires_at > now);
            self.refresh.retain(|_, refresh| refresh.expires_at > now);
        }
        let text = format!("act.{}!{}.s1", random::text(56), 1_000 + random::below(9_000));
        let expires_at = now.saturating_add(i64::from(self.limits.access_token_seconds) * SECOND);
        let meaning = Access { open_id: open_id.into(), scopes: scopes.into(), expires_at };
        self.access.insert(text.clone(), meaning);
        text
    }

    pub(super) fn caller(&self, token: Option<&str>, now: i64) -> Result<Caller, Refusal> {
        let known = token.and_then(|token| Some((token, self.access.get(token)?)));
        match known {
            Some((token, access)) if access.expires_at > now => Ok(Caller {
                open_id: access.open_id.clone(),
                token: token.into(),
                scopes: access.scopes.clone(),
            }),
            Some(_) | None => Err(Refusal::new(
                401,
                "access_token_invalid",
                "The access token is invalid or not found in the request.",
            )),
        }
    }

    /// Returns the scopes that the creator has granted and not revoked, over all valid tokens.
    pub(super) fn granted(&self, open_id: &str, now: i64) -> Vec<&str> {
        let living = self.refresh.values().filter(|grant| grant.open_id == open_id && grant.expires_at > now);
        living.flat_map(|grant| &grant.scopes).map(String::as_str).collect()
    }

    /// Ends all tokens of a creator; publications in processing fail.
    pub(crate) fn revoke(&mut self, open_id: &str) {
        self.access.retain(|_, access| access.open_id != open_id);
        self.refresh.retain(|_, refresh| refresh.open_id != open_id);
        self.codes.retain(|_, code| code.open_id != open_id);
        let Some(account) = self.accounts.get(open_id) else { return };
        for id in &account.publications {
            if let Some(publication) = self.publications.get_mut(id) {
                publication.doom("auth_removed");
            }
        }
    }
}
