//! What can be seen on the sandbox's Pages.

use serde::{Deserialize, Serialize};

/// What a video is published as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A Reel.
    Reel,
    /// A plain video.
    Video,
}

/// A video that is published, or will be whatever anybody does: counted to tell once from twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    /// The id its start answered.
    pub video_id: String,
    /// The post's own id.
    pub post_id: String,
    /// Whose it is.
    pub page_id: String,
    /// The Page's handle.
    pub username: String,
    /// What it is published as.
    pub kind: Kind,
    /// The title.
    pub title: Option<String>,
    /// The text.
    pub description: String,
    /// Whether it is labelled as made by AI.
    pub is_ai_generated: bool,
    /// The SHA-256 of the bytes that arrived, in hex.
    pub sha256: String,
    /// How many they were.
    pub size: u64,
    /// When it was finished, in milliseconds since 1970 by the sandbox's clock.
    pub at: i64,
}
