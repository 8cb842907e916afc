//! `tiktok-connect` and `social-accounts-connect`.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;

use super::request::{Incoming, id};
use super::respond::{ApiError, json_response, rfc3339, set_cookies};
use super::{App, Scope, method_not_allowed};
use crate::model::{AccountId, ReturnTo};
use crate::oauth::{AuthorizationRequest, ConnectError};

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
                let message = "The path to return to must lie on this site and be plain, as /integrations.";
                ApiError::unprocessable("invalid_return_to", "returnTo", message)
            })?,
        };
        let reconnects = incoming.query("accountId").map(id).transpose()?.map(AccountId);
        let named = platform.to_string();
        let started = self
            .flow()
            .connect(AuthorizationRequest { owner, platform, return_to, reconnects })
            .await
            .map_err(|error| refuse(error, &named))?;
        let body = json!({ "authUrl": started.auth_url.as_str(), "expiresAt": rfc3339(started.expires_at) });
        let mut response = json_response(200, &body);
        set_cookies(&mut response, &[started.set_cookie]);
        Ok(response)
    }
}

fn refuse(error: ConnectError, platform: &str) -> ApiError {
    match error {
        ConnectError::PlatformOff => ApiError::unprocessable(
            error.code(),
            "platform",
            format!(
                "{platform} is not available here: it is unknown, or the operator has set no credentials for it."
            ),
        ),
        ConnectError::UnknownAccount => ApiError::not_found(),
        ConnectError::Store(error) => error.into(),
    }
}
