//! The parts of TikTok's responses that we use.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors;
use crate::http::Reply;
use crate::platform::{PlatformError, members};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    data: Value,
    error: ErrorBody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    #[serde(deserialize_with = "members::id")]
    code: Option<String>,
    message: String,
    // TikTok's samples say `log_id`, its tables `logid`.
    #[serde(deserialize_with = "members::id")]
    log_id: Option<String>,
    #[serde(deserialize_with = "members::id")]
    logid: Option<String>,
}

impl ErrorBody {
    fn log_id(self) -> Option<String> {
        self.log_id.or(self.logid)
    }
}

/// The response of `creator_info/query`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Creator {
    #[serde(rename = "creator_username")]
    pub(super) username: Option<String>,
    pub(super) privacy_level_options: Vec<String>,
    #[serde(deserialize_with = "members::count")]
    pub(super) max_video_post_duration_sec: Option<u32>,
}

/// The response of an init.
#[derive(Debug, Deserialize)]
pub(super) struct Init {
    #[serde(deserialize_with = "members::id")]
    pub(super) publish_id: String,
    pub(super) upload_url: Option<String>,
}

/// The response of `status/fetch`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    #[serde(rename = "status")]
    pub(super) name: String,
    pub(super) fail_reason: Option<String>,
    // TikTok's own misspelling, and the correct spelling in case TikTok fixes it.
    #[serde(deserialize_with = "members::ids")]
    publicaly_available_post_id: Vec<String>,
    #[serde(deserialize_with = "members::ids")]
    publicly_available_post_id: Vec<String>,
    #[serde(deserialize_with = "members::count")]
    pub(super) uploaded_bytes: Option<u64>,
}

impl Status {
    /// Returns the id of the post, once it is public.
    pub(super) fn post_id(&self) -> Option<&String> {
        self.publicaly_available_post_id.iter().chain(&self.publicly_available_post_id).next()
    }
}

/// The response of `user/info`.
#[derive(Debug, Deserialize)]
pub(super) struct UserInfo {
    pub(super) user: User,
}

/// The user in it: every field is optional, because its scope may be.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    #[serde(deserialize_with = "members::id")]
    pub(super) open_id: Option<String>,
    pub(super) avatar_url: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) username: Option<String>,
    #[serde(deserialize_with = "members::count")]
    pub(super) follower_count: Option<i64>,
    #[serde(deserialize_with = "members::count")]
    pub(super) video_count: Option<i64>,
}

/// Reports whether an init is rejected for its chunks. TikTok says so under `invalid_params`, only in its
/// text: "The chunk size is invalid", "The total chunk count is invalid" (Content Posting API, "Media
/// Transfer Guide"; seen by integrators).
pub(super) fn blames_chunks(reply: &Reply) -> bool {
    reply.json::<Envelope>().is_some_and(|Envelope { error, .. }| {
        error.code.is_some_and(|code| code.starts_with("invalid_param"))
            && error.message.to_ascii_lowercase().contains("chunk")
    })
}

/// Returns TikTok's id of the call.
pub(super) fn log_id(reply: &Reply) -> Option<String> {
    reply.json::<Envelope>()?.error.log_id()
}

/// Decodes an envelope without data: `cancel` returns `error` alone.
pub(super) fn read_ack(reply: &Reply) -> Result<(), PlatformError> {
    open(reply).map(drop)
}

/// Decodes TikTok's envelope: success is `error.code == "ok"`, and HTTP 200 is not enough.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, PlatformError> {
    PlatformError::reading_from(open(reply)?, reply)
}

/// Returns the data in the envelope; null, if there is none.
fn open(reply: &Reply) -> Result<Value, PlatformError> {
    let Envelope { data, error } = PlatformError::reading(reply)?;
    match error.code.clone().filter(|code| code != "ok") {
        Some(code) => Err(PlatformError::sort(errors::API, Some(&code), error.log_id(), reply)),
        None if !reply.is_success() => Err(PlatformError::sort(errors::API, None, None, reply)),
        None => Ok(data),
    }
}
