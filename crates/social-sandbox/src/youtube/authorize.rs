//! The authorization request: Google's checks before it shows a consent page.

use super::app::App;
use crate::authorization::{AuthorizationRequest, Fields};
use crate::consent::Faulty;
use crate::pkce::Spelling;

/// What Google adds to a request.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) nonce: Option<String>,
    pub(super) challenge: Option<String>,
    pub(super) access: AccessType,
    pub(super) prompt: Prompt,
}

/// Whether the app needs access while the user is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessType {
    Online,
    Offline,
}

/// Whether a user who has already consented sees the page again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Only for scopes that were not granted yet.
    WhereNeeded,
    /// The choice of account, but not the consent.
    Account,
    /// Everything.
    Consent,
}

/// The parameters in Google's documentation ("Using OAuth 2.0 for web server applications", "`OpenID`
/// Connect"); it rejects any other.
const KNOWN: [&str; 18] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "access_type",
    "prompt",
    "display",
    "hd",
    "hl",
    "include_granted_scopes",
    "enable_granular_consent",
    "enable_serial_consent",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
];

/// Those with true or false.
const FLAGS: [&str; 3] = ["include_granted_scopes", "enable_granular_consent", "enable_serial_consent"];

impl AuthorizationRequest<Added> {
    pub(super) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields = Fields::read(query);
        if fields.names().any(|name| !KNOWN.contains(&name)) {
            return Err(Faulty("invalid_request", "a parameter is not allowed for this message type"));
        }
        if fields.take("client_id").is_none_or(|id| id != app.client_id) {
            return Err(Faulty("client_id", "the OAuth client was not found"));
        }
        let unregistered = "it is not one of the URIs registered for the client";
        let redirect_uri = fields.redirect_uri(&app.redirect_uris, unregistered)?;
        fields.response_type()?;
        let scopes: Vec<String> =
            fields.take("scope").unwrap_or_default().split(' ').map(str::to_owned).collect();
        if !scopes.iter().all(|scope| app.scopes.contains(scope)) {
            return Err(Faulty(
                "scope",
                "a scope is not on the consent screen, or they are not full URLs separated by spaces",
            ));
        }
        let access = match fields.take("access_type").as_deref() {
            None | Some("online") => AccessType::Online,
            Some("offline") => AccessType::Offline,
            Some(_) => return Err(Faulty("access_type", "it must be online or offline")),
        };
        let prompt = prompt(fields.take("prompt").as_deref())?;
        for name in FLAGS {
            if !matches!(fields.take(name).as_deref(), None | Some("true" | "false")) {
                return Err(Faulty(name, "it must be true or false"));
            }
        }
        if !matches!(fields.take("response_mode").as_deref(), None | Some("query")) {
            return Err(Faulty("response_mode", "it must be query; others are not simulated"));
        }
        let challenge = fields.take("code_challenge");
        check_challenge(challenge.as_deref(), fields.take("code_challenge_method").as_deref())?;
        let (state, nonce) = (fields.take("state"), fields.take("nonce"));
        Ok(Self { scopes, redirect_uri, state, added: Added { nonce, challenge, access, prompt } })
    }
}

fn prompt(text: Option<&str>) -> Result<Prompt, Faulty> {
    let words: Vec<&str> = text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| !["consent", "select_account"].contains(word)) {
        return Err(Faulty("prompt", "it must be consent or select_account; none is not simulated"));
    }
    Ok(match (words.contains(&"consent"), words.contains(&"select_account")) {
        (true, _) => Prompt::Consent,
        (false, true) => Prompt::Account,
        (false, false) => Prompt::WhereNeeded,
    })
}

fn check_challenge(challenge: Option<&str>, method: Option<&str>) -> Result<(), Faulty> {
    match (challenge, method) {
        (None, None) => Ok(()),
        (Some(text), Some("S256")) if Spelling::Base64Url.is_challenge(text) => Ok(()),
        (Some(_), Some("S256")) => {
            Err(Faulty("code_challenge", "it must be the verifier's SHA-256 in BASE64URL without padding"))
        }
        (Some(_), _) => Err(Faulty("code_challenge_method", "it must be S256")),
        (None, Some(_)) => Err(Faulty("code_challenge", "it is missing")),
    }
}
