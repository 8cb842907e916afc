//! The functions `tiktok-connect` and `social-accounts-connect`: start an authorization request.

use std::sync::Arc;

use axum::extract::{FromRef, State};
use axum::response::{AppendHeaders, IntoResponse};
use http::header;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::auth::{Authenticator, Owner};
use super::codes::{RateCode, UserCode, codes};
use super::endpoints::endpoints;
use super::error::ApiError;
use super::extract::Query;
use super::function::Function;
use super::json::Json;
use super::responses::Fails;
use super::shared::{Shared, StartError};
use super::times;
use crate::clock::Timestamp;
use crate::model::{AccountId, PlatformId, ReturnTo};
use crate::oauth::{AuthorizationRequest, ConnectError, Flow};
use crate::platform::FACTS;
use crate::platform::tiktok::FACTS as TIKTOK;

codes! {
    /// An authorization request cannot start.
    ConnectCode {
        AccountNotFound = 404 "account_not_found" "You have no such account on this platform. Omit accountId to connect a new one.",
        PlatformFixed = 422 "platform_fixed" "This function connects one platform only. Use social-accounts-connect for others.",
        PlatformMissing = 422 "platform_missing" "Choose a platform.",
        PlatformOff = 422 "platform_off" "The platform isn't available here.",
        InvalidReturnTo = 422 "invalid_return_to" "The return path must be a plain path on this site, such as /integrations.",
    }
}

/// The state of both functions.
#[derive(Clone, FromRef)]
struct Connect {
    flow: Flow,
    authenticator: Arc<Authenticator>,
}

endpoints!(Connect; tiktok: __path_tiktok, any: __path_any);

fn function(name: &'static str, shared: &Shared) -> Function {
    let state = Connect { flow: shared.flow(), authenticator: shared.authenticator() };
    Function::new(name, routes().with_state(state), shared)
}

/// Returns the function `tiktok-connect`.
///
/// # Errors
/// See [`StartError`].
pub fn tiktok_connect(shared: &Shared) -> Result<Function, StartError> {
    Ok(function("tiktok-connect", shared))
}

/// Returns the function `social-accounts-connect`.
///
/// # Errors
/// See [`StartError`].
pub fn social_accounts_connect(shared: &Shared) -> Result<Function, StartError> {
    Ok(function("social-accounts-connect", shared))
}

/// The query of an authorization request.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default)]
#[into_params(parameter_in = Query)]
struct ConnectQuery {
    /// The platform, such as `tiktok`. Without it, the error lists those that exist.
    #[param(nullable = false)]
    platform: Option<String>,
    /// A path on the product's own site to end at: letters, digits and `/ - . _ ~`.
    #[param(nullable = false, default = "/integrations")]
    return_to: Option<String>,
    /// An account to reconnect. The callback then refuses any other account.
    #[param(nullable = false, value_type = Option<Uuid>)]
    account_id: Option<String>,
}

/// An authorization request that has started.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConnectStarted {
    /// The platform's consent page. It holds the state (RFC 6749 §10.12), so do not log it.
    #[schema(format = Uri)]
    auth_url: String,
    /// Until when the state works. It works once.
    #[serde(serialize_with = "times::milliseconds")]
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Starts TikTok's authorization request.
#[utoipa::path(method(get, post), path = "/tiktok-connect", operation_id = "connectTiktok", tag = "connect",
    security(("user" = [])), params(ConnectQuery),
    responses(
        (status = 200, description = "Open `authUrl` in a popup of the same browser.", body = ConnectStarted,
            headers(("Set-Cookie" = String, description = "Binds the request to this browser."))),
        Fails<(ConnectCode, UserCode, RateCode)>,
    ))]
async fn tiktok(
    State(connect): State<Connect>,
    owner: Owner,
    Query(query): Query<ConnectQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let platform = match query.platform.as_deref() {
        Some(named) if named != TIKTOK.id.as_str() => {
            let message =
                format!("This function only connects {}. Use social-accounts-connect for others.", TIKTOK.id);
            return Err(ApiError::from(ConnectCode::PlatformFixed).of("platform").saying(message));
        }
        _ => TIKTOK.id.clone(),
    };
    connect.start(owner, platform, &query).await
}

/// Starts the authorization request of the platform in `platform`.
#[utoipa::path(method(get, post), path = "/social-accounts-connect", operation_id = "connectAccount", tag = "connect",
    security(("user" = [])), params(ConnectQuery),
    responses(
        (status = 200, description = "Open `authUrl` in a popup of the same browser.", body = ConnectStarted,
            headers(("Set-Cookie" = String, description = "Binds the request to this browser."))),
        Fails<(ConnectCode, UserCode, RateCode)>,
    ))]
async fn any(
    State(connect): State<Connect>,
    owner: Owner,
    Query(query): Query<ConnectQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let Some(named) = query.platform.clone().filter(|named| !named.is_empty()) else {
        let known: Vec<String> = FACTS.iter().map(|facts| facts.id.to_string()).collect();
        let message = format!("Choose a platform: ?platform={}.", known.join(" or "));
        return Err(ApiError::from(ConnectCode::PlatformMissing).of("platform").saying(message));
    };
    connect.start(owner, PlatformId::named(named), &query).await
}

impl Connect {
    async fn start(
        &self,
        Owner(owner): Owner,
        platform: PlatformId,
        query: &ConnectQuery,
    ) -> Result<impl IntoResponse + use<>, ApiError> {
        let return_to = match &query.return_to {
            None => ReturnTo::default(),
            Some(path) => ReturnTo::parse(path)
                .ok_or_else(|| ApiError::from(ConnectCode::InvalidReturnTo).of("returnTo"))?,
        };
        let reconnects = query.account_id.as_deref().map(Uuid::parse_str).transpose();
        let reconnects = reconnects.map_err(|_| unknown_account())?.map(AccountId);
        let named = platform.to_string();
        let request = AuthorizationRequest { owner, platform, return_to, reconnects };
        let started = self.flow.connect(request).await.map_err(|error| self.refuse(error, &named))?;
        let body = ConnectStarted { auth_url: started.auth_url.into(), expires_at: started.expires_at };
        Ok((AppendHeaders([(header::SET_COOKIE, started.set_cookie)]), Json(body)))
    }

    fn refuse(&self, error: ConnectError, platform: &str) -> ApiError {
        match error {
            ConnectError::PlatformOff => {
                let ids = FACTS.iter().map(|facts| &facts.id);
                let known: Vec<String> =
                    ids.filter(|id| self.flow.platform(id).is_some()).map(ToString::to_string).collect();
                let message = if known.is_empty() {
                    format!("{platform} isn't available here. No platform is set up yet.")
                } else {
                    format!("{platform} isn't available here. Choose one of {}.", known.join(", "))
                };
                ApiError::from(ConnectCode::PlatformOff).of("platform").saying(message)
            }
            ConnectError::UnknownAccount => unknown_account(),
            ConnectError::Store(error) => error.into(),
        }
    }
}

/// Returns 404 for a malformed id, an unknown account, and another owner's account alike.
fn unknown_account() -> ApiError {
    ApiError::from(ConnectCode::AccountNotFound).of("accountId")
}
