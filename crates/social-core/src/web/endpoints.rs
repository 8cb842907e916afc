//! The routes of a function, made from the attributes of its handlers.

use std::collections::BTreeMap;

use axum::Router;
use axum::handler::Handler;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter};
use http::{HeaderValue, Method, header};
use utoipa::openapi::HttpMethod;

use super::codes::CommonCode;
use super::error::ApiError;
use super::methods::{allowed, filter};

/// Makes two functions of one list: the routes of a function, and their description. A description is linked
/// only where it is called. Each handler has its path and its methods in `#[utoipa::path]`.
macro_rules! endpoints {
    ($state:ty; $($handler:ident: $path:ident),+ $(,)?) => {
        fn routes() -> axum::Router<$state> {
            let routes = $crate::web::endpoints::Routes::default();
            $(let routes = routes.with::<$path, _, _>(&$handler);)+
            routes.into_router()
        }

        /// Adds the endpoints to the contract.
        pub(in crate::web) fn describe(document: &mut utoipa::openapi::OpenApi) {
            $($crate::web::describe::add::<$path>(document);)+
        }
    };
}
pub(super) use endpoints;

/// Routes by their paths.
pub(super) struct Routes<S>(BTreeMap<String, Route<S>>);

struct Route<S> {
    methods: Vec<HttpMethod>,
    router: MethodRouter<S>,
}

impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Adds a handler at its own path, for its own methods.
    pub(super) fn with<P: utoipa::Path, H: Handler<T, S>, T: 'static>(mut self, handler: &H) -> Self {
        let empty = || Route { methods: Vec::new(), router: MethodRouter::new() };
        let mut route = self.0.remove(&P::path()).unwrap_or_else(empty);
        for method in P::methods() {
            route.router = route.router.on(filter(&method), handler.clone());
            route.methods.push(method);
        }
        self.0.insert(P::path(), route);
        self
    }

    /// Returns a router that rejects every other method and path in JSON.
    ///
    /// Axum would let HEAD into every GET. But GET is not safe everywhere: a link scanner's HEAD would use up a
    /// state.
    pub(super) fn into_router(self) -> Router<S> {
        let router = Router::new().fallback(async || ApiError::not_found());
        self.0.into_iter().fold(router, |router, (path, Route { methods, router: route })| {
            let allowed = allowed(&methods);
            let head = allowed.clone();
            let has_head = methods.iter().any(|method| matches!(method, HttpMethod::Head));
            let route = route.fallback(async move |method: Method| refuse(&method, &allowed));
            let refuse_head = async move |method: Method| refuse(&method, &head);
            let route = if has_head { route } else { route.on(MethodFilter::HEAD, refuse_head) };
            router.route(&path, route)
        })
    }
}

/// Rejects a method that the path does not support.
fn refuse(method: &Method, allowed: &str) -> Response {
    let message = format!("{method} isn't allowed here. Use {allowed}.");
    let mut response = ApiError::from(CommonCode::MethodNotAllowed).saying(message).into_response();
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
