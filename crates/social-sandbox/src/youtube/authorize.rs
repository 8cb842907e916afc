//! The authorization request: what Google checks before it shows a consent page.

use super::app::App;
use crate::consent::Faulty;
use crate::pkce::Spelling;
use std::collections::HashMap;
use url::Url;

/// A request that Google shows to the user.
#[derive(Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) scopes: Vec<String>,
    pub(super) redirect_uri: Url,
    pub(super) redirect_text: String,
    pub(super) state: String,
    pub(super) challenge: Option<String>,
    pub(super) access: AccessType,
    pub(super) prompt: Prompt,
}

/// Whether the app wants to act while the user is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessType {
    Online,
    Offline,
}

/// Whether a user who has already agreed is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Only for what was not granted yet.
    WhereNeeded,
    /// The account, but not its consent.
    Account,
    /// Everything.
    Consent,
}

/// The parameters Google knows; it refuses any other.
const KNOWN: [&str; 11] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "access_type",
    "prompt",
    "include_granted_scopes",
    "login_hint",
    "code_challenge",
    "code_challenge_method",
];

impl AuthorizationRequest {
    pub(super) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        if fields.keys().any(|name| !KNOWN.contains(&name.as_str())) {
            return Err(Faulty("invalid_request", "a parameter is not allowed for this message type"));
        }
        let mut field = |name: &str| fields.remove(name).filter(|value| !value.is_empty());
        if field("client_id").is_none_or(|id| id != app.client_id) {
            return Err(Faulty("client_id", "the OAuth client was not found"));
        }
        let redirect_text = field("redirect_uri").unwrap_or_default();
        if !app.redirect_uris.contains(&redirect_text) {
            return Err(Faulty("redirect_uri", "it is not one of the URIs registered for the client"));
        }
        let Ok(redirect_uri) = Url::parse(&redirect_text) else {
            return Err(Faulty("redirect_uri", "it is not a URL"));
        };
        if field("response_type").is_none_or(|kind| kind != "code") {
            return Err(Faulty("response_type", "it must be code"));
        }
        let scopes: Vec<String> = field("scope").unwrap_or_default().split(' ').map(str::to_owned).collect();
        if !scopes.iter().all(|scope| app.scopes.contains(scope)) {
            return Err(Faulty(
                "scope",
                "a scope is not on the consent screen, or they are not full URLs separated by spaces",
            ));
        }
        let access = match field("access_type").as_deref() {
            None | Some("online") => AccessType::Online,
            Some("offline") => AccessType::Offline,
            Some(_) => return Err(Faulty("access_type", "it must be online or offline")),
        };
        let prompt = prompt(field("prompt").as_deref())?;
        if !matches!(field("include_granted_scopes").as_deref(), None | Some("true" | "false")) {
            return Err(Faulty("include_granted_scopes", "it must be true or false"));
        }
        let challenge = field("code_challenge");
        check_challenge(challenge.as_deref(), field("code_challenge_method").as_deref())?;
        // Google lets it be missing; an app of ours that forgets it would be open to forged callbacks.
        let Some(state) = field("state") else { return Err(Faulty("state", "it is missing")) };
        Ok(Self { scopes, redirect_uri, redirect_text, state, challenge, access, prompt })
    }

    /// Where the user goes with these parameters, and the state.
    pub(super) fn back(&self, parameters: &[(&str, &str)]) -> String {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(parameters).append_pair("state", &self.state);
        url.into()
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
