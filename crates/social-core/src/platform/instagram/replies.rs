//! The parts of Instagram's responses that we use.

use std::time::Duration;

use serde::Deserialize;

use super::errors::PUBLISHING;
use crate::http::Reply;
use crate::platform::meta::{self, numbers_in, read};
use crate::platform::{Disposition, PlatformError, members};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quotas {
    data: Vec<Quota>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Quota {
    #[serde(deserialize_with = "members::count")]
    quota_usage: Option<u64>,
    config: Option<QuotaConfig>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct QuotaConfig {
    #[serde(deserialize_with = "members::count")]
    quota_total: Option<u64>,
}

/// Decodes the used and the total quota; `None` if Instagram does not name them.
pub(super) fn quota_of(reply: &Reply) -> Result<Option<(u64, u64)>, PlatformError> {
    let quota = read::<Quotas>(PUBLISHING, reply)?.data.into_iter().next();
    Ok(quota.and_then(|quota| quota.quota_usage.zip(quota.config?.quota_total)))
}

/// The response to a new container.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    #[serde(deserialize_with = "members::id")]
    pub(super) id: String,
    pub(super) uri: Option<String>,
}

/// The response to a call to publish.
#[derive(Debug, Deserialize)]
pub(super) struct Published {
    #[serde(deserialize_with = "members::id")]
    pub(super) id: String,
}

/// A Reel.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    pub(super) permalink: Option<String>,
}

/// The list of an account's media.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List {
    pub(super) data: Vec<Item>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    #[serde(deserialize_with = "members::id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) caption: String,
    pub(super) permalink: Option<String>,
    #[serde(default)]
    pub(super) media_product_type: String,
}

/// The response to a status check of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(rename = "status_code")]
    pub(super) name: String,
    #[serde(rename = "status")]
    sentence: String,
    /// The progress of an upload: in Meta's specifications, but not on its pages.
    #[serde(rename = "video_status")]
    pub(super) upload: Option<UploadStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UploadStatus {
    pub(super) uploading_phase: Option<UploadingPhase>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UploadingPhase {
    #[serde(deserialize_with = "members::count")]
    pub(super) bytes_transferred: Option<u64>,
    /// The same field, as Meta's documents spell it.
    #[serde(deserialize_with = "members::count")]
    pub(super) bytes_transfered: Option<u64>,
}

impl Status {
    /// Returns the error of a failed container: its code is part of a text.
    pub(super) fn error(&self, reply: &Reply) -> PlatformError {
        let known = |code: &&str| PUBLISHING.iter().any(|(known, ..)| known == code);
        match numbers_in(&self.sentence).find(known) {
            Some(code) => meta::code_of(PUBLISHING, code, reply),
            // A code that our table does not know is shown all the same.
            None => PlatformError {
                code: numbers_in(&self.sentence).next().unwrap_or("container_error").to_owned(),
                status: reply.status,
                disposition: Disposition::Retry { after: Some(Duration::from_mins(1)) },
                message: "Instagram couldn't process the video. Export it as MP4 (H.264, AAC) and try again.",
                log_id: None,
            },
        }
    }
}
