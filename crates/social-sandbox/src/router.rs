//! All routes of the sandbox.

use crate::platforms::{SIMULATORS, Simulator};
use crate::sandbox::Sandbox;
use crate::{control, index, meta};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

impl Sandbox {
    /// Returns all routes, without the prefix of the base URL: the server nests them. The index is at the
    /// prefix itself, without a trailing slash.
    ///
    /// Inside a runtime, it also resumes the downloads that an earlier sandbox did not finish.
    pub fn router(&self) -> Router {
        if tokio::runtime::Handle::try_current().is_ok() {
            meta::resume(self);
            for simulator in SIMULATORS {
                (simulator.resume)(self);
            }
        }
        let routes = Router::new()
            .merge(index::routes())
            .nest("/control", control::routes())
            .nest("/meta-upload", meta::upload_routes());
        let platform = |routes: Router<Self>, simulator: &&Simulator| {
            routes.nest_service(&format!("/{}", simulator.name), (simulator.routes)(self))
        };
        SIMULATORS
            .iter()
            .fold(routes, platform)
            .layer(middleware::from_fn_with_state(self.clone(), kept_before_told))
            .with_state(self.clone())
    }
}

/// Saves every change before the response is sent.
async fn kept_before_told(State(sandbox): State<Sandbox>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match sandbox.keep().await {
        Ok(()) => response,
        Err(error) => {
            tracing::error!(%error, "the sandbox could not save its state");
            (StatusCode::INSUFFICIENT_STORAGE, "the sandbox could not save its state").into_response()
        }
    }
}
