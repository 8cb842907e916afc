//! The upload host: one POST with all the bytes that are still missing.
//!
//! Meta documents no smaller piece: a request whose length is not what is missing of `file_size` is called a
//! `PartialRequestError`. What a cut request leaves is counted by the video's status, and the next one begins there.

use std::time::Duration;

use http::{HeaderName, header};
use serde::Deserialize;

use crate::http::{Body, Call, Effect, Reply};
use crate::platform::{PlatformError, SessionUrl, members};
use crate::secret::AccessToken;

const OFFSET: HeaderName = HeaderName::from_static("offset");
const FILE_SIZE: HeaderName = HeaderName::from_static("file_size");

/// Ten minutes: 300 MB at 4 Mbit/s. An invocation that has less time is cut off, and the next one goes on.
const PATIENCE: Duration = Duration::from_mins(10);

/// Sends what is missing from `offset` on. The bytes alone publish nothing, and yet none are sent blindly a second time:
/// of a call that was cut or whose answer was lost, Meta has kept a part, or all.
pub(in crate::platform) fn upload_call(to: &SessionUrl, token: &AccessToken, offset: u64, size: u64) -> Call {
    Call::new(http::Method::POST, to.url(), Effect::Once)
        .oauth(token)
        .header(OFFSET, offset)
        .header(FILE_SIZE, size)
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(Body::Video { start: offset, end: size })
        .timeout(PATIENCE)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    #[serde(deserialize_with = "members::flag")]
    success: Option<bool>,
    debug_info: Option<DebugInfo>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DebugInfo {
    #[serde(rename = "type")]
    kind: String,
}

/// What the upload host says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platform) enum UploadAnswer {
    /// It has all of it.
    Whole,
    /// It stands elsewhere than we thought, or wants something else: the status knows.
    Ask,
    /// It can make nothing of the bytes.
    Unusable,
}

/// Reads the upload host's answer.
pub(in crate::platform) fn read_upload(reply: &Reply) -> Result<UploadAnswer, PlatformError> {
    let Some(answer) = reply.json::<Answer>() else {
        return Err(PlatformError::unreadable(reply));
    };
    let kind = answer.debug_info.map(|info| info.kind).unwrap_or_default();
    match (reply.is_success(), answer.success, kind.as_str()) {
        (true, Some(true), "") => Ok(UploadAnswer::Whole),
        (_, _, "ProcessingFailedError") if reply.status < 500 => Ok(UploadAnswer::Unusable),
        (_, _, "OffsetInvalidError" | "PartialRequestError") => Ok(UploadAnswer::Ask),
        // The host's words for other refusals are not documented; Graph's are.
        _ if reply.status < 500 && reply.status != 429 => Ok(UploadAnswer::Ask),
        _ => Err(PlatformError::sort(&[], None, None, reply)),
    }
}
