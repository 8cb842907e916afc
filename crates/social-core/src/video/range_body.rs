//! One byte range of a video, streamed from a server's response to a platform's connection.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use tokio::sync::Notify;

use super::checksum::Running;
use super::file::VideoFile;
use super::sent_range::{SentRange, Watch};
use super::source::Sources;
use super::source_error::SourceError;
use super::stream::{VideoStream, length_of};
use crate::http::SourceFailed;

/// 64 KiB at the end of a file wait until its server has confirmed that the file is unchanged. A platform without the
/// last bytes cannot publish.
const WITHHELD: u64 = 64 * 1024;

/// A response that is being read, and the comparison with what was sent before.
#[derive(Debug)]
pub(super) struct OpenResponse {
    pub(super) stream: VideoStream,
    pub(super) watch: Watch,
    /// Whether a range was read from it before.
    pub(super) has_served: bool,
}

/// The outcome of a range.
#[derive(Debug)]
pub struct RangeOutcome {
    /// The bytes that were passed on. `None`: no range was being read.
    pub sent: Option<SentRange>,
    /// Why its source failed, if it did.
    pub fault: Option<SourceError>,
}

/// The bytes of one range, exactly as many as requested: the body of a request. Its [`Reading`](super::Reading)
/// reports how far it came, and why it failed.
#[derive(Debug)]
pub struct RangeBody(Arc<RangeTransfer>);

impl RangeBody {
    pub(super) fn new(transfer: Arc<RangeTransfer>) -> Self {
        Self(transfer)
    }
}

impl Stream for RangeBody {
    type Item = Result<Bytes, SourceFailed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.0.transfer().poll_next(cx));
        self.0.moved.notify_one();
        Poll::Ready(next)
    }
}

/// A range that is being uploaded, shared by its reading and the connection.
pub(super) struct RangeTransfer {
    transfer: Mutex<Transfer>,
    moved: Notify,
}

impl RangeTransfer {
    pub(super) fn new(sources: Sources, file: VideoFile, response: OpenResponse, range: Range<u64>) -> Self {
        let transfer = Transfer {
            sources,
            file,
            source: Source::Response(Box::new(response)),
            at: range.start,
            range,
            withheld: BytesMut::new(),
            checksum: Running::new(),
            fault: None,
        };
        Self { transfer: Mutex::new(transfer), moved: Notify::new() }
    }

    fn transfer(&self) -> MutexGuard<'_, Transfer> {
        self.transfer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn progress(&self) -> u64 {
        self.moved.notified().await;
        self.transfer().passed()
    }

    /// Ends the stream: no further byte is passed on, whatever happens to the connection. Returns the response if the
    /// next byte is the one after the range.
    pub(super) fn end(&self) -> (RangeOutcome, Option<OpenResponse>) {
        let mut transfer = self.transfer();
        let (first, bytes) = (transfer.range.start, transfer.passed());
        let sent = Some(SentRange { first, bytes, checksum: transfer.checksum.so_far() });
        match &transfer.source {
            Source::Confirming(_) => transfer.fault = Some(SourceError::Unconfirmed),
            // Our own time may be shorter than a server's until it has stalled.
            Source::Response(response) if response.stream.is_silent() => {
                transfer.fault = Some(SourceError::Stalled);
            }
            Source::Response(_) | Source::Reopening(_) | Source::Over => {}
        }
        let response = match std::mem::replace(&mut transfer.source, Source::Over) {
            Source::Response(response) if transfer.at == transfer.range.end => {
                Some(OpenResponse { has_served: true, ..*response })
            }
            Source::Response(_) | Source::Reopening(_) | Source::Confirming(_) | Source::Over => None,
        };
        (RangeOutcome { sent, fault: transfer.fault.take() }, response)
    }
}

impl fmt::Debug for RangeTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transfer = self.transfer();
        f.debug_struct("RangeTransfer")
            .field("range", &transfer.range)
            .field("at", &transfer.at)
            .finish_non_exhaustive()
    }
}

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send>>;

