//! The interval timer that calls the worker: the scheduler of a process that runs all the time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Collected};
use serde_json::Value;
use social_core::web::Functions;
use tokio::task::JoinHandle;

use crate::stop::Stop;

/// 8 s: many hosts kill a container 10 s after they ask it to stop.
const PATIENCE: Duration = Duration::from_secs(8);
/// 15 s: the longest interval after repeated failures, short enough to notice a recovery.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Calls the worker at intervals, one invocation at a time. One is enough: it leases whatever becomes due
/// while it has free slots.
pub(crate) struct Ticker {
    functions: Arc<Functions>,
    ticking: JoinHandle<()>,
}

impl Ticker {
    /// Starts the timer.
    pub(crate) fn start(functions: Arc<Functions>, every: Duration, stop: Stop) -> Self {
        let ticking = tokio::spawn(tick(Arc::clone(&functions), every, stop));
        Self { functions, ticking }
    }

    /// Lets the running invocation finish its calls, for a limited time, and cuts off the rest.
    pub(crate) async fn finish(mut self) {
        self.functions.publisher.stopping.store(true, Ordering::Relaxed);
        if tokio::time::timeout(PATIENCE, &mut self.ticking).await.is_err() {
            tracing::warn!("the worker was still busy; the next start resumes its work");
            self.ticking.abort();
            // It returns when the invocation is dropped.
            let _ = (&mut self.ticking).await;
        }
    }
}

async fn tick(functions: Arc<Functions>, every: Duration, mut stop: Stop) {
    let mut trouble: Option<String> = None;
    let mut pause = every;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.asked() => return,
        }
        let failed = call_worker(&functions, trouble.as_deref()).await.err();
        pause = if failed.is_some() { pause.saturating_mul(2).min(LONGEST_PAUSE) } else { every };
        tell(trouble.as_deref(), failed.as_deref());
        trouble = failed;
    }
}

/// Calls the worker once; returns the error's code if it failed.
async fn call_worker(functions: &Functions, trouble: Option<&str>) -> Result<(), String> {
    // While the database is unreachable the worker would log an error each time. This check is silent.
    if let Some(code) = trouble
        && functions.publisher.flow.store.pulse().await.is_err()
    {
        return Err(code.to_owned());
    }
    let secret = functions.publisher.flow.config.worker.secret.expose();
    let mut request = Request::new(Body::empty());
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = http::Uri::from_static("/.netlify/functions/social-post-worker");
    if let Ok(mut bearer) = HeaderValue::try_from(format!("Bearer {secret}")) {
        bearer.set_sensitive(true);
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
    }
    let response = functions.answer(request).await;
    if response.status().is_success() {
        return Ok(());
    }
    let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = body.pointer("/error/code").and_then(Value::as_str);
    Err(code.unwrap_or("unknown").to_owned())
}

/// Logs once that an error began, and once that it ended.
fn tell(before: Option<&str>, now: Option<&str>) {
    match (before, now) {
        (None, Some(code)) => {
            tracing::warn!(
                error.code = code,
                "the worker fails ({code}); it retries without further log lines"
            );
        }
        (Some(before), Some(code)) if before != code => {
            tracing::warn!(error.code = code, "the worker still fails, now with {code}");
        }
        (Some(_), None) => tracing::info!("the worker runs again"),
        (Some(_), Some(_)) | (None, None) => {}
    }
}
