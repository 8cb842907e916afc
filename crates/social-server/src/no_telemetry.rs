//! In place of OpenTelemetry, in a program without the feature `otel`: nothing is collected or sent.

use std::sync::Arc;

use axum::Router;
use metrics::NoopRecorder;
use social_core::web::Functions;
use tracing_subscriber::layer::Identity;

use crate::error::ServerError;
use crate::vars::Vars;

/// Sends nothing.
pub(crate) struct Telemetry;

#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "the signatures of the module with the feature"
)]
impl Telemetry {
    pub(crate) fn start(_: &Vars) -> Result<Self, ServerError> {
        Ok(Self)
    }

    pub(crate) fn layer(&self) -> Option<Identity> {
        None
    }

    pub(crate) fn recorder(&self, _: &'static str, _: &[f64]) -> Option<NoopRecorder> {
        None
    }

    pub(crate) fn trace(&self, router: Router, _: Arc<Functions>) -> Router {
        router
    }

    pub(crate) fn end(self) {}
}
