//! The published Reels of the simulated Instagram.

use crate::meta::{Refusal, time};
use crate::sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A published Reel. Tests count these to tell once from twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// Its own id.
    pub media_id: String,
    /// The last part of its URL.
    pub shortcode: String,
    /// The container it was created from.
    pub container_id: String,
    /// Its account.
    pub account_id: String,
    /// Its owner's handle.
    pub username: String,
    /// The caption.
    pub caption: String,
    /// Whether it also appears in the feed.
    pub share_to_feed: Option<bool>,
    /// Whether it is labelled as AI-generated.
    pub is_ai_generated: bool,
    /// The cover's URL.
    pub cover_url: Option<String>,
    /// The frame that is the cover, in milliseconds.
    pub thumb_offset: Option<i64>,
    /// The accounts invited to share it.
    pub collaborators: Vec<String>,
    /// The SHA-256 of the bytes that arrived, in hex.
    pub sha256: String,
    /// Their number.
    pub size: u64,
    /// When it was published, in milliseconds since 1970 by the sandbox's clock.
    pub at: i64,
}

impl Published {
    /// Returns the requested fields.
    pub(super) fn fields(&self, sandbox: &Sandbox, wanted: &[String]) -> Result<Value, Refusal> {
        let mut fields = Map::new();
        for name in wanted {
            let value = match name.as_str() {
                "id" => continue,
                "permalink" => json!(sandbox.address(&format!("/instagram/reel/{}/", self.shortcode))),
                "shortcode" => json!(self.shortcode),
                "caption" => json!(self.caption),
                "media_product_type" => json!("REELS"),
                "media_type" => json!("VIDEO"),
                "timestamp" => json!(time(self.at)),
                "username" => json!(self.username),
                "is_ai_generated" => json!(self.is_ai_generated),
                "is_shared_to_feed" => json!(self.share_to_feed.unwrap_or_default()),
                _ => return Err(Refusal::no_such_field(name)),
            };
            fields.insert(name.clone(), value);
        }
        fields.insert("id".into(), self.media_id.clone().into());
        Ok(fields.into())
    }
}
