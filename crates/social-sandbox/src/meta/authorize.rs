//! The authorization request: Meta's checks before it shows a consent page.

use super::app::App;
use super::grant::Grants;
use crate::authorization::{AuthorizationRequest, Fields};
use crate::consent::Faulty;

/// The parameters of the redirect after a refusal.
pub(crate) const DENIED: &[(&str, &str)] = &[
    ("error", "access_denied"),
    ("error_reason", "user_denied"),
    ("error_description", "Permissions error"),
];

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
        Ok(Self { scopes, redirect_uri, state, added: () })
    }

    /// Issues a code. Returns the redirect with it, and Meta's fragment at its end.
    pub(crate) fn grant(
        &self,
        grants: &mut Grants,
        user: &str,
        scopes: Vec<String>,
        expires_at: i64,
        fragment: &str,
    ) -> String {
        let code = grants.issue_code(user, &self.scopes, scopes, &self.redirect_uri.text, expires_at);
        let mut url = self.back(&[("code", &code)]);
        url.set_fragment(Some(fragment));
        url.into()
    }
}
