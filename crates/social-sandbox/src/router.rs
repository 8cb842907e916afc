//! All routes of the sandbox.

use crate::sandbox::Sandbox;
use crate::{control, facebook, index, instagram, meta, tiktok, youtube};
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
            tiktok::resume(self);
            meta::resume(self);
        }
        Router::new()
            .merge(index::routes())
            .nest("/control", control::routes())
            .nest("/tiktok", tiktok::routes())
            .nest("/youtube", youtube::routes())
            .nest_service("/instagram", instagram::host(self))
            .nest_service("/facebook", facebook::host(self))
            .nest("/meta-upload", meta::upload_routes())
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
