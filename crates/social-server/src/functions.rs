//! The functions, by their paths.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use social_core::web::Functions;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument as _;

use crate::refusal::refusal;

/// 20 s without a byte: a caller that has stopped sending.
const STALLED: Duration = Duration::from_secs(20);

/// Returns the routes `/.netlify/functions/<name>`, and `/api/<name>` as `netlify.toml` rewrites it.
pub(crate) fn router(functions: Arc<Functions>) -> Router {
    Router::new()
        .route("/.netlify/functions/{*function}", any(answer))
        .route("/api/openapi.json", any(contract))
        .route("/api/{*function}", any(answer))
        .with_state(functions)
        .layer(RequestBodyTimeoutLayer::new(STALLED))
        .layer(CompressionLayer::new())
}

/// Returns the contract, under its file's name.
async fn contract(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    match functions.find("social-openapi") {
        Some(function) => function.answer(request).await,
        None => refusal(StatusCode::NOT_FOUND, "not_found", "There is no contract here."),
    }
}

/// Calls a function. It continues if the caller hangs up, as in the cloud.
async fn answer(State(functions): State<Arc<Functions>>, request: Request) -> Response {
    let answered = tokio::spawn(async move { functions.answer(request).await }.in_current_span()).await;
    answered.unwrap_or_else(|_| {
        let message = "This server is stopping. Try again.";
        refusal(StatusCode::SERVICE_UNAVAILABLE, "server_stopping", message)
    })
}

#[cfg(test)]
mod tests {
    use social_core::config::Mode;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::Instant;

    use super::*;

    const VARS: [(&str, &str); 5] = [
        ("APP_URL", "http://localhost:8888"),
        ("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"),
        ("TOKEN_ENCRYPTION_KEYS", "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        ("AUTH_JWT_SECRET", "the-secret-of-all-our-tests-here"),
        ("WORKER_SECRET", "the-worker-of-all-our-tests-here"),
    ];

    #[tokio::test]
    async fn a_body_that_stops_arriving_ends_after_twenty_seconds() {
        let var =
            |name: &str| VARS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let functions = Arc::new(Functions::from_vars(Mode::Local, 1, &var).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        tokio::spawn(social_sandbox::serve(listener, router(functions), std::future::pending()));
        let request = "POST /api/social-post-worker HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\
            authorization: Bearer the-worker-of-all-our-tests-here\r\n\r\n{";
        caller.write_all(request.as_bytes()).await.unwrap();
        tokio::time::pause();
        let began = Instant::now();
        let mut said = String::new();
        caller.read_to_string(&mut said).await.unwrap();
        let took = began.elapsed();
        assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("body_unreadable"), "{said}");
        assert!((STALLED..STALLED + Duration::from_secs(2)).contains(&took), "{took:?}");
    }
}
