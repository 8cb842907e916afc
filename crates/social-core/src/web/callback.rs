//! The functions `tiktok-callback` and `social-accounts-callback`, to which the platform redirects the popup.

use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use super::endpoints::endpoints;
use super::extract::{Cookies, Query};
use super::function::{Arrival, Function};
use super::origin::By;
use super::shared::{Shared, StartError};
use crate::model::PlatformId;
use crate::oauth::{AuthorizationResponse, Flow};
use crate::platform::tiktok::FACTS as TIKTOK;
use crate::secret::{AuthorizationCode, State as OAuthState};

/// The headers in which browsers mark a prefetch.
const AHEAD_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const AHEAD: [&str; 3] = ["prefetch", "prerender", "preview"];

/// The state of both functions.
#[derive(Clone, FromRef)]
struct Callback {
    flow: Flow,
}

endpoints!(Callback; tiktok: __path_tiktok, any: __path_any);

fn function(name: &'static str, shared: &Shared) -> Function {
    Function::new(name, routes().with_state(Callback { flow: shared.flow() }), shared)
}

/// Returns the function `tiktok-callback`.
///
/// # Errors
/// See [`StartError`].
pub fn tiktok_callback(shared: &Shared) -> Result<Function, StartError> {
    Ok(function("tiktok-callback", shared))
}

/// Returns the function `social-accounts-callback`.
///
/// # Errors
/// See [`StartError`].
pub fn social_accounts_callback(shared: &Shared) -> Result<Function, StartError> {
    Ok(function("social-accounts-callback", shared))
}

/// The authorization response (RFC 6749 §4.1.2). An empty parameter is an absent one.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct CallbackQuery {
    /// The state of connect.
    #[param(nullable = false)]
    state: Option<String>,
    /// The authorization code.
    #[param(nullable = false)]
    code: Option<String>,
    /// Why the platform refused.
    #[param(nullable = false)]
    error: Option<String>,
    /// Facebook sends only this and `error_message` if it does not show its consent page at all.
    #[param(nullable = false)]
    error_code: Option<String>,
    /// See `error_code`.
    #[param(nullable = false)]
    error_message: Option<String>,
    /// The granted scopes.
    #[param(nullable = false)]
    scopes: Option<String>,
    /// The granted scopes, at some platforms.
    #[param(nullable = false)]
    scope: Option<String>,
}

/// What the browser gets.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes the responses for the contract")]
enum CallbackResponse {
    /// To the product's page, with the outcome in its query.
    #[response(
        status = 302,
        headers(("Location" = String, description = "`returnTo` with `social`, `platform` and `reason`."))
    )]
    Page,
    /// A prefetch: nothing is used up.
    #[response(status = 204)]
    Prefetch,
}

/// Finishes TikTok's authorization request.
#[utoipa::path(
    method(get, head),
    path = "/tiktok-callback",
    operation_id = "finishTiktok",
    tag = "connect",
    params(CallbackQuery),
    responses(CallbackResponse)
)]
async fn tiktok(State(callback): State<Callback>, visit: Visit) -> Response {
    callback.finish(visit, Some(TIKTOK.id.clone())).await
}

/// Finishes the authorization request of any platform.
#[utoipa::path(
    method(get, head),
    path = "/social-accounts-callback",
    operation_id = "finishConnect",
    tag = "connect",
    params(CallbackQuery),
    responses(CallbackResponse)
)]
async fn any(State(callback): State<Callback>, visit: Visit) -> Response {
    callback.finish(visit, None).await
}

/// A browser's request.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(Callback))]
struct Visit {
    method: Method,
    headers: HeaderMap,
    query: Query<CallbackQuery>,
    cookies: Cookies,
    arrival: Arrival,
    by: By,
}

impl Visit {
    /// Reports whether a browser requests the page in advance: `Sec-Purpose: prefetch`, `prefetch;prerender`,
    /// and what browsers sent before that header was standardised.
    fn is_ahead(&self) -> bool {
        let values = AHEAD_HEADERS.iter().flat_map(|name| self.headers.get_all(*name));
        let mut words =
            values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split([',', ';']));
        words.any(|word| AHEAD.iter().any(|ahead| word.trim().eq_ignore_ascii_case(ahead)))
    }
}

impl Callback {
    /// Redirects to our own page, which explains the outcome. A prefetch gets an empty response.
    async fn finish(&self, visit: Visit, platform: Option<PlatformId>) -> Response {
        if visit.method == Method::HEAD || visit.is_ahead() {
            // A state works once, and the real request still needs it.
            return StatusCode::NO_CONTENT.into_response();
        }
        let Query(query) = visit.query;
        let given = |value: Option<String>| value.filter(|value| !value.is_empty());
        let response = AuthorizationResponse {
            state: given(query.state).map(OAuthState::new),
            code: given(query.code).map(AuthorizationCode::new),
            error: given(query.error),
            error_code: given(query.error_code).or_else(|| given(query.error_message)),
            scopes: given(query.scopes).or_else(|| given(query.scope)),
            platform,
            origin: visit.by.0,
        };
        let cookies = visit.cookies;
        let redirect = self.flow.callback(response, &|name| cookies.get(name), visit.arrival.deadline).await;
        let mut location = self.flow.config.app_url.clone();
        let path = format!("{}{}", location.path().trim_end_matches('/'), redirect.return_to.as_str());
        location.set_path(&path);
        location.set_query(Some(&redirect.query));
        (StatusCode::FOUND, [(header::LOCATION, String::from(location))]).into_response()
    }
}
