//! The numbers that Meta documents for Instagram, and others. All can be changed while the sandbox runs.

use crate::meta::Usage;
use serde::{Deserialize, Serialize};

/// Quotas, lifetimes, the duration of processing, and which of two formats a response has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Posts per account in 24 hours; Meta's pages say 100 and 50.
    pub posts_per_day: usize,
    /// Containers per account in 24 hours.
    pub containers_per_day: usize,
    /// How long an authorization code is valid.
    pub code_seconds: u32,
    /// How long a token from a code is valid.
    pub short_token_seconds: u32,
    /// How long an extended token is valid.
    pub long_token_seconds: u32,
    /// How old a token must be to be refreshed.
    pub refresh_after_seconds: u32,
    /// How long a container can be published.
    pub container_seconds: u32,
    /// The number of "in progress" responses after all bytes have arrived.
    pub processing_polls: u32,
    /// The number of "finished" responses after a publication.
    pub publish_polls: u32,
    /// The effect of a second `media_publish` of one container; Meta does not document it.
    pub second_publish: SecondPublish,
    /// Whether the token and profile responses are wrapped in `data`.
    pub replies: Shape,
    /// Whether Instagram Login accepts `upload_type`, which is documented for Facebook Login.
    pub upload_type: UploadType,
    /// Whether a container reports how many bytes have arrived.
    pub upload_status: UploadStatus,
    /// The contents of the usage headers, if they are sent.
    pub usage: Option<Usage>,
}

/// The effect of publishing a container twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondPublish {
    /// The video appears twice: the worst case.
    Duplicates,
    /// The id of the first one again.
    SameId,
    /// An error.
    Refused,
}

/// The format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// An object.
    Flat,
    /// The object alone in a list named `data`.
    Wrapped,
}

/// The outcome of a container that expects an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UploadType {
    /// It is created.
    Taken,
    /// It is rejected.
    Refused,
}

/// Whether containers have the field `video_status`, which only Meta's specifications document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UploadStatus {
    /// They have it.
    Told,
    /// Requesting it is an error.
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
    /// Returns limits that never apply: for soak tests.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { posts_per_day: usize::MAX, containers_per_day: usize::MAX, ..Self::default() }
    }
}
