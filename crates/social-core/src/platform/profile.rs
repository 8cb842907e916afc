//! A platform's OAuth 2.0 as data, and the requests that follow from it.

use std::time::Duration;

use crate::config::PlatformSettings;
use crate::http::{Body, Call, Effect};
use crate::secret::{AccessToken, AuthorizationCode, CodeVerifier, FormValue, RefreshToken};

/// How a platform expects PKCE's challenge (RFC 7636 §4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// Without PKCE.
    No,
    /// BASE64URL(SHA-256(verifier)), as in the RFC.
    S256,
    /// Lower-case hex of SHA-256(verifier), as in TikTok's documentation.
    S256Hex,
}

/// The client data in a request that exchanges an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientParts {
    /// Nothing: the token is sufficient.
    Nothing,
    /// The secret alone.
    Secret,
    /// Both the client's public name and the secret.
    IdAndSecret,
}

/// A request that exchanges an access token for a longer-lived one: a grant type of Meta's own, sent as a
/// GET.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// The variable with the base URL, and the path.
    pub endpoint: (&'static str, &'static str),
    /// The `grant_type`.
    pub grant_type: &'static str,
    /// The parameter for the token.
    pub token: &'static str,
    /// The client data in the request.
    pub client: ClientParts,
}

/// How a grant is renewed.
#[derive(Debug, Clone, Copy)]
pub enum Renewal {
    /// By its refresh token (RFC 6749 §6).
    RefreshToken,
    /// By the access token itself, while it is valid.
    AccessToken {
        /// The request.
        by: Extension,
        /// The age from which the platform renews it.
        from_age: Duration,
    },
    /// Never: it is valid until it is revoked.
    Never,
}

/// A platform's authorization server, as data.
#[derive(Debug, Clone, Copy)]
pub struct OAuthProfile {
    /// The variable with the base URL of the consent page, and its path.
    pub authorize: (&'static str, &'static str),
    /// The variable with the base URL of the token endpoint, and its path.
    pub token: (&'static str, &'static str),
    /// The same for the request that exchanges the first token for a long-lived one, where a platform needs
    /// that.
    pub extension: Option<Extension>,
    /// How a grant is renewed.
    pub renewal: Renewal,
    /// The same for the revocation endpoint (RFC 7009).
    pub revoke: Option<(&'static str, &'static str)>,
    /// The platform's name for `client_id`.
    pub client_id: &'static str,
    /// The scopes to request, unless the variable below lists others.
    pub scopes: &'static [&'static str],
    /// The variable that may list other scopes.
    pub scopes_var: &'static str,
    /// The separator between two scopes.
    pub separator: char,
    /// Groups of scopes: of each group, at least one must be granted.
    pub needed: &'static [&'static [&'static str]],
    /// How PKCE works.
    pub pkce: Pkce,
    /// More parameters of the authorization request.
    pub extra: &'static [(&'static str, &'static str)],
}

/// A grant to revoke.
#[derive(Debug, Clone, Copy)]
pub struct RevokedGrant<'a> {
    /// The access token; it may have expired.
    pub access_token: &'a AccessToken,
    /// The refresh token, where there is one.
    pub refresh_token: Option<&'a RefreshToken>,
    /// The person who gave it, if the platform returned it.
    pub granted_by: Option<&'a str>,
}

/// The grant in a token request (RFC 6749 §4.1.3 and §6).
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

/// 10 s: a person waits at a blank popup.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

impl Extension {
    /// Returns the request.
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
    /// Returns the scopes to request.
    #[must_use]
    pub fn scopes_of(&self, settings: &PlatformSettings) -> Vec<String> {
        let configured = settings.list(self.scopes_var);
        if configured.is_empty() {
            self.scopes.iter().map(|scope| (*scope).to_owned()).collect()
        } else {
            configured.to_vec()
        }
    }

    /// Reports whether the granted scopes are sufficient.
    #[must_use]
    pub fn suffices(&self, granted: &[String]) -> bool {
        self.needed.iter().all(|group| group.iter().any(|scope| granted.iter().any(|given| given == scope)))
    }

    /// Returns the token request.
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

    /// Returns the revocation request, if the platform supports it.
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
