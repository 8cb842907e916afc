//! How a platform does OAuth 2.0: data, not code, and the readings every platform shares.

use std::time::Duration;

use serde::Deserialize;

use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect, Reply};
use crate::model::{AccountMetadata, Grant};
use crate::secret::{AccessToken, AuthorizationCode, CodeVerifier, FormValue, RefreshToken};

/// How a platform wants PKCE's challenge (RFC 7636 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// Not at all.
    No,
    /// BASE64URL(SHA-256(verifier)), as the RFC says.
    S256,
    /// Lower-case hex of SHA-256(verifier), as TikTok says.
    S256Hex,
}

/// A platform's authorization server, as data.
#[derive(Debug, Clone, Copy)]
pub struct OAuthProfile {
    /// The variable with the base URL of the consent page, and its path.
    pub authorize: (&'static str, &'static str),
    /// The variable with the base URL of the token endpoint, and its path.
    pub token: (&'static str, &'static str),
    /// The same of the revocation endpoint (RFC 7009), and the parameter the token goes by.
    pub revoke: Option<(&'static str, &'static str)>,
    /// What the platform calls `client_id`.
    pub client_id: &'static str,
    /// The scopes to ask for, unless the variable beside them lists others.
    pub scopes: &'static [&'static str],
    /// The variable that may list other scopes.
    pub scopes_var: &'static str,
    /// What stands between two scopes.
    pub separator: char,
    /// Groups of scopes: of each, at least one must be granted for the account to be of use.
    pub needed: &'static [&'static [&'static str]],
    /// How PKCE is done.
    pub pkce: Pkce,
    /// Further parameters of the authorization request.
    pub extra: &'static [(&'static str, &'static str)],
}

/// What a token request offers (RFC 6749 §4.1.3 and §6).
#[derive(Debug)]
pub enum TokenGrant<'a> {
    /// The code of an authorization response.
    Code {
        /// The code, URL-decoded exactly once.
        code: &'a AuthorizationCode,
        /// The redirect URI of the authorization request.
        redirect_uri: &'a str,
        /// PKCE's secret half, if a challenge was sent.
        verifier: Option<&'a CodeVerifier>,
    },
    /// A refresh token.
    Refresh(&'a RefreshToken),
}

/// An account the grant opens, as the platform tells of it.
#[derive(Debug, Clone)]
pub struct RemoteAccount {
    /// Its id at the platform.
    pub id: String,
    /// Its handle.
    pub username: Option<String>,
    /// What else the platform tells.
    pub metadata: AccountMetadata,
}

/// Sorts the errors of a token endpoint by who can do something about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthErrorKind {
    /// The code or refresh token is spent, expired or revoked: only its owner's consent helps.
    GrantEnded,
    /// Our client or its settings are at fault: the operator must act, no account is to blame.
    Operator,
    /// The person or the platform declined.
    Denied,
    /// The platform's trouble: try later.
    Later,
}

/// An error of a token endpoint (RFC 6749 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} from the token endpoint")]
pub struct OAuthError {
    /// The RFC's code, or ours when none could be read.
    pub code: String,
    /// Who can do something about it.
    pub kind: OAuthErrorKind,
}

/// The codes of RFC 6749 §4.1.2.1 and §5.2 with who can act and a sentence for that person.
pub(super) const OAUTH_ERRORS: &[(&str, OAuthErrorKind, &str)] = &[
    (
        "invalid_request",
        OAuthErrorKind::Operator,
        "The platform finds our request malformed; check the redirect URI in its portal against ours.",
    ),
    ("invalid_grant", OAuthErrorKind::GrantEnded, "The permission has ended. Connect the account again."),
    (
        "invalid_client",
        OAuthErrorKind::Operator,
        "The platform does not accept the app's key or secret; the operator must check both.",
    ),
    (
        "unauthorized_client",
        OAuthErrorKind::Operator,
        "The app is not approved for this at the platform; the operator must check its status.",
    ),
    (
        "invalid_scope",
        OAuthErrorKind::Operator,
        "The app asks for a scope it is not approved for; the operator must shorten the list of scopes or have it approved.",
    ),
    (
        "unsupported_grant_type",
        OAuthErrorKind::Operator,
        "The platform does not offer this grant to the app; the operator must check the app's products.",
    ),
    (
        "unsupported_response_type",
        OAuthErrorKind::Operator,
        "The platform does not offer the code flow to the app; the operator must check the app's products.",
    ),
    (
        "access_denied",
        OAuthErrorKind::Denied,
        "The permission was not given. Connect again and allow it to publish.",
    ),
    ("server_error", OAuthErrorKind::Later, "The platform is having trouble. Try again in a few minutes."),
    (
        "temporarily_unavailable",
        OAuthErrorKind::Later,
        "The platform is overloaded. Try again in a few minutes.",
    ),
];

