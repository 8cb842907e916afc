//! The authorization request: TikTok's checks before it shows a consent page.

use super::app::App;
use crate::consent::Faulty;
use crate::pkce::Spelling;
use crate::request::is_loopback;
use std::collections::HashMap;
use url::Url;

/// The scope that the app can always request with Login Kit.
pub(super) const BASIC: &str = "user.info.basic";

/// A request that TikTok shows to the user.
#[derive(Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) scopes: Vec<String>,
    pub(super) redirect_uri: Url,
    pub(super) redirect_text: String,
    pub(super) state: String,
    pub(super) challenge: Option<String>,
    pub(super) page: PageWanted,
}

/// Whether a creator who has already consented sees the page again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageWanted {
    Always,
    Once,
}

impl AuthorizationRequest {
    pub(super) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut field = |name: &str| fields.remove(name).filter(|value| !value.is_empty());
        if field("client_key").is_none_or(|key| key != app.client_key) {
            return Err(Faulty("client_key", "no app has this key"));
        }
        let redirect_text = field("redirect_uri").unwrap_or_default();
        if !app.redirect_uris.contains(&redirect_text) {
            return Err(Faulty("redirect_uri", "it is not one of the URIs registered for the app"));
        }
        let Ok(redirect_uri) = Url::parse(&redirect_text) else {
            return Err(Faulty("redirect_uri", "it is not a URL"));
        };
        if field("response_type").is_none_or(|kind| kind != "code") {
            return Err(Faulty("response_type", "it must be code"));
        }
        let scopes: Vec<String> = field("scope").unwrap_or_default().split(',').map(str::to_owned).collect();
        if !scopes.iter().all(|scope| scope == BASIC || app.scopes.contains(scope)) {
            return Err(Faulty(
                "scope",
                "a scope is not enabled on the app, or they are not separated by commas",
            ));
        }
        let challenge = field("code_challenge");
        let method = field("code_challenge_method");
        check_challenge(challenge.as_deref(), method.as_deref(), &redirect_uri)?;
        let Some(state) = field("state") else {
            return Err(Faulty("state", "it is missing"));
        };
        let page = match field("disable_auto_auth").as_deref() {
            None | Some("0") => PageWanted::Once,
            Some("1") => PageWanted::Always,
            Some(_) => return Err(Faulty("disable_auto_auth", "it must be 0 or 1")),
        };
        Ok(Self { scopes, redirect_uri, redirect_text, state, challenge, page })
    }

    /// Returns the redirect with these parameters, and the state.
    pub(super) fn back(&self, parameters: &[(&str, &str)]) -> String {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(parameters).append_pair("state", &self.state);
        url.into()
    }
}

/// Checks the challenge. TikTok documents PKCE for desktop and mobile apps, in hex. For the Web it documents
/// nothing, and libraries send the challenge as in RFC 7636.
fn check_challenge(challenge: Option<&str>, method: Option<&str>, redirect: &Url) -> Result<(), Faulty> {
    let desktop = redirect.scheme() == "http" && is_loopback(redirect);
    match (challenge, method) {
        (None, None) if desktop => {
            Err(Faulty("code_challenge", "a loopback redirect URI is a desktop app's, which needs PKCE"))
        }
        (None, None) => Ok(()),
        (Some(text), Some("S256")) => match Spelling::of(text) {
            Some(Spelling::Hex) => Ok(()),
            Some(Spelling::Base64Url) if !desktop => Ok(()),
            Some(Spelling::Base64Url) | None => Err(Faulty(
                "code_challenge",
                "it must be the verifier's SHA-256 in lower-case hex, 64 letters",
            )),
        },
        (Some(_), _) => Err(Faulty("code_challenge_method", "it must be S256")),
        (None, Some(_)) => Err(Faulty("code_challenge", "it is missing")),
    }
}
