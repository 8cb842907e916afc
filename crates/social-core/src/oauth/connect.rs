//! Starts an authorization request: a state, a code verifier, a cookie, and the URL to open.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::{ConnectError, Flow, hex, sha256};
use crate::clock::Timestamp;
use crate::config::Mode;
use crate::entropy::url_token;
use crate::model::{AccountId, Connection, OwnerId, PlatformId, ReturnTo};
use crate::platform::Pkce;
use crate::secret::{CodeVerifier, State};

/// Ten minutes: enough time to sign in to the platform with a second factor.
const LIFETIME: Duration = Duration::from_mins(10);

/// The input of an authorization request.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// The user who connects an account.
    pub owner: OwnerId,
    /// The platform to connect.
    pub platform: PlatformId,
    /// The page to return to.
    pub return_to: ReturnTo,
    /// The account to reconnect; `None` for a new one.
    pub reconnects: Option<AccountId>,
}

/// The cookie that binds the request to one browser. Its name differs per request, so that two popups do not
/// disturb each other. Only that browser knows its value.
#[derive(Debug, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    secure: bool,
}

impl Cookie {
    /// Returns the cookie of a state. Over https it has the `__Host-` prefix (RFC 6265bis §4.1.3.2). Plain
    /// http, as in local mode, does not allow the prefix.
    #[must_use]
    pub fn of(state: &State, mode: Mode, app_url: &Url) -> Self {
        let secure = mode == Mode::Hosted || app_url.scheme() == "https";
        let tail: String = hex(&sha256(state.expose())).chars().take(16).collect();
        let prefix = if secure { "__Host-" } else { "" };
        Self { name: format!("{prefix}social-connect-{tail}"), secure }
    }

    /// Returns the cookie's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns `Set-Cookie` with a value. The browser sends Lax cookies on the top-level GET back from the
    /// platform. The cookie lives as long as the state and is never cleared: it identifies a repeated request
    /// of the same browser.
    #[must_use]
    pub fn set(&self, value: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name,
            LIFETIME.as_secs()
        )
    }
}

/// An authorization request that is ready to be opened.
#[derive(Debug)]
pub struct Started {
    /// The URL to open in the popup. It holds the state, so only its user may see it, and no log.
    pub auth_url: Url,
    /// When it expires.
    pub expires_at: Timestamp,
    /// `Set-Cookie` for the browser of the user.
    pub set_cookie: String,
}

impl Flow {
    /// Starts an authorization request.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`].
    pub async fn connect(&self, request: AuthorizationRequest) -> Result<Started, ConnectError> {
        let (platform, settings) = self.platform(&request.platform).ok_or(ConnectError::PlatformOff)?;
        let oauth = &platform.oauth;
        let state = State::new(url_token(&*self.entropy));
        let cookie_value = url_token(&*self.entropy);
        let verifier = match oauth.pkce {
            Pkce::No => None,
            Pkce::S256 | Pkce::S256Hex => Some(CodeVerifier::new(url_token(&*self.entropy))),
        };
        let connection = Connection {
            owner: request.owner,
            platform: request.platform,
            redirect_uri: settings.redirect_uri.clone(),
            code_verifier: verifier,
            cookie_hash: sha256(&cookie_value),
            return_to: request.return_to,
            reconnects: request.reconnects,
        };
        let (hash, rate) = (sha256(state.expose()), self.config.rates.connects);
        let kept = self.store.keep_state(&hash, &connection, LIFETIME, rate).await?;
        let expires_at = kept.ok_or(ConnectError::UnknownAccount)?;
        let (base, path) = oauth.authorize;
        let mut auth_url = settings.url(base, path);
        let scopes = oauth.scopes_of(settings).join(&oauth.separator.to_string());
        {
            let mut query = auth_url.query_pairs_mut();
            query
                .append_pair(oauth.client_id, &settings.client_id)
                .append_pair("response_type", "code")
                .append_pair("scope", &scopes)
                .append_pair("redirect_uri", &settings.redirect_uri)
                .append_pair("state", state.expose())
                .extend_pairs(oauth.extra);
            if let Some(verifier) = &connection.code_verifier {
                query
                    .append_pair("code_challenge", &challenge(oauth.pkce, verifier))
                    .append_pair("code_challenge_method", "S256");
            }
        }
        let cookie = Cookie::of(&state, self.config.mode, &self.config.app_url);
        Ok(Started { auth_url, expires_at, set_cookie: cookie.set(&cookie_value) })
    }
}

fn challenge(pkce: Pkce, verifier: &CodeVerifier) -> String {
    let hash = sha256(verifier.expose());
    match pkce {
        Pkce::S256Hex => hex(&hash),
        Pkce::S256 | Pkce::No => URL_SAFE_NO_PAD.encode(hash),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiktoks_challenge_is_hex_and_the_rfcs_is_base64url() {
        let verifier = CodeVerifier::new("aZ0-._~bY1-._~cX2-._~dW3-._~eV4-._~fU5-._~gT6-._~hS");
        let expected = "0f2ce8df185c9e76563f25c8940f6db9c1582a22b04a663a8a6df968f4529ff7";
        assert_eq!(challenge(Pkce::S256Hex, &verifier), expected);
        // RFC 7636, appendix B.
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(Pkce::S256, &verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
