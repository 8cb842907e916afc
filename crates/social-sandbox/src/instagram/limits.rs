//! The numbers Meta publishes for Instagram, and those it does not; all can be changed while the sandbox runs.

use crate::meta::Usage;
use serde::{Deserialize, Serialize};

/// Caps, lifetimes, how long processing takes, and which of two forms a reply has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Posts per account in 24 hours; Meta's pages say 100 and 50.
    pub posts_per_day: usize,
    /// Containers per account in 24 hours.
    pub containers_per_day: usize,
    /// How long an authorization code lives.
    pub code_seconds: u32,
    /// How long a token from a code lives.
    pub short_token_seconds: u32,
    /// How long an extended token lives.
    pub long_token_seconds: u32,
    /// How old a token must be to be refreshed.
    pub refresh_after_seconds: u32,
    /// How long a container can be published.
    pub container_seconds: u32,
    /// Polls that answer "in progress" after all bytes have arrived.
    pub processing_polls: u32,
    /// Polls after a publication that still answer "finished".
    pub publish_polls: u32,
    /// What a second `media_publish` of one container does; nobody has said.
    pub second_publish: SecondPublish,
    /// Whether the token and profile replies hide in `data`.
    pub replies: Shape,
    /// Whether Instagram Login takes `upload_type`, which is documented for Facebook Login.
    pub upload_type: UploadType,
    /// Whether a container tells how many bytes have come.
    pub upload_status: UploadStatus,
    /// What the usage headers say, if there are any.
    pub usage: Option<Usage>,
}

/// What publishing a container twice does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondPublish {
    /// The video is there twice: the worst that could be.
    Duplicates,
    /// The first one's id again.
    SameId,
    /// An error.
    Refused,
}

/// The shape of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// An object.
    Flat,
    /// The object alone in a list called `data`.
    Wrapped,
}

/// What becomes of a container that is to be filled by upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UploadType {
    /// It is made.
    Taken,
    /// It is refused.
    Refused,
}

/// Whether containers have the field `video_status`, which stands in Meta's specifications alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UploadStatus {
    /// They have.
    Told,
    /// To ask for it is an error.
    Unknown,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            posts_per_day: 100,
            containers_per_day: 400,
            code_seconds: 3_600,
            short_token_seconds: 3_600,
            long_token_seconds: 5_184_000,
            refresh_after_seconds: 86_400,
            container_seconds: 86_400,
            processing_polls: 2,
            publish_polls: 0,
            second_publish: SecondPublish::Duplicates,
            replies: Shape::Flat,
            upload_type: UploadType::Taken,
            upload_status: UploadStatus::Told,
            usage: None,
        }
    }
}

impl Limits {
    /// Limits that never stand in the way: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { posts_per_day: usize::MAX, containers_per_day: usize::MAX, ..Self::default() }
    }
}
