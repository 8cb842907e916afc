//! The function `tiktok-webhook`: receives TikTok's events.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::body::Raw;
use super::codes::{CommonCode, RawCode, codes};
use super::endpoints::endpoints;
use super::error::ApiError;
use super::function::Function;
use super::json::Json;
use super::responses::Fails;
use super::shared::{Shared, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::platform::tiktok::FACTS as TIKTOK;
use crate::platform::tiktok::webhook::{self, Refusal};
use crate::store::{PostLinks, ReceivedWebhook, Store};

codes! {
    /// The delivery is rejected.
    WebhookCode {
        InvalidSignature = 401 "invalid_signature" "The signature doesn't match this app.",
    }
}

/// The state of the function.
#[derive(Clone)]
struct Webhook {
    store: Store,
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
}

endpoints!(Webhook; receive: __path_receive);

/// Returns the function `tiktok-webhook`.
///
/// # Errors
/// See [`StartError`].
pub fn tiktok_webhook(shared: &Shared) -> Result<Function, StartError> {
    let state = Webhook {
        store: shared.store.clone(),
        config: Arc::clone(&shared.config),
        clock: Arc::clone(&shared.clock),
    };
    Ok(Function::new("tiktok-webhook", routes().with_state(state), shared))
}

/// TikTok reads only the status.
#[derive(Debug, Serialize, ToSchema)]
struct Recorded {}

/// Records an event of TikTok. A signature more than five minutes off and an unreadable body are ignored.
#[utoipa::path(post, path = "/tiktok-webhook", operation_id = "receiveTiktokEvent", tag = "operation",
    params(("TikTok-Signature" = String, Header, description = "`t=<unix seconds>,s=<hex HMAC-SHA256 of \"t.body\">`")),
    request_body(content = Object, content_type = "application/json", description = "TikTok's event, at most 64 KiB."),
    responses((status = 200, description = "It is recorded, or ignored.", body = Recorded),
        Fails<(CommonCode, RawCode, WebhookCode)>))]
async fn receive(
    State(state): State<Webhook>,
    headers: HeaderMap,
    body: Result<Raw<64>, ApiError>,
) -> Result<Response, ApiError> {
    let Some(settings) = state.config.platforms.get(TIKTOK.id.as_str()) else {
        return Err(ApiError::not_found());
    };
    let body = body?;
    let signature = headers.get("tiktok-signature").and_then(|given| given.to_str().ok()).unwrap_or_default();
    let delivery = match webhook::receive(signature, body.bytes(), settings, state.clock.now()) {
        Ok(delivery) => delivery,
        Err(Refusal::Forged) => {
            return Err(WebhookCode::InvalidSignature.into());
        }
        Err(refusal @ (Refusal::Stale | Refusal::Unreadable)) => {
            tracing::info!("a webhook was ignored: {refusal}");
            return Ok(Json(Recorded {}).into_response());
        }
    };
    let received = ReceivedWebhook {
        body_hash: &Sha256::digest(body.bytes()),
        platform: &TIKTOK.id,
        client_id: &settings.client_id,
        remote_id: delivery.open_id.as_deref(),
        name: &delivery.name,
        event: &delivery.event,
        created_at: delivery.created_at,
    };
    let address = |handle: &str, post_id: &str| webhook::link(handle, post_id, settings);
    state.store.receive_webhook(&received, &PostLinks { address: &address, look: &webhook::look }).await?;
    // Exactly 200: TikTok counts any other status as a failure, and resends for three days.
    Ok(Json(Recorded {}).into_response())
}
