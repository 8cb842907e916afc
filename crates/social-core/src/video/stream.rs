//! The bytes of one range, exactly as many as were asked for.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::source_error::SourceError;

/// How the end of the body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// `Content-Length` told it, and the HTTP client holds the server to it.
    Declared,
    /// Nobody told it: the last bytes are held back until the body has really ended.
    Open,
    /// The body is longer on purpose: only its beginning is wanted.
    Prefix,
}

/// The bytes of one range: a `Stream` to read, and an HTTP body of known length to send on.
pub struct VideoStream {
    body: reqwest::Body,
    left: u64,
    ending: Ending,
    last: Option<Bytes>,
    over: bool,
    stall: Duration,
    // Armed only while somebody waits for bytes: a slow reader is not a stalled server.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl VideoStream {
    pub(super) fn new(body: reqwest::Body, length: u64, ending: Ending, stall: Duration) -> Self {
        Self { body, left: length, ending, last: None, over: false, stall, alarm: None }
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SourceError>>> {
        loop {
            if self.over {
                return Poll::Ready(None);
            }
            let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
                let stall = self.stall;
                let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(stall)));
                ready!(alarm.as_mut().poll(cx));
                self.over = true;
                return Poll::Ready(Some(Err(SourceError::Stalled)));
            };
            self.alarm = None;
            let data = match frame {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(_)) => return self.end(Err(SourceError::Truncated { missing: self.left })),
                None if self.left > 0 => return self.end(Err(SourceError::Truncated { missing: self.left })),
                None => {
                    self.over = true;
                    return Poll::Ready(self.last.take().map(Ok));
                }
            };
            if let Some(out) = self.take(data) {
                return Poll::Ready(Some(out));
            }
        }
    }

    fn end(&mut self, result: Result<Bytes, SourceError>) -> Poll<Option<Result<Bytes, SourceError>>> {
        self.over = true;
        self.last = None;
        Poll::Ready(Some(result))
    }

    fn take(&mut self, mut data: Bytes) -> Option<Result<Bytes, SourceError>> {
        if data.is_empty() {
            return None;
        }
        let mut length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if length > self.left {
            if self.ending != Ending::Prefix {
                self.over = true;
                self.last = None;
                return Some(Err(SourceError::TooLong));
            }
            data.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            length = self.left;
        }
        self.left -= length;
        if self.left == 0 {
            if self.ending == Ending::Open {
                self.last = Some(data);
                return None;
            }
            self.over = true;
        }
        Some(Ok(data))
    }
}

impl fmt::Debug for VideoStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoStream")
            .field("left", &self.left)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

impl Stream for VideoStream {
    type Item = Result<Bytes, SourceError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_bytes(cx)
    }
}

impl Body for VideoStream {
    type Data = Bytes;
    type Error = SourceError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SourceError>>> {
        self.get_mut().poll_bytes(cx).map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.over && self.last.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.last.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(self.left.saturating_add(u64::try_from(held).unwrap_or(0)))
    }
}
