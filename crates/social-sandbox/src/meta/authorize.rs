//! The authorization request: Meta's checks before it shows a consent page.

use super::app::App;
use crate::authorization::{Fields, RedirectUri};
use crate::consent::Faulty;

/// A request that is shown to the user.
#[derive(Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: RedirectUri,
    state: Option<String>,
}

impl AuthorizationRequest {
    pub(crate) fn read(query: &str, app: &App) -> Result<Self, Faulty> {
        let mut fields = Fields::read(query);
        if fields.take("client_id").is_none_or(|id| id != app.id) {
            return Err(Faulty("client_id", "Invalid platform app: no app has this id"));
        }
        let unregistered = "it is not one of the URIs registered for the app";
        let redirect_uri = fields.redirect_uri(&app.redirect_uris, unregistered)?;
        if fields.take("response_type").is_some_and(|kind| kind != "code") {
            return Err(Faulty("response_type", "it must be code"));
        }
        let listed = fields.take("scope").unwrap_or_default();
        let scopes: Vec<String> =
            listed.split([',', ' ']).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        if scopes.is_empty() || !scopes.iter().all(|scope| app.scopes.contains(scope)) {
            return Err(Faulty("scope", "Invalid Scopes: one is not enabled on the app, or there is none"));
        }
        if fields.take("code_challenge").is_some() {
            return Err(Faulty("code_challenge", "PKCE is not part of this flow"));
        }
        let state = fields.take("state");
        Ok(Self { scopes, redirect_uri, state })
    }

    /// Returns the redirect with these parameters and the state. A success has Meta's fragment at its end.
    pub(crate) fn back(&self, parameters: &[(&str, &str)], fragment: Option<&str>) -> String {
        let mut url = self.redirect_uri.with(parameters, self.state.as_deref());
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
