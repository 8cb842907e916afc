//! A video that is uploaded to a platform: read in order, range by range, from as few responses as possible.
//!
//! Platforms take a file in chunks, but its server need not know. One request covers everything from the first chunk
//! on, and the next chunks are read from the same response. That is cheap, and the only way to read from a server
//! that cannot send parts.

use std::ops::Range;
use std::sync::Arc;

use super::file::VideoFile;
use super::passage::{Passage, Passing};
use super::sent::{Sent, Watch};
use super::source::Sources;
use super::source_error::SourceError;
use super::stream::VideoStream;

/// A reading begins up to 16 MiB before the byte at which a platform resumes, to compare what was sent before. That is
/// one chunk on platforms that store parts of one, and takes seconds at any useful speed.
const LOOK_BACK: u64 = 16 * 1024 * 1024;

/// One file as it is read for one result, from the last response.
#[derive(Debug)]
pub struct Reading {
    sources: Sources,
    file: VideoFile,
    /// The ranges sent before, by this process or another.
    sent: Vec<Sent>,
    /// The response, between two ranges.
    answer: Option<Answer>,
    /// The range that is being read.
    passing: Option<Arc<Passing>>,
}

/// A response that is being read, and the comparison with what was sent before.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) stream: VideoStream,
    pub(super) watch: Watch,
    /// Whether a range was read from it before.
    pub(super) has_served: bool,
}

/// The outcome of a range.
#[derive(Debug)]
pub struct Passed {
    /// The bytes that were passed on. `None`: no range was being read.
    pub sent: Option<Sent>,
    /// Why its source failed, if it did.
    pub fault: Option<SourceError>,
}

impl Reading {
    /// Creates a reading of a file of which these ranges were sent before.
    #[must_use]
    pub fn new(sources: Sources, file: VideoFile, sent: Vec<Sent>) -> Self {
        Self { sources, file, sent, answer: None, passing: None }
    }

    /// Whether this is a reading of that file.
    #[must_use]
    pub fn is_of(&self, file: &VideoFile) -> bool {
        self.file == *file
    }

    /// The position of the response that is being read, between two ranges.
    #[must_use]
    pub fn at(&self) -> Option<u64> {
        self.answer.as_ref().map(|answer| answer.stream.at())
    }

    /// How often a range began with this byte.
    #[must_use]
    pub fn tries(&self, first: u64) -> usize {
        self.sent.iter().filter(|sent| sent.first == first).count()
    }

    /// Streams a range of the file. From a server without ranges, everything before it is read and dropped first. The
    /// future may be dropped at any moment, and the reading resumes.
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

    /// Ends the range that is being read: no further byte of it is passed on. The next range comes from the same
    /// response only if this one was passed on to its last byte, so no byte is ever left out or passed on twice.
    pub fn passed(&mut self) -> Passed {
        let Some(passing) = self.passing.take() else { return Passed { sent: None, fault: None } };
        let (passed, answer) = passing.end();
        self.answer = answer;
        self.sent.extend(passed.sent);
        passed
    }

    /// Waits until more of the range has been passed on, and returns how much that is now.
    pub async fn moved(&self) -> u64 {
        match &self.passing {
            Some(passing) => passing.moved().await,
            None => std::future::pending().await,
        }
    }

    /// Whether the response can be read up to that byte.
    fn leads_to(&self, start: u64) -> bool {
        self.at().is_some_and(|at| at == start || (!self.file.ranged && at < start))
    }

    /// Where to begin reading for a range: at the start of an earlier range that reaches into it, if that is near.
    /// After a cut a platform has some of the bytes that were sent, and only all of them have a checksum.
    fn beginning_for(&self, start: u64) -> u64 {
        let reaches_in =
            |sent: &&Sent| sent.first < start && sent.end() > start && start - sent.first <= LOOK_BACK;
        self.sent.iter().filter(reaches_in).map(|sent| sent.first).min().unwrap_or(start)
    }

    /// Whether everything sent before that byte can be compared. For a file without tag and date, nothing else proves
    /// that it is unchanged.
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
