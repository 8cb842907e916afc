//! The authorization request: TikTok's checks before it shows a consent page.

use super::app::App;
use crate::authorization::{AuthorizationRequest, Fields};
use crate::consent::Faulty;
use crate::pkce::Spelling;
use crate::request::is_loopback;
use url::Url;

/// The scope that the app can always request with Login Kit.
pub(super) const BASIC: &str = "user.info.basic";

/// What TikTok adds to a request.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) challenge: Option<String>,
    pub(super) page: PageWanted,
}

/// Whether a creator who has already consented sees the page again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageWanted {
    Always,
    Once,
}

impl AuthorizationRequest<Added> {
    pub(super) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields = Fields::read(query);
        if fields.take("client_key").is_none_or(|key| key != app.client_key) {
            return Err(Faulty("client_key", "no app has this key"));
        }
        let unregistered = "it is not one of the URIs registered for the app";
        let redirect_uri = fields.redirect_uri(&app.redirect_uris, unregistered)?;
        fields.response_type()?;
        let scopes: Vec<String> =
            fields.take("scope").unwrap_or_default().split(',').map(str::to_owned).collect();
        if !scopes.iter().all(|scope| scope == BASIC || app.scopes.contains(scope)) {
            return Err(Faulty(
                "scope",
                "a scope is not enabled on the app, or they are not separated by commas",
            ));
        }
        let challenge = fields.take("code_challenge");
        let method = fields.take("code_challenge_method");
        check_challenge(challenge.as_deref(), method.as_deref(), &redirect_uri.url)?;
        let Some(state) = fields.take("state") else {
            return Err(Faulty("state", "it is missing"));
        };
        let page = match fields.take("disable_auto_auth").as_deref() {
            None | Some("0") => PageWanted::Once,
            Some("1") => PageWanted::Always,
            Some(_) => return Err(Faulty("disable_auto_auth", "it must be 0 or 1")),
        };
        Ok(Self { scopes, redirect_uri, state: Some(state), added: Added { challenge, page } })
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
