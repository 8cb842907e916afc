//! A video that is uploaded to a platform: read in order, range by range, from as few responses as possible.
//!
//! Platforms take a file in chunks, but its server need not know. One request covers everything from the first chunk
//! on, and the next chunks are read from the same response. That is cheap, and the only way to read from a server
//! that cannot send parts.

use std::ops::Range;
use std::sync::Arc;

use super::file::VideoFile;
use super::range_body::{OpenResponse, RangeBody, RangeOutcome, RangeTransfer};
use super::sent_range::{SentRange, Watch};
use super::source::Sources;
use super::source_error::SourceError;

/// A reading begins up to 16 MiB before the byte at which a platform resumes, to compare what was sent before. That is
/// one chunk on platforms that store parts of one, and takes seconds at any useful speed.
const LOOK_BACK: u64 = 16 * 1024 * 1024;

/// One file as it is read for one result, from the last response.
#[derive(Debug)]
pub struct Reading {
    sources: Sources,
    file: VideoFile,
    /// The ranges sent before, by this process or another.
    sent: Vec<SentRange>,
    /// The response, between two ranges.
    response: Option<OpenResponse>,
    /// The range that is being read.
    transfer: Option<Arc<RangeTransfer>>,
}

impl Reading {
    /// Creates a reading of a file of which these ranges were sent before.
    #[must_use]
    pub fn new(sources: Sources, file: VideoFile, sent: Vec<SentRange>) -> Self {
        Self { sources, file, sent, response: None, transfer: None }
    }

    /// Whether this is a reading of that file.
    #[must_use]
    pub fn is_of(&self, file: &VideoFile) -> bool {
        self.file == *file
    }

    /// The position of the response that is being read, between two ranges.
    #[must_use]
    pub fn at(&self) -> Option<u64> {
        self.response.as_ref().map(|response| response.stream.at())
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
    pub async fn read(&mut self, range: Range<u64>) -> Result<RangeBody, SourceError> {
        let _ = self.finish_range();
        if range.is_empty() || range.end > self.file.size {
            return Err(SourceError::RangeOutside);
        }
        if !self.leads_to(range.start) {
            self.response = None;
            if range.start > 0 && !self.file.is_named() && !self.has_sums_up_to(range.start) {
                return Err(SourceError::RangeUnsupported);
            }
            let from = self.beginning_for(range.start);
            let stream = self.sources.read(&self.file, from..self.file.size).await?;
            let watch = Watch::new(stream.at(), &self.sent);
            self.response = Some(OpenResponse { stream, watch, has_served: false });
        }
        let caught_up = self.catch_up(range.start).await;
        let response = match caught_up {
            Ok(()) => self.response.take().ok_or(SourceError::RangeOutside)?,
            Err(error) => {
                self.response = None;
                return Err(error);
            }
        };
        let transfer = Arc::new(RangeTransfer::new(self.sources.clone(), self.file.clone(), response, range));
        self.transfer = Some(Arc::clone(&transfer));
        Ok(RangeBody::new(transfer))
    }

    /// Ends the range that is being read: no further byte of it is passed on. The next range comes from the same
    /// response only if this one was passed on to its last byte, so no byte is ever left out or passed on twice.
    pub fn finish_range(&mut self) -> RangeOutcome {
        let Some(transfer) = self.transfer.take() else { return RangeOutcome { sent: None, fault: None } };
        let (passed, response) = transfer.end();
        self.response = response;
        self.sent.extend(passed.sent);
        passed
    }

    /// Waits until more of the range has been passed on, and returns how much that is now.
    pub async fn progress(&self) -> u64 {
        match &self.transfer {
            Some(transfer) => transfer.progress().await,
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
            |sent: &&SentRange| sent.first < start && sent.end() > start && start - sent.first <= LOOK_BACK;
        self.sent.iter().filter(reaches_in).map(|sent| sent.first).min().unwrap_or(start)
    }

    /// Whether everything sent before that byte can be compared. For a file without tag and date, nothing else proves
    /// that it is unchanged.
    fn has_sums_up_to(&self, start: u64) -> bool {
        let mut sent: Vec<&SentRange> = self.sent.iter().collect();
        sent.sort_by_key(|sent| sent.first);
        sent.iter().fold(0, |at, sent| if sent.first <= at { at.max(sent.end()) } else { at }) >= start
    }

    async fn catch_up(&mut self, start: u64) -> Result<(), SourceError> {
        let Some(response) = &mut self.response else { return Ok(()) };
        while response.stream.at() < start {
            let piece = response.stream.next(start).await?;
            response.watch.pass(&piece).map_err(|_| SourceError::Changed)?;
        }
        Ok(())
    }
}
