//! The settings of outgoing webhooks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::reader::Reader;
use crate::secret::WebhookSecret;

/// Ten: every message is written once for each endpoint.
const MOST_ENDPOINTS: usize = 10;

/// Where the product hears what happened. Without a URL, nothing is written down.
#[derive(Debug, Clone, Default)]
pub struct WebhookConfig {
    /// The endpoints.
    pub urls: Vec<Url>,
    /// Each signs every message, so that a receiver may change from one to the next.
    pub secrets: Vec<WebhookSecret>,
}

impl Reader<'_> {
    pub(super) fn webhooks(&mut self) -> WebhookConfig {
        let (given, keys) = (self.list("WEBHOOK_URLS"), self.list("WEBHOOK_SECRETS"));
        if given.len() > MOST_ENDPOINTS {
            self.problem("WEBHOOK_URLS", format!("names up to {MOST_ENDPOINTS} endpoints"));
        }
        if given.is_empty() != keys.is_empty() {
            let name = if keys.is_empty() { "WEBHOOK_SECRETS" } else { "WEBHOOK_URLS" };
            self.problem(name, "is required, because WEBHOOK_URLS and WEBHOOK_SECRETS go together");
        }
        let urls = given.iter().filter_map(|url| self.trusted_url("WEBHOOK_URLS", url)).collect();
        let secrets = keys.iter().filter_map(|key| self.webhook_secret(key)).collect();
        WebhookConfig { urls, secrets }
    }

    /// Standard Webhooks, "Signature scheme": `whsec_` and 24 to 64 bytes in base64.
    fn webhook_secret(&mut self, text: &str) -> Option<WebhookSecret> {
        let key = text
            .strip_prefix("whsec_")
            .filter(|key| STANDARD.decode(key).is_ok_and(|bytes| (24..=64).contains(&bytes.len())));
        if key.is_none() {
            self.problem(
                "WEBHOOK_SECRETS",
                "must be whsec_ and 24 to 64 bytes in base64; create one with: echo \"whsec_$(openssl rand -base64 32)\"",
            );
        }
        key.map(WebhookSecret::new)
    }
}
