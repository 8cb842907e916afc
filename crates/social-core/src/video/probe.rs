//! Finds out with a few ranged reads what a video file is.

use std::ops::Range;

use bytes::Bytes;

use super::facts::{Container, VideoFacts};
use super::file::Opened;
use super::probe_error::ProbeError;
use super::source::Sources;
use super::sparse_buffer::{Pause, SparseBuffer};
use super::{container, matroska, mp4, truncation};

/// Reads a probe may make; with the one that opened the file, six.
const READS: u32 = 5;

/// Bytes a probe may read in all.
const BUDGET: u64 = 960_000;

/// One read takes at least this much: what follows is usually needed next.
const AHEAD: u64 = 64 * 1024;

/// An end of a file this short is read whole: a movie header or a fragment index is there.
const TAIL: u64 = 512 * 1024;

/// Finds a file's facts, from its beginning and at most five reads, less than 1 MB in all.
pub async fn probe(sources: &Sources, opened: &Opened) -> Result<VideoFacts, ProbeError> {
    let mut probing = Probing::opened(opened);
    loop {
        match probing.next()? {
            Next::Done(facts) => return Ok(facts),
            Next::Read(range) => probing.add(range.start, sources.read_all(&opened.file, range).await?),
        }
    }
}

/// A probe in progress: what has been read, and what may be. It does no I/O, so tests can give it any file.
#[derive(Debug)]
pub(super) struct Probing {
    buffer: SparseBuffer,
    reads: u32,
    budget: u64,
}

/// What a probe does next.
#[derive(Debug)]
pub(super) enum Next {
    /// It needs these bytes, which are inside the file.
    Read(Range<u64>),
    /// It is done.
    Done(VideoFacts),
}

impl Probing {
    pub(super) fn new(size: u64) -> Self {
        Self { buffer: SparseBuffer::new(size), reads: READS, budget: BUDGET }
    }

    /// The bytes that came with the opening do not count as a read.
    fn opened(opened: &Opened) -> Self {
        let mut probing = Self { reads: READS + 1, ..Self::new(opened.file.size) };
        probing.add(0, opened.head.clone());
        probing
    }

    pub(super) fn next(&self) -> Result<Next, ProbeError> {
        let mut facts = None;
        let need = match examine(&self.buffer, &mut facts) {
            Ok(()) => None,
            Err(Pause::Fail(error)) => return Err(error),
            Err(Pause::Need(need)) => Some(self.buffer.missing(&need)),
        };
        match (need, facts) {
            (Some(need), _) if self.affords(&need) => Ok(Next::Read(self.ahead(&need))),
            // Facts that a few reads do not bring are for the platform to judge.
            (Some(_), Some(facts)) => Ok(Next::Done(facts)),
            (None, Some(facts)) => self.end(facts),
            (_, None) => Err(ProbeError::Incomplete),
        }
    }

    /// The range to read: the needed bytes, and those that are likely to be needed next.
    fn ahead(&self, need: &Range<u64>) -> Range<u64> {
        let rest = self.buffer.size() - need.start;
        let ahead = if rest <= TAIL && need.start > 0 { rest } else { AHEAD };
        let end = need.end.max(need.start + ahead.min(rest).min(self.budget));
        self.buffer.missing(&(need.start..end))
    }

    /// Returns the facts, unless the file is known to be cut off.
    fn end(&self, facts: VideoFacts) -> Result<Next, ProbeError> {
        if !matches!(facts.container, Container::Mp4 | Container::Mov) {
            return Ok(Next::Done(facts));
        }
        match truncation::check(&self.buffer) {
            Err(Pause::Fail(error)) => Err(error),
            Err(Pause::Need(need)) if self.affords(&need) => Ok(Next::Read(self.buffer.missing(&need))),
            Ok(()) | Err(Pause::Need(_)) => Ok(Next::Done(facts)),
        }
    }

    fn affords(&self, need: &Range<u64>) -> bool {
        self.reads > 0 && need.end - need.start <= self.budget
    }

    /// Adds bytes that were requested.
    pub(super) fn add(&mut self, at: u64, bytes: Bytes) {
        self.reads = self.reads.saturating_sub(1);
        self.budget = self.budget.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.buffer.add(at, bytes);
    }
}

/// Finds a file's facts from the parts read so far, without I/O. If it needs more, those found so far are in `facts`.
pub(super) fn examine(buffer: &SparseBuffer, facts: &mut Option<VideoFacts>) -> Result<(), Pause> {
    let container = container::recognize(buffer)?;
    let facts = facts.insert(VideoFacts::unread(container, buffer.size()));
    match container {
        Container::Mp4 | Container::Mov => mp4::examine(buffer, facts)?,
        Container::Webm | Container::Matroska => matroska::examine(buffer, facts)?,
        Container::MpegTs
        | Container::MpegPs
        | Container::Avi
        | Container::Flv
        | Container::WindowsMedia
        | Container::Ogg => {}
    }
    // 30.0000003 is 30, and 29.97003 is 29.97.
    facts.frame_rate =
        facts.frame_rate.map(|rate| (rate * 1_000.0).round() / 1_000.0).filter(|&rate| rate > 0.0);
    Ok(())
}
