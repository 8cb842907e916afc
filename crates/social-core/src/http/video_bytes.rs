//! The bytes of a video that is being uploaded.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;

/// The bytes of a video that is being uploaded.
pub type VideoBytes = Pin<Box<dyn Stream<Item = Result<Bytes, SourceFailed>> + Send + Sync>>;

/// The source of a video failed midway. The code that opened it knows why.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the source of the video failed")]
pub struct SourceFailed;

pub(super) fn length_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
