//! The functions, by their paths.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use axum::routing::any;
use http::StatusCode;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use social_core::model::PlatformId;
use social_core::web::{App, Face, Scope};

use crate::invoke::invoke;
use crate::refusal::refusal;

/// 6 MB: the limit of Lambda.
const MOST_BODY: usize = 6 * 1024 * 1024;

const TIKTOK: PlatformId = PlatformId::new("tiktok");

/// Returns the endpoint of a function. No other table maps them.
fn face(name: &str) -> Option<Face> {
    Some(match name {
        "tiktok-connect" => Face::Connect(Scope::Only(TIKTOK)),
        "tiktok-callback" => Face::Callback(Scope::Only(TIKTOK)),
        "social-accounts-connect" => Face::Connect(Scope::Any),
        "social-accounts-callback" => Face::Callback(Scope::Any),
        "social-accounts" => Face::Accounts,
        "social-posts" => Face::Posts,
        "social-post-worker" => Face::PostWorker,
        "social-health" => Face::Health,
        "tiktok-webhook" => Face::Webhook,
        _ => return None,
    })
}

/// Returns the routes `/.netlify/functions/<name>`, and `/api/<name>` as `netlify.toml` rewrites it.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/.netlify/functions/{*function}", any(answer))
        .route("/api/{*function}", any(answer))
        .with_state(app)
}

async fn answer(State(app): State<Arc<App>>, Path(function): Path<String>, request: Request) -> Response {
    let name = function.split('/').next().unwrap_or_default();
    let Some(face) = face(name) else {
        return refusal(StatusCode::NOT_FOUND, "not_found", "There is no function with this name.");
    };
    let (parts, body) = request.into_parts();
    match Limited::new(body, MOST_BODY).collect().await {
        Ok(body) => invoke(&app, face, Request::from_parts(parts, body.to_bytes())).await,
        Err(error) if is_too_long(&*error) => {
            refusal(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is larger than 6 MB.")
        }
        Err(_) => refusal(StatusCode::BAD_REQUEST, "body_unreadable", "The body was cut off. Send it again."),
    }
}

fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>()
}
