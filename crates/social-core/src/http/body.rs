//! A request body that checks the deadline before each piece is written.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::video_bytes::{SourceFailed, VideoBytes, length_of};
use crate::clock::{Clock, Deadline};

/// The deadline passed after the decision to send, before or during the sending.
#[derive(Debug, thiserror::Error)]
#[error("the deadline passed before the whole request was written")]
pub(super) struct Lapsed;

/// Checks the deadline when the connection is open, and before each further piece. A process that was frozen
/// halfway must not resume after another has taken over its work.
pub(super) struct Guard {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline: Deadline,
    /// Set when the body is requested: from then on the platform may have seen the request.
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

/// A body of known length that checks the deadline before each piece. A body that ends in an error never
/// makes a whole request: the connection is dropped, and the platform discards it.
pub(super) struct GuardedBody {
    pub(super) guard: Guard,
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
        if this.guard.deadline.left(this.guard.clock.now()).is_zero() {
            return Poll::Ready(Some(Err(Box::new(Lapsed))));
        }
        this.guard.written.store(true, Ordering::Relaxed);
        let next = match &mut this.source {
            Source::Whole(bytes) => bytes.take().map(Ok),
            Source::Video(None) => Some(Err(SourceFailed)).filter(|_| this.left > 0),
            Source::Video(Some(stream)) => match stream.as_mut().poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                // A source that ends early has failed.
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Duration;

    use http::Method;
    use serde_json::json;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;
    use url::Url;

    use super::super::{Body, Call, Effect, Http, SendError};
    use super::*;
    use crate::clock::Timestamp;

    /// Returns the same time once, and an hour later from then on, as if the process was frozen in between.
    #[derive(Debug, Default)]
    struct FrozenAfterTheFirstLook(AtomicUsize);

    impl Clock for FrozenAfterTheFirstLook {
        fn now(&self) -> Timestamp {
            let hours = i64::from(self.0.fetch_add(1, Ordering::SeqCst) > 0);
            Timestamp::UNIX_EPOCH + chrono::Duration::hours(hours)
        }
    }

    #[tokio::test]
    async fn a_process_that_thaws_with_an_open_connection_sends_nothing_whole() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/publish", listener.local_addr().unwrap())).unwrap();
        let heard = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            let _ = connection.read_to_end(&mut heard).await;
            String::from_utf8_lossy(&heard).into_owned()
        });
        let http = Http::new(Arc::new(FrozenAfterTheFirstLook::default()));
        let call = Call::new(Method::POST, url, Effect::Once).body(Body::Json(json!({ "publish": true })));
        let deadline = Deadline::after(Timestamp::UNIX_EPOCH, Duration::from_secs(30));
        assert_eq!(http.send(call, None, deadline).await.unwrap_err(), SendError::TooLate);
        let heard = heard.await.unwrap();
        assert!(!heard.contains("publish\":true"), "{heard}");
    }
}
