//! The upload host: one POST with all the bytes that are still missing.
//!
//! Meta documents no smaller part: a request of another length than the missing part of `file_size` is a
//! `PartialRequestError`. After an interrupted request, the video's status reports the bytes received, and
//! the next one starts there.

use std::time::Duration;

use http::{HeaderName, header};
use serde::Deserialize;

use crate::http::{Body, Call, Effect, Reply};
use crate::platform::{PlatformError, SessionUrl, members};
use crate::secret::AccessToken;

const OFFSET: HeaderName = HeaderName::from_static("offset");
const FILE_SIZE: HeaderName = HeaderName::from_static("file_size");

/// Ten minutes: 300 MB at 4 Mbit/s. A shorter invocation is interrupted, and the next one resumes.
const PATIENCE: Duration = Duration::from_mins(10);

/// Sends the missing bytes from `offset` on. Bytes alone publish nothing. Still, none are resent without
/// checking what Meta has: it keeps a part, or all, of an interrupted call.
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

/// The response of the upload host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::platform) enum UploadAnswer {
    /// It has all of it.
    Whole,
    /// It expects another offset, or something else: the status has the answer.
    Ask,
    /// It cannot use the bytes.
    Unusable,
}

/// Decodes the response of the upload host.
pub(in crate::platform) fn read_upload(reply: &Reply) -> Result<UploadAnswer, PlatformError> {
    let Some(answer) = reply.json::<Answer>() else {
        return Err(PlatformError::unreadable(reply));
    };
    let kind = answer.debug_info.map(|info| info.kind).unwrap_or_default();
    match (reply.is_success(), answer.success, kind.as_str()) {
        (true, Some(true), "") => Ok(UploadAnswer::Whole),
        (_, _, "ProcessingFailedError") if reply.status < 500 => Ok(UploadAnswer::Unusable),
        (_, _, "OffsetInvalidError" | "PartialRequestError") => Ok(UploadAnswer::Ask),
        // The host's other errors are not documented; Graph's are.
        _ if reply.status < 500 && reply.status != 429 => Ok(UploadAnswer::Ask),
        _ => Err(PlatformError::sort(&[], None, None, reply)),
    }
}
