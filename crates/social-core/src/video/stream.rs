//! The bytes of one response, exactly as many as it must have.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep};

use super::client::{Framing, MediaClient, Part};
use super::file::VideoFile;
use super::source_error::SourceError;

type PendingPart = Pin<Box<dyn Future<Output = Result<Part, SourceError>> + Send>>;

/// A range of a file that is being read, from one response, or from several if the server sends less at a time. Reading
/// can pause at any byte and resume there.
pub(super) struct VideoStream {
    client: MediaClient,
    file: VideoFile,
    body: reqwest::Body,
    /// The position in the file of the next byte to return.
    at: u64,
    /// Where the body must end.
    part_end: u64,
    /// Where the range ends.
    end: u64,
    framing: Framing,
    /// The request for the next part. It is not shared: the mutex is there for `Sync` alone.
    next_part: Option<Mutex<PendingPart>>,
    /// Bytes that were received and not returned yet.
    rest: Bytes,
    has_ended: bool,
    // Armed only while the reader waits for bytes: a slow reader is not a stalled server.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl VideoStream {
    pub(super) fn new(client: MediaClient, file: VideoFile, part: Part, end: u64) -> Self {
        let Part { body, span, framing } = part;
        Self {
            client,
            file,
            body,
            at: span.start,
            part_end: span.end,
            end,
            framing,
            next_part: None,
            rest: Bytes::new(),
            has_ended: false,
            alarm: None,
        }
    }

    /// Where the next byte lies in the file.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Whether the reader waits for bytes, and has for more than half of the time after which a server has stalled.
    pub(super) fn is_silent(&self) -> bool {
        let half = self.client.stall() / 2;
        self.alarm.as_ref().is_some_and(|alarm| alarm.deadline() <= Instant::now() + half)
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
            let is_held_back = self.framing == Framing::Delimited && come == self.part_end && !self.has_ended;
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
        let next_part = self.next_part.get_or_insert_with(|| {
            let (client, file, rest) = (self.client.clone(), self.file.clone(), self.at..self.end);
            Mutex::new(Box::pin(async move { client.part(&file, rest).await }))
        });
        let next_part = next_part.get_mut().unwrap_or_else(PoisonError::into_inner);
        let part = ready!(next_part.as_mut().poll(cx))?;
        (self.body, self.part_end, self.framing) = (part.body, part.span.end, part.framing);
        (self.next_part, self.alarm, self.has_ended) = (None, None, false);
        Poll::Ready(Ok(()))
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            let stall = self.client.stall();
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
