//! What Google and YouTube answer, as far as we use it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::errors;
use crate::clock::Timestamp;
use crate::http::Reply;
use crate::platform::PlatformError;

/// Google's error envelope: the reason first, the name of the status where there is none.
#[derive(Deserialize)]
struct Envelope {
    error: ErrorBody,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    errors: Vec<ErrorItem>,
    status: Option<String>,
}

#[derive(Deserialize)]
struct ErrorItem {
    reason: Option<String>,
}

/// A list of anything; no items at all is an empty one.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
}

/// A channel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Channel {
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: ChannelSnippet,
    #[serde(default)]
    pub(super) content_details: ContentDetails,
    #[serde(default)]
    pub(super) status: ChannelStatus,
    #[serde(default)]
    pub(super) statistics: Statistics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChannelSnippet {
    pub(super) title: Option<String>,
    pub(super) custom_url: Option<String>,
    #[serde(default)]
    pub(super) thumbnails: Thumbnails,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Thumbnails {
    pub(super) medium: Option<Thumbnail>,
    pub(super) default: Option<Thumbnail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Thumbnail {
    pub(super) url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContentDetails {
    #[serde(default)]
    pub(super) related_playlists: RelatedPlaylists,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct RelatedPlaylists {
    pub(super) uploads: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChannelStatus {
    pub(super) long_uploads_status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "YouTube's own fields")]
pub(super) struct Statistics {
    #[serde(default, deserialize_with = "number")]
    pub(super) subscriber_count: Option<i64>,
    #[serde(default, deserialize_with = "number")]
    pub(super) video_count: Option<i64>,
    #[serde(default)]
    pub(super) hidden_subscriber_count: bool,
}

/// An item of the uploads playlist.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) snippet: ItemSnippet,
    pub(super) content_details: ItemDetails,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemSnippet {
    pub(super) published_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemDetails {
    pub(super) video_id: String,
}

/// A video.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Video {
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: VideoSnippet,
    #[serde(default)]
    pub(super) status: VideoStatus,
    #[serde(default)]
    pub(super) file_details: FileDetails,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct VideoSnippet {
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VideoStatus {
    #[serde(default)]
    pub(super) upload_status: String,
    pub(super) failure_reason: Option<String>,
    pub(super) rejection_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileDetails {
    pub(super) file_name: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) file_size: Option<i64>,
}

/// Counts are strings of digits here, and might one day be numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Count {
    Number(i64),
    Text(String),
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Option::<Count>::deserialize(deserializer)? {
        Some(Count::Number(number)) => Some(number),
        Some(Count::Text(text)) => text.parse().ok(),
        None => None,
    })
}

/// Reads a successful answer, or sorts the error.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, PlatformError> {
    if !reply.is_success() {
        return Err(refusal(reply));
    }
    reply.json().ok_or_else(|| PlatformError::unreadable(reply))
}

/// What a refusal means.
pub(super) fn refusal(reply: &Reply) -> PlatformError {
    let body = reply.json::<Envelope>().map(|envelope| envelope.error);
    let code = body.and_then(|error| {
        let reason = error.errors.into_iter().find_map(|item| item.reason);
        reason.filter(|reason| !reason.is_empty()).or(error.status)
    });
    PlatformError::sort(errors::API, code.as_deref(), None, reply)
}
