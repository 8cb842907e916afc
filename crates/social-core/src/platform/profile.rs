//! How a platform does OAuth 2.0: data, not code, and the requests that follow from it.

use std::time::Duration;

use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect};
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

/// What of our client goes with a request that trades an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientParts {
    /// Nothing: the token itself is proof enough.
    Nothing,
    /// The secret alone.
    Secret,
    /// Both the client's public name and the secret.
    IdAndSecret,
}

/// A request that trades an access token for one that lives longer: a grant type of Meta's own, sent as a GET.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// The variable with the base URL, and the path.
    pub endpoint: (&'static str, &'static str),
    /// The `grant_type`.
    pub grant_type: &'static str,
    /// The parameter the token goes by.
    pub token: &'static str,
    /// What of the client goes with it.
    pub client: ClientParts,
}

/// How a grant is kept alive.
#[derive(Debug, Clone, Copy)]
pub enum Renewal {
    /// By its refresh token (RFC 6749 §6).
    RefreshToken,
    /// By the access token itself, while it lives.
    AccessToken {
        /// The request.
        by: Extension,
        /// The age from which the platform renews it.
        from_age: Duration,
    },
    /// Not at all: it lives until somebody withdraws it.
    Never,
}

/// A platform's authorization server, as data.
#[derive(Debug, Clone, Copy)]
pub struct OAuthProfile {
    /// The variable with the base URL of the consent page, and its path.
    pub authorize: (&'static str, &'static str),
    /// The variable with the base URL of the token endpoint, and its path.
    pub token: (&'static str, &'static str),
    /// The same for what makes the token of a code one that lasts, where that takes another request.
    pub extension: Option<Extension>,
    /// How a grant is kept alive.
    pub renewal: Renewal,
    /// The same of the revocation endpoint (RFC 7009).
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

/// A grant that is to be given back.
#[derive(Debug, Clone, Copy)]
pub struct RevokedGrant<'a> {
    /// The access token; it may have died meanwhile.
    pub access_token: &'a AccessToken,
    /// The refresh token, where there is one.
    pub refresh_token: Option<&'a RefreshToken>,
    /// The person who gave it, where the platform told.
    pub granted_by: Option<&'a str>,
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

/// 10 s: the person is waiting at a blank popup.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

impl Extension {
    /// The request.
    #[must_use]
    pub fn call(&self, settings: &PlatformSettings, token: &AccessToken) -> Call {
        let mut parameters = vec![("grant_type", self.grant_type)];
        if self.client == ClientParts::IdAndSecret {
            parameters.push(("client_id", settings.client_id.as_str()));
        }
        if self.client != ClientParts::Nothing {
            parameters.push(("client_secret", settings.client_secret.expose()));
        }
        parameters.push((self.token, token.expose()));
        let (base, path) = self.endpoint;
        Call::new(http::Method::GET, settings.url(base, path), Effect::Idempotent)
            .query(&parameters)
            .timeout(PATIENCE)
    }
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
        Call::new(http::Method::POST, settings.url(base, path), Effect::Once)
            .body(Body::Form(form))
            .timeout(PATIENCE)
    }

    /// The revocation request, where the platform has one.
    #[must_use]
    pub fn revoke_call(&self, settings: &PlatformSettings, grant: &RevokedGrant<'_>) -> Option<Call> {
        let (base, path) = self.revoke?;
        let mut form = self.client_fields(settings);
        form.push(("token", FormValue::new(grant.access_token.expose())));
        let call = Call::new(http::Method::POST, settings.url(base, path), Effect::Idempotent);
        Some(call.body(Body::Form(form)).timeout(PATIENCE))
    }

    fn client_fields(&self, settings: &PlatformSettings) -> Vec<(&'static str, FormValue)> {
        vec![
            (self.client_id, FormValue::new(settings.client_id.as_str())),
            ("client_secret", FormValue::new(settings.client_secret.expose())),
        ]
    }
}
