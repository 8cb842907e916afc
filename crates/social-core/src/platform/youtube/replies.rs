//! The parts of Google's and YouTube's responses that we use.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::errors;
use crate::clock::Timestamp;
use crate::http::Reply;
use crate::platform::{PlatformError, members};

/// Google's error envelope: the reason first, or the name of the status.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: ErrorBody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorBody {
    errors: Vec<ErrorItem>,
    status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ErrorItem {
    reason: String,
}

/// A list of anything; absent items are an empty list.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(super) items: Vec<T>,
}

/// A channel.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Channel {
    #[serde(deserialize_with = "members::id")]
    pub(super) id: String,
    pub(super) snippet: ChannelSnippet,
    pub(super) content_details: ContentDetails,
    pub(super) status: ChannelStatus,
    pub(super) statistics: Statistics,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChannelSnippet {
    pub(super) title: Option<String>,
    pub(super) custom_url: Option<String>,
    pub(super) thumbnails: Thumbnails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Thumbnails {
    pub(super) medium: Option<Thumbnail>,
    pub(super) default: Option<Thumbnail>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Thumbnail {
    pub(super) url: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ContentDetails {
    pub(super) related_playlists: RelatedPlaylists,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RelatedPlaylists {
    pub(super) uploads: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ChannelStatus {
    pub(super) long_uploads_status: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "YouTube's own fields")]
pub(super) struct Statistics {
    #[serde(deserialize_with = "members::count")]
    pub(super) subscriber_count: Option<i64>,
    #[serde(deserialize_with = "members::count")]
    pub(super) video_count: Option<i64>,
    #[serde(deserialize_with = "members::flag")]
    pub(super) hidden_subscriber_count: bool,
}

/// An item of the uploads playlist.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    #[serde(default)]
    pub(super) snippet: ItemSnippet,
    pub(super) content_details: ItemDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ItemSnippet {
    pub(super) published_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemDetails {
    #[serde(deserialize_with = "members::id")]
    pub(super) video_id: String,
}

/// A video.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Video {
    #[serde(deserialize_with = "members::id")]
    pub(super) id: String,
    #[serde(default)]
    pub(super) snippet: VideoSnippet,
    #[serde(default)]
    pub(super) status: VideoStatus,
    #[serde(default)]
    pub(super) file_details: FileDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VideoSnippet {
    pub(super) title: String,
    pub(super) description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VideoStatus {
    pub(super) upload_status: String,
    pub(super) failure_reason: Option<String>,
    pub(super) rejection_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct FileDetails {
    pub(super) file_name: Option<String>,
    #[serde(deserialize_with = "members::count")]
    pub(super) file_size: Option<i64>,
}

/// Decodes a successful response, or sorts the error.
pub(super) fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, PlatformError> {
    if !reply.is_success() {
        return Err(refusal(reply));
    }
    PlatformError::reading(reply)
}

/// Sorts an error response.
pub(super) fn refusal(reply: &Reply) -> PlatformError {
    let code = reply.json::<Envelope>().and_then(|Envelope { error }| {
        let mut reasons = error.errors.into_iter().map(|item| item.reason);
        reasons.find(|reason| !reason.is_empty()).or(error.status)
    });
    PlatformError::sort(errors::API, code.as_deref(), None, reply)
}
