//! The endpoints `tiktok-connect` and `social-accounts-connect`.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;

use super::request::{Incoming, id};
use super::respond::{ApiError, json_response, rfc3339, set_cookies};
use super::{App, Scope, method_not_allowed};
use crate::model::{AccountId, ReturnTo};
use crate::oauth::{AuthorizationRequest, ConnectError};
use crate::platform::WORKERS;

impl App {
    pub(super) async fn connect(
        &self,
        scope: &Scope,
        incoming: &Incoming,
    ) -> Result<Response<Bytes>, ApiError> {
        if incoming.method != Method::GET && incoming.method != Method::POST {
            return Err(method_not_allowed(&incoming.method, "GET, POST"));
        }
        let owner = self.owner(incoming).await?;
        let platform = scope.resolve(incoming.query("platform"))?;
        let return_to = match incoming.query("returnTo") {
            None => ReturnTo::default(),
            Some(path) => ReturnTo::parse(path).ok_or_else(|| {
                let message = "The return path must be a plain path on this site, such as /integrations.";
                ApiError::unprocessable("invalid_return_to", "returnTo", message)
            })?,
        };
        let reconnects = incoming.query("accountId").map(id).transpose().map_err(|_| unknown_account())?;
        let reconnects = reconnects.map(AccountId);
        let named = platform.to_string();
        let started = self
            .flow()
            .connect(AuthorizationRequest { owner, platform, return_to, reconnects })
            .await
            .map_err(|error| self.refuse(error, &named))?;
        let body = json!({ "authUrl": started.auth_url.as_str(), "expiresAt": rfc3339(started.expires_at) });
        let mut response = json_response(200, &body);
        set_cookies(&mut response, &[started.set_cookie]);
        Ok(response)
    }

    fn refuse(&self, error: ConnectError, platform: &str) -> ApiError {
        match error {
            ConnectError::PlatformOff => {
                let ids = WORKERS.iter().map(|worker| worker.id());
                let known: Vec<String> =
                    ids.filter(|id| self.flow().platform(id).is_some()).map(|id| id.to_string()).collect();
                let message = if known.is_empty() {
                    format!("{platform} isn't available here. No platform is set up yet.")
                } else {
                    format!("{platform} isn't available here. Choose one of {}.", known.join(", "))
                };
                ApiError::unprocessable(error.code(), "platform", message)
            }
            ConnectError::UnknownAccount => unknown_account(),
            ConnectError::Store(error) => error.into(),
        }
    }
}

/// Returns 404 for a malformed id, an unknown account, and another owner's account alike.
fn unknown_account() -> ApiError {
    let message = "You have no such account on this platform. Omit accountId to connect a new one.";
    ApiError::new(404, "account_not_found", message).of("accountId")
}
