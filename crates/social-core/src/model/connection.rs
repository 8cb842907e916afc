//! An authorization request in progress: the data that the callback needs from connect.

use crate::model::{AccountId, OwnerId, PlatformId};
use crate::secret::CodeVerifier;

/// A path on our own site to return to. No other value is possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/integrations".to_owned())
    }
}

impl ReturnTo {
    /// 512: room for any page of a product, none for abuse.
    const MOST: usize = 512;

    /// Accepts a path that begins with one slash. It may have no host, backslash, control character or
    /// encoded slash, no empty or dot segment, and no query or fragment of its own.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b));
        let inner = path.strip_prefix('/')?;
        // A browser resolves dot segments, and two slashes begin a host (RFC 3986 §5.2.4, §4.2).
        let is_segment = |segment: &str| !segment.is_empty() && segment != "." && !segment.starts_with("..");
        let ours = inner.is_empty() || inner.strip_suffix('/').unwrap_or(inner).split('/').all(is_segment);
        (plain && ours && path.len() <= Self::MOST).then(|| Self(path.to_owned()))
    }

    /// Returns the path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The state row's data between the authorization request and its response.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The user who connects an account.
    pub owner: OwnerId,
    /// The platform.
    pub platform: PlatformId,
    /// The redirect URI that was sent, to be repeated byte for byte.
    pub redirect_uri: String,
    /// PKCE's secret half, if the platform supports PKCE.
    pub code_verifier: Option<CodeVerifier>,
    /// SHA-256 of the value in the cookie of the user's browser.
    pub cookie_hash: Vec<u8>,
    /// The page to return to.
    pub return_to: ReturnTo,
    /// The account to reconnect, if it is not a new one.
    pub reconnects: Option<AccountId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_path_of_our_own_site_is_returned_to() {
        for good in
            ["/integrations", "/settings/social-accounts", "/", "/settings/", "/.well-known/x", "/a.b"]
        {
            assert!(ReturnTo::parse(good).is_some(), "{good}");
        }
        let bad = [
            "",
            "integrations",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/%2F/evil.example",
            "/a\r\nb",
            "/a?x=1",
            "/a#b",
            "/../admin",
            "/.//evil.example",
            "/./evil.example",
            "/a//evil.example",
            "/a/.",
            "/a/..",
            "/a//",
            "/.",
            "/a b",
        ];
        for bad in bad {
            assert!(ReturnTo::parse(bad).is_none(), "{bad}");
        }
    }
}
