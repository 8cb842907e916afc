//! A function: a router with what every response needs around it.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::auth::Owner;
use super::codes::CommonCode;
use super::error::ApiError;
use super::shared::Shared;
use crate::clock::{Clock, Deadline};
use crate::entropy::{Entropy, uuid_v7};
use crate::model::{Actor, OwnerId, RequestId};

/// How a request arrived. The adapter of a host puts it into the request's extensions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrival {
    /// When the invocation must end; `None` if the host names no deadline.
    pub deadline: Option<Deadline>,
    /// Whether it came from inside the cloud (`EventBridge`, SQS), where IAM has authorised the caller.
    pub trusted: bool,
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// A function of the product. Every host calls it in the same way.
#[derive(Debug)]
pub struct Function {
    name: &'static str,
    routes: Router,
    https: bool,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Function {
    pub(super) fn new(name: &'static str, routes: Router, shared: &Shared) -> Self {
        Self {
            name,
            routes,
            https: shared.config.app_url.scheme() == "https",
            clock: Arc::clone(&shared.clock),
            entropy: Arc::clone(&shared.entropy),
        }
    }

    /// Returns its name in paths.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Responds to a request. Never fails: a panic becomes a response too.
    pub async fn answer(&self, request: Request) -> Response {
        self.respond(request, None).await
    }

    /// Responds to a request that support makes for an owner: by the same rules, and without a token.
    pub async fn answer_support(&self, owner: OwnerId, request: Request) -> Response {
        self.respond(request, Some(Owner(owner))).await
    }

    async fn respond(&self, mut request: Request, owner: Option<Owner>) -> Response {
        let method = request.method().clone();
        let id = self.request_id(request.headers());
        *request.uri_mut() = from_name(request.uri(), self.name);
        // A host's own router may have left the parameters of its path here.
        let arrival = request.extensions_mut().remove::<Arrival>().unwrap_or_default();
        request.extensions_mut().clear();
        request.extensions_mut().insert(arrival);
        request.extensions_mut().insert(id.clone());
        if let Some(owner) = owner {
            request.extensions_mut().insert(owner);
            request.extensions_mut().insert(Actor::Support);
        }
        // The caller gets this id, so its log lines can be found.
        let span = tracing::info_span!("request", request.id = id.as_str());
        let answer = AssertUnwindSafe(self.routes.clone().oneshot(request)).catch_unwind();
        let mut response = match answer.instrument(span).await {
            Ok(Ok(response)) => response,
            Err(_) => {
                tracing::error!(request.id = id.as_str(), "the function panicked");
                ApiError::from(CommonCode::Internal).into_response()
            }
        };
        if method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        if response.status() != StatusCode::METHOD_NOT_ALLOWED {
            // Axum adds it to whatever a path's fallback returns, also where a guard has answered.
            response.headers_mut().remove(header::ALLOW);
        }
        self.finish(response.headers_mut(), &id);
        response
    }

    /// Returns the caller's id of the request if it is plain, or a new one.
    fn request_id(&self, headers: &HeaderMap) -> RequestId {
        let given = headers.get("x-request-id").and_then(|id| id.to_str().ok()).and_then(RequestId::named);
        given.unwrap_or_else(|| uuid_v7(self.clock.now(), &*self.entropy).into())
    }

    /// Adds the headers of every response.
    fn finish(&self, headers: &mut HeaderMap, id: &RequestId) {
        secure(headers);
        if self.https {
            let value = HeaderValue::from_static("max-age=31536000");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        if let Ok(id) = HeaderValue::try_from(id.as_str()) {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
    }
}

/// Adds the headers that do not depend on the process.
pub(super) fn secure(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 4] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Returns the path from the function's own name on, without empty segments. A rewritten request arrives with its
/// original path, and some hosts leave the name out.
fn from_name(uri: &Uri, name: &str) -> Uri {
    let segments = uri.path().split('/').filter(|segment| !segment.is_empty());
    let mut path = format!("/{name}");
    for segment in segments.skip_while(|segment| *segment != name).skip(1) {
        path.push('/');
        path.push_str(segment);
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    path.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_from_the_functions_own_name_on() {
        let short = |uri: &str| from_name(&uri.parse().unwrap(), "social-posts").to_string();
        assert_eq!(short("/api/social-posts"), "/social-posts");
        assert_eq!(short("/.netlify/functions/social-posts/1/cancel?a=b"), "/social-posts/1/cancel?a=b");
        assert_eq!(short("/prod//social-posts//1/"), "/social-posts/1");
        assert_eq!(short("/events"), "/social-posts");
        assert_eq!(short("/"), "/social-posts");
    }
}
