//! The signature of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::secret::WebhookSecret;

/// Returns the value of `webhook-signature`: for each secret `v1,` and the base64 of the HMAC-SHA256 of
/// `id.timestamp.body`, with spaces between (Standard Webhooks, "Signature scheme").
#[must_use]
pub fn sign(secrets: &[WebhookSecret], id: &str, timestamp: i64, body: &str) -> String {
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| {
            // The settings are checked at the start: it is base64.
            let key = STANDARD.decode(secret.expose()).ok()?;
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
            mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        })
        .collect();
    signatures.join(" ")
}
