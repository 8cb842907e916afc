//! `tiktok-callback` and `social-accounts-callback`: where the platform sends the popup back to.

use bytes::Bytes;
use http::{Method, Response};

use super::request::Incoming;
use super::respond::{ApiError, redirect};
use super::{App, Scope, method_not_allowed};
use crate::oauth::{AuthorizationResponse, names_of};
use crate::secret::{AuthorizationCode, State};

impl App {
    /// Always a redirect to our own page, which explains the outcome.
    pub(super) async fn callback(
        &self,
        scope: &Scope,
        incoming: &Incoming,
    ) -> Result<Response<Bytes>, ApiError> {
        if incoming.method != Method::GET {
            return Err(method_not_allowed(&incoming.method, "GET"));
        }
        let given = |name: &str| incoming.query(name).filter(|value| !value.is_empty());
        let response = AuthorizationResponse {
            state: given("state").map(State::new),
            code: given("code").map(AuthorizationCode::new),
            error: given("error").map(str::to_owned),
            // Facebook sends these two alone where it does not show its consent page at all.
            error_code: given("error_code").or_else(|| given("error_message")).map(str::to_owned),
            scopes: given("scopes").or_else(|| given("scope")).map(str::to_owned),
            face: scope.only(),
        };
        let landing = self.flow().callback(response, &|name| incoming.cookie(name)).await;
        let mut location = self.flow().config.app_url.clone();
        let path = format!("{}{}", location.path().trim_end_matches('/'), landing.return_to.as_str());
        location.set_path(&path);
        location.set_query(None);
        {
            let mut query = location.query_pairs_mut();
            query.append_pair("social", if landing.outcome.is_ok() { "connected" } else { "error" });
            if let Some(platform) = &landing.platform {
                query.append_pair("platform", platform.as_str());
            }
            if let Some(names) = names_of(&landing.left_out) {
                query.append_pair("left_out", &names);
            }
            if let Err(reason) = &landing.outcome {
                query.append_pair("reason", reason.code());
                tracing::info!(error.code = reason.code(), "nothing was connected: {}", reason.code());
            }
        }
        let cookies: Vec<String> = landing.clear_cookie.into_iter().collect();
        Ok(redirect(location.as_str(), &cookies))
    }
}
