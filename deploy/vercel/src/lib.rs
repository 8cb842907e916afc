//! Runs a function on Vercel's Rust runtime.
//!
//! One process serves several requests at once, and Vercel names no deadline. It may end the process at any moment; the worker
//! survives that as it survives a crash.

mod body;

use std::process::ExitCode;
use std::sync::Arc;

use social_core::config::Mode;
use social_core::web::{Arrival, Function, Shared, StartError, log_json};
use vercel_runtime::{Error, Request, Response, ResponseBody, run, service_fn};

/// One process serves many requests at once, as `social-server` does.
const CONNECTIONS: u32 = 8;

/// The one function that Vercel calls by a schedule.
const WORKER: &str = "social-post-worker";

/// Serves a function until the process ends. Its exit code says whether it could start.
pub async fn serve(make: fn(&Shared) -> Result<Function, StartError>) -> ExitCode {
    log_json(var("RUST_LOG").as_deref());
    match start(make) {
        Ok(function) => match run(service_fn(move |request| answer(Arc::clone(&function), request))).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!("the runtime ended: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn start(make: fn(&Shared) -> Result<Function, StartError>) -> Result<Arc<Function>, StartError> {
    make(&Shared::from_vars(Mode::Hosted, CONNECTIONS, &variable)?).map(Arc::new)
}

/// Returns a variable. Vercel sends `CRON_SECRET` to the worker, so it is the worker's secret unless that has one of its own.
fn variable(name: &str) -> Option<String> {
    var(name).or_else(|| if name == "WORKER_SECRET" { var("CRON_SECRET") } else { None })
}

#[expect(clippy::disallowed_methods, reason = "the one place where a function reads its environment")]
fn var(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Answers a request. It never fails: Vercel's runtime would show the text of an error to the caller.
async fn answer(function: Arc<Function>, request: Request) -> Result<Response<ResponseBody>, Error> {
    let (mut parts, incoming) = request.into_parts();
    if function.name() == WORKER && parts.method == "GET" && parts.uri.path().ends_with(WORKER) {
        // Vercel's schedule calls by GET, without a further path. The function checks the secret of any caller.
        parts.method = axum::http::Method::POST;
    }
    parts.extensions.insert(Arrival::default());
    let request = axum::extract::Request::from_parts(parts, body::read(incoming).await);
    let (parts, body) = function.answer(request).await.into_parts();
    // The functions' own bodies are complete in memory.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Ok(Response::from_parts(parts, ResponseBody::from(body)))
}
