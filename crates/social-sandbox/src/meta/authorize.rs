//! The authorization request: Meta's checks before it shows a consent page.

use super::app::App;
use crate::consent::Faulty;
use std::collections::HashMap;
use url::Url;

/// A request that is shown to the user.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: Url,
    pub(crate) redirect_text: String,
    state: Option<String>,
}

impl AuthorizationRequest {
    pub(crate) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields: HashMap<String, String> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut field = |name: &str| fields.remove(name).filter(|value| !value.is_empty());
        if field("client_id").is_none_or(|id| id != app.id) {
            return Err(Faulty("client_id", "Invalid platform app: no app has this id"));
        }
        let redirect_text = field("redirect_uri").unwrap_or_default();
        if !app.redirect_uris.contains(&redirect_text) {
            return Err(Faulty("redirect_uri", "it is not one of the URIs registered for the app"));
        }
        let Ok(redirect_uri) = Url::parse(&redirect_text) else {
            return Err(Faulty("redirect_uri", "it is not a URL"));
        };
        if field("response_type").is_some_and(|kind| kind != "code") {
            return Err(Faulty("response_type", "it must be code"));
        }
        let listed = field("scope").unwrap_or_default();
        let scopes: Vec<String> =
            listed.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if scopes.is_empty() || !scopes.iter().all(|scope| app.scopes.contains(scope)) {
            return Err(Faulty("scope", "Invalid Scopes: one is not enabled on the app, or there is none"));
        }
        if field("code_challenge").is_some() {
            return Err(Faulty("code_challenge", "PKCE is not part of this flow"));
        }
        let state = field("state");
        Ok(Self { scopes, redirect_uri, redirect_text, state })
    }

    /// Returns the redirect with these parameters and the state. A success has Meta's fragment at its end.
    pub(crate) fn back(&self, parameters: &[(&str, &str)], fragment: Option<&str>) -> String {
        let mut url = self.redirect_uri.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        url.set_fragment(fragment);
        url.into()
    }

    /// Returns the redirect after a refusal.
    pub(crate) fn denied(&self) -> String {
        let parameters = [
            ("error", "access_denied"),
            ("error_reason", "user_denied"),
            ("error_description", "Permissions error"),
        ];
        self.back(&parameters, None)
    }
}
