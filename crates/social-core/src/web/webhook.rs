//! The endpoint `tiktok-webhook`: receives TikTok's events.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::request::Incoming;
use super::respond::{ApiError, json_response};
use super::{App, method_not_allowed};
use crate::platform::SocialWorker as _;
use crate::platform::tiktok::TikTok;
use crate::platform::tiktok::webhook::{self, Refusal};
use crate::store::{PostLinks, ReceivedWebhook};

/// 64 KiB: TikTok's events are a few hundred bytes.
const MOST_BODY: usize = 64 * 1024;

impl App {
    pub(super) async fn webhook(&self, incoming: &Incoming) -> Result<Response<Bytes>, ApiError> {
        if incoming.method != Method::POST {
            return Err(method_not_allowed(&incoming.method, "POST"));
        }
        let Some((_, settings)) = self.flow().platform(&TikTok::ID) else {
            return Err(ApiError::not_found());
        };
        if incoming.body.len() > MOST_BODY {
            return Err(ApiError::new(413, "body_too_large", "The body is larger than 64 KiB."));
        }
        let signature = incoming.header("tiktok-signature").unwrap_or_default();
        let delivery = match webhook::receive(signature, &incoming.body, settings, incoming.now) {
            Ok(delivery) => delivery,
            Err(Refusal::Forged) => {
                return Err(ApiError::new(401, "invalid_signature", "The signature doesn't match this app."));
            }
            Err(refusal @ (Refusal::Stale | Refusal::Unreadable)) => {
                tracing::info!("a webhook was ignored: {refusal}");
                return Ok(json_response(200, &json!({})));
            }
        };
        let received = ReceivedWebhook {
            body_hash: &Sha256::digest(&incoming.body),
            platform: &TikTok::ID,
            client_id: &settings.client_id,
            remote_id: delivery.open_id.as_deref(),
            name: &delivery.name,
            event: &delivery.event,
            created_at: delivery.created_at,
        };
        let address = |handle: &str, post_id: &str| webhook::link(handle, post_id, settings);
        self.store()
            .receive_webhook(&received, &PostLinks { address: &address, look: &webhook::look })
            .await?;
        // Exactly 200: TikTok counts any other status as a failure, and resends for three days.
        Ok(json_response(200, &json!({})))
    }
}