#[derive(Deserialize)]
struct TokenBody {
    #[serde(default)]
    access_token: String,
    refresh_token: Option<String>,
    expires_in: Option<u64>,
    refresh_expires_in: Option<u64>,
    scope: Option<String>,
    open_id: Option<String>,
    #[serde(default)]
    error: String,
}

impl OAuthProfile {
    /// The scopes to ask for.
    #[must_use]
    pub fn scopes_of(&self, settings: &PlatformSettings) -> Vec<String> {
        let configured = settings.list(self.scopes_var);
        if configured.is_empty() {
            self.scopes.iter().map(|scope| (*scope).to_owned()).collect()
        } else {
            configured.to_vec()
        }
    }

    /// Whether what was granted makes the account of use.
    #[must_use]
    pub fn suffices(&self, granted: &[String]) -> bool {
        self.needed.iter().all(|group| group.iter().any(|scope| granted.iter().any(|given| given == scope)))
    }

    /// The token request.
    #[must_use]
    pub fn token_call(&self, settings: &PlatformSettings, grant: &TokenGrant<'_>) -> Call {
        let mut form = self.client_fields(settings);
        match grant {
            TokenGrant::Code { code, redirect_uri, verifier } => {
                form.push(("grant_type", FormValue::new("authorization_code")));
                form.push(("code", FormValue::new(code.expose())));
                form.push(("redirect_uri", FormValue::new(*redirect_uri)));
                if let Some(verifier) = verifier {
                    form.push(("code_verifier", FormValue::new(verifier.expose())));
                }
            }
            TokenGrant::Refresh(token) => {
                form.push(("grant_type", FormValue::new("refresh_token")));
                form.push(("refresh_token", FormValue::new(token.expose())));
            }
        }
        let (base, path) = self.token;
        let call =
            Call::new(http::Method::POST, settings.url(base, path), Effect::Once).body(Body::Form(form));
        // 10 s: the person is waiting at a blank popup.
        Call { timeout: Duration::from_secs(10), ..call }
    }

    /// The revocation request, where the platform has one.
    #[must_use]
    pub fn revoke_call(&self, settings: &PlatformSettings, token: &AccessToken) -> Option<Call> {
        let (base, path) = self.revoke?;
        let mut form = self.client_fields(settings);
        form.push(("token", FormValue::new(token.expose())));
        let call = Call::new(http::Method::POST, settings.url(base, path), Effect::Idempotent)
            .body(Body::Form(form));
        Some(Call { timeout: Duration::from_secs(10), ..call })
    }

    fn client_fields(&self, settings: &PlatformSettings) -> Vec<(&'static str, FormValue)> {
        vec![
            (self.client_id, FormValue::new(settings.client_id.as_str())),
            ("client_secret", FormValue::new(settings.client_secret.expose())),
        ]
    }

    /// Reads a token response. Success is an access token and no error, whatever the HTTP status: TikTok
    /// documents none for its errors.
    pub fn read_grant(&self, reply: &Reply) -> Result<Grant, OAuthError> {
        let Some(body) = reply.json::<TokenBody>() else {
            return Err(OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later });
        };
        if body.access_token.is_empty() || !body.error.is_empty() {
            let known = OAUTH_ERRORS.iter().find(|(code, ..)| *code == body.error);
            return Err(match known {
                Some((code, kind, _)) => OAuthError { code: (*code).to_owned(), kind: *kind },
                None if reply.status >= 500 || reply.status == 429 => {
                    OAuthError { code: format!("http_{}", reply.status), kind: OAuthErrorKind::Later }
                }
                // An unknown refusal must not end a grant: the operator looks, the account stays.
                None => OAuthError { code: "unknown_error".to_owned(), kind: OAuthErrorKind::Operator },
            });
        }
        let scopes = body.scope.unwrap_or_default();
        Ok(Grant {
            access_token: AccessToken::new(body.access_token),
            refresh_token: body.refresh_token.filter(|token| !token.is_empty()).map(RefreshToken::new),
            expires_in: body.expires_in.map(Duration::from_secs),
            refresh_expires_in: body.refresh_expires_in.map(Duration::from_secs),
            scopes: scopes
                .split([self.separator, ' '])
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            remote_id: body.open_id.filter(|id| !id.is_empty()),
        })
    }
}
