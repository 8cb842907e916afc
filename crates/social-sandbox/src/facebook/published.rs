//! The published videos of the simulated Pages.

use serde::{Deserialize, Serialize};

/// The format of a published video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A Reel.
    Reel,
    /// A plain video.
    Video,
}

/// A video that is published, or that nothing can stop from being published. Tests count these to tell once
/// from twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The id from its start.
    pub video_id: String,
    /// The post's own id.
    pub post_id: String,
    /// Its Page.
    pub page_id: String,
    /// The Page's handle.
    pub username: String,
    /// Its format.
    pub kind: Kind,
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub description: String,
    /// Whether it is labelled as AI-generated.
    pub is_ai_generated: bool,
    /// The SHA-256 of the bytes that arrived, in hex.
    pub sha256: String,
    /// Their number.
    pub size: u64,
    /// When it was finished, in milliseconds since 1970 by the sandbox's clock.
    pub at: i64,
}
