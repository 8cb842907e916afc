//! What TikTok answers, as far as we use it.

use serde::Deserialize;

use super::errors;
use crate::http::Reply;
use crate::platform::{PlatformError, ids};

#[derive(Deserialize)]
struct Envelope<T> {
    data: Option<T>,
    error: Option<ErrorBody>,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    // TikTok's tables say `logid`, its samples `log_id`.
    #[serde(alias = "logid")]
    log_id: Option<String>,
}

/// The answer to `creator_info/query`.
#[derive(Debug, Deserialize)]
pub(super) struct Creator {
    #[serde(rename = "creator_username")]
    pub(super) username: Option<String>,
    #[serde(default)]
    pub(super) privacy_level_options: Vec<String>,
    pub(super) max_video_post_duration_sec: Option<u32>,
}

/// The answer to an init.
#[derive(Debug, Deserialize)]
pub(super) struct Init {
    pub(super) publish_id: String,
    pub(super) upload_url: Option<String>,
}

/// The answer to `status/fetch`.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    #[serde(default, rename = "status")]
    pub(super) name: String,
    pub(super) fail_reason: Option<String>,
    // TikTok's own misspelling, and the spelling it may one day mend it to.
    #[serde(default, alias = "publicly_available_post_id", deserialize_with = "ids::ids")]
    pub(super) publicaly_available_post_id: Vec<String>,
    pub(super) uploaded_bytes: Option<u64>,
}

/// The answer to `user/info`.
#[derive(Debug, Deserialize)]
pub(super) struct UserInfo {
    pub(super) user: User,
}

/// The user within it: every field is optional, because its scope may be.
#[derive(Debug, Default, Deserialize)]
pub(super) struct User {
    pub(super) open_id: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) follower_count: Option<i64>,
    pub(super) video_count: Option<i64>,
}

/// Whether an init is refused for its chunks. TikTok says so under `invalid_params`, in words alone: "The chunk size is
/// invalid", "The total chunk count is invalid" (Content Posting API, "Media Transfer Guide"; seen by integrators).
pub(super) fn blames_chunks(reply: &Reply) -> bool {
    let error = reply.json::<Envelope<serde_json::Value>>().and_then(|envelope| envelope.error);
    error.is_some_and(|error| {
        error.code.starts_with("invalid_param") && error.message.to_ascii_lowercase().contains("chunk")
    })
}

/// Reads an envelope without data: `cancel` answers with `error` alone.
pub(super) fn read_ack(reply: &Reply) -> Result<(), PlatformError> {
    open(reply).map(drop)
}

/// Reads TikTok's envelope: success is `error.code == "ok"`, and HTTP 200 is not enough.
pub(super) fn read<T: for<'de> Deserialize<'de>>(reply: &Reply) -> Result<T, PlatformError> {
    open(reply)?.and_then(|data| T::deserialize(data).ok()).ok_or_else(|| PlatformError::unreadable(reply))
}

fn open(reply: &Reply) -> Result<Option<serde_json::Value>, PlatformError> {
    let Some(envelope) = reply.json::<Envelope<serde_json::Value>>() else {
        return Err(PlatformError::unreadable(reply));
    };
    match envelope.error {
        Some(error) if error.code != "ok" && !error.code.is_empty() => {
            Err(PlatformError::sort(errors::API, Some(&error.code), error.log_id, reply))
        }
        _ if !reply.is_success() => Err(PlatformError::sort(errors::API, None, None, reply)),
        _ => Ok(envelope.data),
    }
}
