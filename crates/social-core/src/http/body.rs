//! A request's body, which looks at the clock directly before it is written.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::{SourceFailed, VideoBytes, length_of};
use crate::clock::{Clock, Deadline};

/// The deadline passed between the decision to send and the sending.
#[derive(Debug, thiserror::Error)]
#[error("the deadline passed before the request was written")]
pub(super) struct Lapsed;

/// Looks at the clock when the connection is open and the body asked for.
pub(super) struct Guard {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline: Deadline,
    /// Set when the body is asked for: from then on the platform may have seen the request.
    pub(super) written: Arc<AtomicBool>,
}

pub(super) enum Source {
    Whole(Option<Bytes>),
    Video(Option<VideoBytes>),
}

impl Source {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

/// A body of known length whose first poll looks at the deadline. A body that ends in an error never makes a
/// whole request: the connection is dropped and the platform discards what it got.
pub(super) struct GuardedBody {
    pub(super) guard: Option<Guard>,
    pub(super) source: Source,
    pub(super) left: u64,
}

impl http_body::Body for GuardedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Some(guard) = this.guard.take() {
            if guard.deadline.left(guard.clock.now()).is_zero() {
                return Poll::Ready(Some(Err(Box::new(Lapsed))));
            }
            guard.written.store(true, Ordering::Relaxed);
        }
        let next = match &mut this.source {
            Source::Whole(bytes) => bytes.take().map(Ok),
            Source::Video(None) => Some(Err(SourceFailed)).filter(|_| this.left > 0),
            Source::Video(Some(stream)) => match stream.as_mut().poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                // A source that ends early is a source that failed.
                Poll::Ready(None) => Some(Err(SourceFailed)).filter(|_| this.left > 0),
                Poll::Ready(next) => next,
            },
        };
        Poll::Ready(next.map(|next| match next {
            Ok(bytes) => {
                this.left = this.left.saturating_sub(length_of(&bytes));
                Ok(Frame::data(bytes))
            }
            Err(failed) => Err(failed.into()),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
