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
use super::reading::{Answer, Passed};
use super::sent::Sent;
use super::source::Sources;
use super::source_error::SourceError;
use super::stream::{VideoStream, length_of};
use crate::http::SourceFailed;

/// 64 KiB at the end of a file wait until its server has confirmed that the file is unchanged. A platform without the
/// last bytes cannot publish.
const HELD_BACK: u64 = 64 * 1024;

/// The bytes of one range, exactly as many as requested: the body of a request. Its [`Reading`](super::Reading)
/// reports how far it came, and why it failed.
#[derive(Debug)]
pub struct Passage(Arc<Passing>);

impl Passage {
    pub(super) fn new(passing: Arc<Passing>) -> Self {
        Self(passing)
    }
}

impl Stream for Passage {
    type Item = Result<Bytes, SourceFailed>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.0.course().poll_next(cx));
        self.0.moved.notify_one();
        Poll::Ready(next)
    }
}

/// A range that is being uploaded, shared by its reading and the connection.
pub(super) struct Passing {
    course: Mutex<Course>,
    moved: Notify,
}

impl Passing {
    pub(super) fn new(sources: Sources, file: VideoFile, answer: Answer, range: Range<u64>) -> Self {
        let course = Course {
            sources,
            file,
            source: Source::Answer(Box::new(answer)),
            at: range.start,
            range,
            held: BytesMut::new(),
            checksum: Running::new(),
            fault: None,
        };
        Self { course: Mutex::new(course), moved: Notify::new() }
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn moved(&self) -> u64 {
        self.moved.notified().await;
        self.course().passed()
    }

    /// Ends the stream: no further byte is passed on, whatever happens to the connection. Returns the response if the
    /// next byte is the one after the range.
    pub(super) fn end(&self) -> (Passed, Option<Answer>) {
        let mut course = self.course();
        let (first, bytes) = (course.range.start, course.passed());
        let sent = Some(Sent { first, bytes, checksum: course.checksum.so_far() });
        if matches!(course.source, Source::Confirming(_)) {
            course.fault = Some(SourceError::Stalled);
        }
        let answer = match std::mem::replace(&mut course.source, Source::Over) {
            Source::Answer(answer) if course.at == course.range.end => {
                Some(Answer { has_served: true, ..*answer })
            }
            Source::Answer(_) | Source::AskedAnew(_) | Source::Confirming(_) | Source::Over => None,
        };
        (Passed { sent, fault: course.fault.take() }, answer)
    }
}

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let course = self.course();
        f.debug_struct("Passing")
            .field("range", &course.range)
            .field("at", &course.at)
            .finish_non_exhaustive()
    }
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<T, SourceError>> + Send>>;

/// Where the bytes come from.
enum Source {
    Answer(Box<Answer>),
    /// The response broke off and another was requested. The broken one keeps its comparison.
    AskedAnew(Box<(Asking<VideoStream>, Answer)>),
    /// The response brought the whole rest of the file, and the server is asked to confirm that it is unchanged.
    Confirming(Box<(Asking<()>, Answer)>),
    /// No more bytes.
    Over,
}

struct Course {
    sources: Sources,
    file: VideoFile,
    source: Source,
    range: Range<u64>,
    /// The position in the file of the next byte to pass on.
    at: u64,
    /// Bytes of the file's end that were received and not passed on yet.
    held: BytesMut,
    checksum: Running,
    fault: Option<SourceError>,
}

impl Course {
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
                Source::AskedAnew(asked) => {
                    let stream = ready!(asked.0.as_mut().poll(cx))?;
                    if let Source::AskedAnew(asked) = std::mem::replace(&mut self.source, Source::Over) {
                        self.source = Source::Answer(Box::new(Answer {
                            stream,
                            watch: asked.1.watch,
                            has_served: false,
                        }));
                    }
                }
                Source::Confirming(asked) => {
                    ready!(asked.0.as_mut().poll(cx))?;
                    if let Source::Confirming(asked) = std::mem::replace(&mut self.source, Source::Over) {
                        self.source = Source::Answer(Box::new(asked.1));
                    }
                    return Poll::Ready(Ok(self.held.split().freeze()));
                }
                Source::Answer(answer) if answer.stream.at() == self.file.size => self.confirm(),
                Source::Answer(answer) => match ready!(answer.stream.poll_next(cx, self.range.end)) {
                    Ok(mut piece) => {
                        answer.watch.pass(&piece).map_err(|_| Some(SourceError::Changed))?;
                        let back = self.held_from().max(self.at).saturating_sub(self.at);
                        let at_once = usize::try_from(back).unwrap_or(usize::MAX).min(piece.len());
                        self.held.extend_from_slice(&piece.split_off(at_once));
                        if !piece.is_empty() {
                            return Poll::Ready(Ok(piece));
                        }
                    }
                    // A response that was read for a while may have idled too long: another one continues from
                    // here. One that breaks at once is a failure.
                    Err(SourceError::Truncated { .. } | SourceError::Stalled)
                        if answer.has_served && self.file.ranged =>
                    {
                        self.ask_anew();
                    }
                    Err(error) => return Poll::Ready(Err(Some(error))),
                },
            }
        }
    }

    /// The position from which bytes are held back.
    fn held_from(&self) -> u64 {
        if self.range.end < self.file.size {
            self.file.size
        } else {
            self.file.size.saturating_sub(HELD_BACK)
        }
    }

    fn confirm(&mut self) {
        let (sources, file) = (self.sources.clone(), self.file.clone());
        let asking: Asking<()> = Box::pin(async move { sources.confirm(&file).await });
        if let Source::Answer(answer) = std::mem::replace(&mut self.source, Source::Over) {
            self.source = Source::Confirming(Box::new((asking, *answer)));
        }
    }

    fn ask_anew(&mut self) {
        let come = self.at.saturating_add(u64::try_from(self.held.len()).unwrap_or(u64::MAX));
        let (sources, file, rest) = (self.sources.clone(), self.file.clone(), come..self.file.size);
        let asking: Asking<VideoStream> = Box::pin(async move { sources.read(&file, rest).await });
        if let Source::Answer(answer) = std::mem::replace(&mut self.source, Source::Over) {
            self.source = Source::AskedAnew(Box::new((asking, *answer)));
        }
    }
}