/// Where the bytes come from.
enum Source {
    Response(Box<OpenResponse>),
    /// The response broke off and another was requested. The broken one keeps its comparison.
    Reopening(Box<(Pending<VideoStream>, OpenResponse)>),
    /// The response brought the whole rest of the file, and the server is asked to confirm that it is unchanged.
    Confirming(Box<(Pending<()>, OpenResponse)>),
    /// No more bytes.
    Over,
}

struct Transfer {
    sources: Sources,
    file: VideoFile,
    source: Source,
    range: Range<u64>,
    /// The position in the file of the next byte to pass on.
    at: u64,
    /// Bytes of the file's end that were received and not passed on yet.
    withheld: BytesMut,
    checksum: Running,
    fault: Option<SourceError>,
}

impl Transfer {
    fn passed(&self) -> u64 {
        self.at.saturating_sub(self.range.start)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SourceFailed>>> {
        if self.at >= self.range.end {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.poll_piece(cx)) {
            Ok(piece) => {
                self.checksum.take(&piece);
                self.at = self.at.saturating_add(length_of(&piece));
                Some(Ok(piece))
            }
            Err(error) => {
                self.source = Source::Over;
                self.fault = error;
                Some(Err(SourceFailed))
            }
        })
    }

    /// The next bytes, or why there are none. Without a reason the stream has ended.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, Option<SourceError>>> {
        loop {
            match &mut self.source {
                Source::Over => return Poll::Ready(Err(None)),
                Source::Reopening(pending) => {
                    let stream = ready!(pending.0.as_mut().poll(cx))?;
                    if let Source::Reopening(pending) = std::mem::replace(&mut self.source, Source::Over) {
                        self.source = Source::Response(Box::new(OpenResponse {
                            stream,
                            watch: pending.1.watch,
                            has_served: false,
                        }));
                    }
                }
                Source::Confirming(pending) => {
                    ready!(pending.0.as_mut().poll(cx))?;
                    if let Source::Confirming(pending) = std::mem::replace(&mut self.source, Source::Over) {
                        self.source = Source::Response(Box::new(pending.1));
                    }
                    return Poll::Ready(Ok(self.withheld.split().freeze()));
                }
                Source::Response(response) if response.stream.at() == self.file.size => self.confirm(),
                Source::Response(response) => match ready!(response.stream.poll_next(cx, self.range.end)) {
                    Ok(mut piece) => {
                        response.watch.pass(&piece).map_err(|_| Some(SourceError::Changed))?;
                        let back = self.withheld_from().max(self.at).saturating_sub(self.at);
                        let at_once = usize::try_from(back).unwrap_or(usize::MAX).min(piece.len());
                        self.withheld.extend_from_slice(&piece.split_off(at_once));
                        if !piece.is_empty() {
                            return Poll::Ready(Ok(piece));
                        }
                    }
                    // A response that was read for a while may have idled too long: another one continues from
                    // here. One that breaks at once is a failure.
                    Err(SourceError::Truncated { .. } | SourceError::Stalled)
                        if response.has_served && self.file.ranged =>
                    {
                        self.reopen();
                    }
                    Err(error) => return Poll::Ready(Err(Some(error))),
                },
            }
        }
    }

    /// The position from which bytes are held back.
    fn withheld_from(&self) -> u64 {
        if self.range.end < self.file.size { self.file.size } else { self.file.size.saturating_sub(WITHHELD) }
    }

    fn confirm(&mut self) {
        let (sources, file) = (self.sources.clone(), self.file.clone());
        let pending: Pending<()> = Box::pin(async move { sources.confirm(&file).await });
        if let Source::Response(response) = std::mem::replace(&mut self.source, Source::Over) {
            self.source = Source::Confirming(Box::new((pending, *response)));
        }
    }

    fn reopen(&mut self) {
        let received = self.at.saturating_add(u64::try_from(self.withheld.len()).unwrap_or(u64::MAX));
        let (sources, file, rest) = (self.sources.clone(), self.file.clone(), received..self.file.size);
        let pending: Pending<VideoStream> = Box::pin(async move { sources.read(&file, rest).await });
        if let Source::Response(response) = std::mem::replace(&mut self.source, Source::Over) {
            self.source = Source::Reopening(Box::new((pending, *response)));
        }
    }
}
