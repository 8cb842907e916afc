//! Codes and tokens: a person's grants to an app.

use super::envelope::Refusal;
use crate::clock::SECOND;
use crate::random;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// How many ended tokens are kept before they are removed.
const DEAD: usize = 1_024;

/// The reason for a token's end: expired by age, revoked by the person, by a new password, or otherwise.
pub(crate) const EXPIRED: i64 = 463;

/// A one-time code for the first token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    /// The person who consented.
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    expires_at: i64,
}

/// The kind of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A user's, for an hour or two.
    Short,
    /// A user's, for sixty days.
    Long,
    /// A Page's.
    Page(String),
}

/// The data of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) kind: Kind,
    pub(crate) issued_at: i64,
    /// `None`: never.
    pub(crate) expires_at: Option<i64>,
    /// The subcode of its rejection, once it has ended for another reason than its age.
    ended: Option<i64>,
}

/// The caller.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) text: String,
    pub(crate) token: Token,
}

/// All codes and tokens of one platform.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    /// The scopes that each user has granted, whatever tokens there are; a declined scope is `false`.
    granted: BTreeMap<String, BTreeMap<String, bool>>,
}

impl Caller {
    /// Rejects a caller without this scope.
    pub(crate) fn needs(&self, scope: &str) -> Result<(), Refusal> {
        if self.token.scopes.iter().any(|granted| granted == scope) {
            return Ok(());
        }
        Err(Refusal::plain(
            10,
            &format!("(#10) Application does not have permission for this action: {scope}"),
        ))
    }
}

impl Grants {
    /// Records the granted and declined scopes, and returns a code.
    pub(crate) fn issue_code(
        &mut self,
        user: &str,
        asked: &[String],
        scopes: Vec<String>,
        redirect_uri: &str,
        expires_at: i64,
    ) -> String {
        let known = self.granted.entry(user.into()).or_default();
        for scope in asked {
            known.insert(scope.clone(), scopes.contains(scope));
        }
        let text = format!("AQ{}", random::text(64));
        let code = Code { user: user.into(), scopes, redirect_uri: redirect_uri.into(), expires_at };
        self.codes.insert(text.clone(), code);
        text
    }

    /// Removes a code: it was used, and is invalid from now on.
    pub(crate) fn take_code(&mut self, text: &str, now: i64) -> Option<Code> {
        self.codes.remove(text).filter(|code| code.expires_at > now)
    }

    pub(crate) fn owner_of_code(&self, text: &str) -> Option<&str> {
        self.codes.get(text).map(|code| code.user.as_str())
    }

    /// Returns a new token with this prefix.
    pub(crate) fn issue(
        &mut self,
        prefix: &str,
        user: &str,
        scopes: &[String],
        kind: Kind,
        now: i64,
        seconds: Option<u32>,
    ) -> String {
        if self.tokens.len() >= DEAD && self.tokens.len().is_multiple_of(DEAD) {
            self.tokens.retain(|_, token| token.expires_at.is_none_or(|at| at > now));
        }
        let expires_at = seconds.map(|seconds| now.saturating_add(i64::from(seconds) * SECOND));
        let token =
            Token { user: user.into(), scopes: scopes.into(), kind, issued_at: now, expires_at, ended: None };
        let text = format!("{prefix}{}", random::text(80));
        self.tokens.insert(text.clone(), token);
        text
    }

    pub(crate) fn owner_of(&self, text: &str) -> Option<&Token> {
        self.tokens.get(text)
    }

    /// Returns the caller of a token that is still valid.
    pub(crate) fn caller(&self, text: Option<&str>, now: i64) -> Result<Caller, Refusal> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            let message = "An access token is required to request this resource.";
            return Err(Refusal::plain(104, message));
        };
        let Some(token) = self.tokens.get(text) else {
            return Err(Refusal::token(None, "Invalid OAuth access token - Cannot parse access token"));
        };
        let expired = token.expires_at.is_some_and(|at| at <= now).then_some(EXPIRED);
        match token.ended.or(expired) {
            None => Ok(Caller { text: text.into(), token: token.clone() }),
            Some(subcode) => Err(Refusal::token(
                Some(subcode),
                "Error validating access token: The session has been invalidated or has expired.",
            )),
        }
    }

    /// Returns the scopes that a user has granted (`true`) and declined.
    pub(crate) fn permissions(&self, user: &str) -> impl Iterator<Item = (&str, bool)> {
        self.granted.get(user).into_iter().flatten().map(|(scope, granted)| (scope.as_str(), *granted))
    }

    /// Ends all tokens of a user, with the subcode of the reason; `expired` ones keep theirs.
    pub(crate) fn end(&mut self, user: &str, subcode: i64) {
        self.codes.retain(|_, code| code.user != user);
        self.granted.remove(user);
        for token in self.tokens.values_mut().filter(|token| token.user == user) {
            token.ended = token.ended.or(Some(subcode));
        }
    }

    /// Expires the valid tokens of a user, those of Pages too.
    pub(crate) fn expire(&mut self, user: &str, now: i64) {
        for token in self.tokens.values_mut().filter(|token| token.user == user) {
            token.expires_at = Some(token.expires_at.map_or(now, |at| at.min(now)));
        }
    }

    /// Revokes one scope, also from valid tokens; all Page tokens of the user lose it.
    pub(crate) fn withdraw(&mut self, user: &str, scope: &str) {
        if let Some(granted) = self.granted.get_mut(user) {
            granted.insert(scope.into(), false);
        }
        for token in self.tokens.values_mut().filter(|token| token.user == user) {
            token.scopes.retain(|granted| granted != scope);
        }
    }
}
