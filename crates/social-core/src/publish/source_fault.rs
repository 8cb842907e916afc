//! Why a video's source failed while its bytes were on their way: the HTTP client only says that they did.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;

use crate::http::{SourceFailed, VideoBytes};
use crate::video::{SourceError, VideoStream};

/// Remembers what went wrong.
#[derive(Clone, Default)]
pub(super) struct SourceFault(Arc<Mutex<Option<SourceError>>>);

impl SourceFault {
    /// The same bytes, watched.
    pub(super) fn watch(&self, stream: VideoStream) -> VideoBytes {
        let fault = self.clone();
        Box::pin(stream.map(move |bytes| {
            bytes.map_err(|error| {
                *fault.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                SourceFailed
            })
        }))
    }

    /// What went wrong, if something did.
    pub(super) fn take(&self) -> Option<SourceError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
