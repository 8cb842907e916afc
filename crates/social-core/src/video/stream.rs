//! The bytes of one response, exactly as many as it must have.

use std::fmt;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use tokio::time::{Sleep, sleep};

use super::file::VideoFile;
use super::source::Sources;
use super::source_error::SourceError;

/// How the end of the body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// By `Content-Length`, which the HTTP client enforces.
    Declared,
    /// The response has no length: its last bytes are held back until the body has really ended.
    Open,
}

/// A response that has begun: a part of a file.
pub(super) struct Part {
    pub(super) body: reqwest::Body,
    /// What the body must be.
    pub(super) span: Range<u64>,
    pub(super) ending: Ending,
}

type Asking = Pin<Box<dyn Future<Output = Result<Part, SourceError>> + Send>>;

/// A range of a file that is being read, from one response, or from several if the server sends less at a time. Reading
/// can pause at any byte and resume there.
pub(super) struct VideoStream {
    sources: Sources,
    file: VideoFile,
    body: reqwest::Body,
    /// The position in the file of the next byte to return.
    at: u64,
    /// Where the body must end.
    part_end: u64,
    /// Where the range ends.
    end: u64,
    ending: Ending,
    /// The request for the next part. It is not shared: the mutex is there for `Sync` alone.
    asking: Option<Mutex<Asking>>,
    /// Bytes that were received and not returned yet.
    rest: Bytes,
    has_ended: bool,
    stall: Duration,
    // Armed only while the reader waits for bytes: a slow reader is not a stalled server.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl VideoStream {
    pub(super) fn new(sources: Sources, file: VideoFile, part: Part, end: u64, stall: Duration) -> Self {
        let Part { body, span, ending } = part;
        Self {
            sources,
            file,
            body,
            at: span.start,
            part_end: span.end,
            end,
            ending,
            asking: None,
            rest: Bytes::new(),
            has_ended: false,
            stall,
            alarm: None,
        }
    }

    /// Where the next byte lies in the file.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The next bytes, none of which lies at `until` or beyond; `until` is not where it stands, and not beyond its
    /// end. After an error nothing more can be read.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>, until: u64) -> Poll<Result<Bytes, SourceError>> {
        let room = until.min(self.end).checked_sub(self.at).filter(|room| *room > 0);
        let Some(room) = room else { return Poll::Ready(Err(SourceError::RangeOutside)) };
        loop {
            if self.at == self.part_end {
                ready!(self.poll_part(cx))?;
                continue;
            }
            let come = self.at.saturating_add(length_of(&self.rest));
            let is_held_back = self.ending == Ending::Open && come == self.part_end && !self.has_ended;
            if !self.rest.is_empty() && !is_held_back {
                let most = usize::try_from(room).unwrap_or(usize::MAX);
                let piece = self.rest.split_to(self.rest.len().min(most));
                self.at += length_of(&piece);
                return Poll::Ready(Ok(piece));
            }
            let missing = self.part_end.saturating_sub(come);
            match ready!(self.poll_body(cx)) {
                Ok(Some(data)) if data.is_empty() => {}
                Ok(Some(data)) if length_of(&data) > missing => {
                    return Poll::Ready(Err(SourceError::TooLong));
                }
                Ok(Some(data)) => self.rest = data,
                Ok(None) if missing == 0 => self.has_ended = true,
                Ok(None) | Err(Broken::Cut) => {
                    return Poll::Ready(Err(SourceError::Truncated { missing }));
                }
                Err(Broken::Stalled) => return Poll::Ready(Err(SourceError::Stalled)),
            }
        }
    }

    /// The next response, if one ends before the range does.
    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SourceError>> {
        let asking = self.asking.get_or_insert_with(|| {
            let (sources, file, rest) = (self.sources.clone(), self.file.clone(), self.at..self.end);
            Mutex::new(Box::pin(async move { sources.part(&file, rest).await }))
        });
        let asking = asking.get_mut().unwrap_or_else(PoisonError::into_inner);
        let part = ready!(asking.as_mut().poll(cx))?;
        (self.body, self.part_end, self.ending) = (part.body, part.span.end, part.ending);
        (self.asking, self.alarm, self.has_ended) = (None, None, false);
        Poll::Ready(Ok(()))
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            let stall = self.stall;
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep(stall)));
            ready!(alarm.as_mut().poll(cx));
            return Poll::Ready(Err(Broken::Stalled));
        };
        self.alarm = None;
        Poll::Ready(match frame {
            Some(Ok(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
            Some(Err(_)) => Err(Broken::Cut),
            None => Ok(None),
        })
    }

    /// The next bytes; see [`poll_next`](Self::poll_next).
    pub(super) async fn next(&mut self, until: u64) -> Result<Bytes, SourceError> {
        poll_fn(|cx| self.poll_next(cx, until)).await
    }
}

enum Broken {
    Cut,
    Stalled,
}

pub(super) fn length_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl fmt::Debug for VideoStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VideoStream").field("at", &self.at).field("end", &self.end).finish_non_exhaustive()
    }
}
