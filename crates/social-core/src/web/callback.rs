//! The endpoints `tiktok-callback` and `social-accounts-callback`, to which the platform redirects the popup.

use bytes::Bytes;
use http::{Method, Response};

use super::request::Incoming;
use super::respond::{ApiError, no_content, redirect};
use super::{App, Scope, method_not_allowed};
use crate::oauth::AuthorizationResponse;
use crate::secret::{AuthorizationCode, State};

impl App {
    /// Redirects to our own page, which explains the outcome. A prefetch gets an empty response.
    pub(super) async fn callback(
        &self,
        scope: &Scope,
        incoming: &Incoming,
    ) -> Result<Response<Bytes>, ApiError> {
        if incoming.method == Method::HEAD || (incoming.method == Method::GET && incoming.is_ahead()) {
            // This is a prefetch. A state works once, and the real request still needs it.
            return Ok(no_content());
        }
        if incoming.method != Method::GET {
            return Err(method_not_allowed(&incoming.method, "GET, HEAD"));
        }
        let given = |name: &str| incoming.query(name).filter(|value| !value.is_empty());
        let response = AuthorizationResponse {
            state: given("state").map(State::new),
            code: given("code").map(AuthorizationCode::new),
            error: given("error").map(str::to_owned),
            // Facebook sends only these two if it does not show its consent page at all.
            error_code: given("error_code").or_else(|| given("error_message")).map(str::to_owned),
            scopes: given("scopes").or_else(|| given("scope")).map(str::to_owned),
            face: scope.only(),
        };
        let deadline = incoming.arrival.deadline;
        let landing = self.flow().callback(response, &|name| incoming.cookie(name), deadline).await;
        let mut location = self.flow().config.app_url.clone();
        let path = format!("{}{}", location.path().trim_end_matches('/'), landing.return_to.as_str());
        location.set_path(&path);
        location.set_query(Some(&landing.query));
        Ok(redirect(location.as_str()))
    }
}
