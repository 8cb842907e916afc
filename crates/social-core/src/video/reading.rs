//! A video on its way to a platform: read front to back, stretch by stretch, from as few answers as it takes.
//!
//! Platforms want a file in pieces, but its server need not know: it is asked for everything from the first piece
//! on, and what follows is read from the same answer. That costs a fraction of a request per piece, and is the only
//! way to read from a server that cannot send parts.

use std::ops::Range;
use std::sync::Arc;

use super::file::VideoFile;
use super::passage::{Passage, Passing};
use super::sent::{Sent, Watch};
use super::source::Sources;
use super::source_error::SourceError;
use super::stream::VideoStream;

/// 16 MiB: so far back of where a platform wants to go on a reading begins, to see again what was sent before. It is
/// a chunk of the platforms that keep parts of one, and seconds at any speed that is worth going on at.
const LOOK_BACK: u64 = 16 * 1024 * 1024;

/// One file as it is read for one result, from the answer that was asked for last.
#[derive(Debug)]
pub struct Reading {
    sources: Sources,
    file: VideoFile,
    /// What was sent before, here or by others.
    sent: Vec<Sent>,
    /// The answer, between two stretches.
    answer: Option<Answer>,
    /// The stretch that is being read.
    passing: Option<Arc<Passing>>,
}

/// An answer under way, and what is compared in it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) stream: VideoStream,
    pub(super) watch: Watch,
    /// Whether a stretch was read from it before.
    pub(super) has_served: bool,
}

/// What became of a stretch.
#[derive(Debug)]
pub struct Passed {
    /// What was handed on of it; `None`: there was no stretch.
    pub sent: Option<Sent>,
    /// Why its source failed, if it did.
    pub fault: Option<SourceError>,
}

impl Reading {
    /// A reading of a file of which others have sent these stretches before.
    #[must_use]
    pub fn new(sources: Sources, file: VideoFile, sent: Vec<Sent>) -> Self {
        Self { sources, file, sent, answer: None, passing: None }
    }

    /// Whether this is a reading of that file.
    #[must_use]
    pub fn is_of(&self, file: &VideoFile) -> bool {
        self.file == *file
    }

    /// Where the answer stands that is being read from, between two stretches.
    #[must_use]
    pub fn at(&self) -> Option<u64> {
        self.answer.as_ref().map(|answer| answer.stream.at())
    }

    /// How often a stretch was begun with this byte.
    #[must_use]
    pub fn tries(&self, first: u64) -> usize {
        self.sent.iter().filter(|sent| sent.first == first).count()
    }

    /// Streams a stretch of the file. A server without ranges is read from the file's beginning up to it; that may be
    /// given up at any moment and gone on with.
    ///
    /// # Errors
    /// When the file cannot be read, or is not the one that was opened and sent before.
    pub async fn read(&mut self, range: Range<u64>) -> Result<Passage, SourceError> {
        let _ = self.passed();
        if range.is_empty() || range.end > self.file.size {
            return Err(SourceError::RangeOutside);
        }
        if !self.leads_to(range.start) {
            self.answer = None;
            if range.start > 0 && !self.file.is_named() && !self.has_sums_up_to(range.start) {
                return Err(SourceError::RangeUnsupported);
            }
            let from = self.beginning_for(range.start);
            let stream = self.sources.read(&self.file, from..self.file.size).await?;
            let watch = Watch::new(stream.at(), &self.sent);
            self.answer = Some(Answer { stream, watch, has_served: false });
        }
        let caught_up = self.catch_up(range.start).await;
        let answer = match caught_up {
            Ok(()) => self.answer.take().ok_or(SourceError::RangeOutside)?,
            Err(error) => {
                self.answer = None;
                return Err(error);
            }
        };
        let passing = Arc::new(Passing::new(self.sources.clone(), self.file.clone(), answer, range));
        self.passing = Some(Arc::clone(&passing));
        Ok(Passage::new(passing))
    }

    /// Ends the stretch that is being read: nothing of it is handed on any more. What follows it is read from the same
    /// answer only if it was handed on to its last byte, so that no byte is ever left out or handed on twice.
    pub fn passed(&mut self) -> Passed {
        let Some(passing) = self.passing.take() else { return Passed { sent: None, fault: None } };
        let (passed, answer) = passing.end();
        self.answer = answer;
        self.sent.extend(passed.sent);
        passed
    }

    /// Comes back when more of the stretch has been handed on, with how much that is now.
    pub async fn moved(&self) -> u64 {
        match &self.passing {
            Some(passing) => passing.moved().await,
            None => std::future::pending().await,
        }
    }

    /// Whether the answer can be read on to that byte.
    fn leads_to(&self, start: u64) -> bool {
        self.at().is_some_and(|at| at == start || (!self.file.ranged && at < start))
    }

    /// Where to begin reading for a stretch: where something was sent before that reaches into it, if that is not
    /// far back. A cut leaves a platform with some of the bytes that it was sent, and only all of them have a checksum.
    fn beginning_for(&self, start: u64) -> u64 {
        let reaches_in =
            |sent: &&Sent| sent.first < start && sent.end() > start && start - sent.first <= LOOK_BACK;
        self.sent.iter().filter(reaches_in).map(|sent| sent.first).min().unwrap_or(start)
    }

    /// Whether what was sent before that byte can be compared, all of it: for a file that nothing names, there is no
    /// other proof that it is still the same.
    fn has_sums_up_to(&self, start: u64) -> bool {
        let mut sent: Vec<&Sent> = self.sent.iter().collect();
        sent.sort_by_key(|sent| sent.first);
        sent.iter().fold(0, |at, sent| if sent.first <= at { at.max(sent.end()) } else { at }) >= start
    }

    async fn catch_up(&mut self, start: u64) -> Result<(), SourceError> {
        let Some(answer) = &mut self.answer else { return Ok(()) };
        while answer.stream.at() < start {
            let piece = answer.stream.next(start).await?;
            answer.watch.pass(&piece).map_err(|_| SourceError::Changed)?;
        }
        Ok(())
    }
}
