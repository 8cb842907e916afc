//! Finds out with a few ranged reads what a video file is.

use std::ops::Range;

use bytes::Bytes;

use super::facts::{Container, VideoFacts};
use super::file::Opened;
use super::held::{Held, Pause};
use super::source::Sources;
use super::source_error::SourceError;
use super::{container, ending, matroska, mp4};

/// Reads a probe may make; with the one that opened the file, six.
const READS: u32 = 5;

/// Bytes a probe may read in all.
const BUDGET: u64 = 960_000;

/// One read takes at least this much: what follows is usually needed next.
const AHEAD: u64 = 64 * 1024;

/// An end of a file this short is read whole: a movie header or a fragment index is there.
const TAIL: u64 = 512 * 1024;

/// Why a file's facts could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It could not be read.
    #[error("the file could not be read: {0}")]
    Source(#[from] SourceError),
    /// Its first bytes are no video container's.
    #[error("not a video")]
    NotAVideo,
    /// It is something else: an image, or audio.
    #[error("an unsupported container: {0}")]
    UnsupportedContainer(&'static str),
    /// A container without a video track.
    #[error("no video track")]
    NoVideoTrack,
    /// It ends earlier than its headers say, or has none.
    #[error("the file is incomplete")]
    Incomplete,
    /// Its headers contradict themselves.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// It is encrypted, as bought or rented films are.
    #[error("the file is protected")]
    Protected,
}

impl ProbeError {
    /// The stable name of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::NotAVideo => "video_not_a_video",
            Self::UnsupportedContainer(_) => "video_container_unsupported",
            Self::NoVideoTrack => "video_no_video_track",
            Self::Incomplete => "video_incomplete",
            Self::Malformed(_) => "video_malformed",
            Self::Protected => "video_protected",
        }
    }

    /// A sentence the video's owner can act on.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self {
            Self::Source(error) => error.message(),
            Self::NotAVideo => "This link doesn't lead to a video. The file must be an MP4, MOV or WebM.",
            Self::UnsupportedContainer(_) => {
                "We can't publish this file format. Save the video as MP4, MOV or WebM."
            }
            Self::NoVideoTrack => "The file has no video, only audio or data.",
            Self::Incomplete => {
                "The video file is incomplete: its end is missing. Upload it to its host again."
            }
            Self::Malformed(_) => "The video file is damaged and can't be read. Export it again.",
            Self::Protected => {
                "The video file is copy-protected (DRM), so it can't be published. Use a file without protection."
            }
        }
    }

    /// Whether the same probe may succeed later without a change by the owner.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Source(error) if error.is_transient())
    }
}

/// Finds a file's facts, from its beginning and at most five reads, less than 1 MB in all.
pub async fn probe(sources: &Sources, opened: &Opened) -> Result<VideoFacts, ProbeError> {
    let mut probing = Probing::opened(opened);
    loop {
        match probing.next()? {
            Turn::Told(facts) => return Ok(facts),
            Turn::Read(range) => probing.add(range.start, sources.read_all(&opened.file, range).await?),
        }
    }
}

/// A probe in progress: what has been read, and what may be. It does no I/O, so tests can give it any file.
#[derive(Debug)]
pub(super) struct Probing {
    held: Held,
    reads: u32,
    budget: u64,
}

/// What a probe does next.
#[derive(Debug)]
pub(super) enum Turn {
    /// It needs these bytes, which are inside the file.
    Read(Range<u64>),
    /// It is done.
    Told(VideoFacts),
}

impl Probing {
    pub(super) fn new(size: u64) -> Self {
        Self { held: Held::new(size), reads: READS, budget: BUDGET }
    }

    /// The bytes that came with the opening do not count as a read.
    fn opened(opened: &Opened) -> Self {
        let mut probing = Self { reads: READS + 1, ..Self::new(opened.file.size) };
        probing.add(0, opened.head.clone());
        probing
    }

    pub(super) fn next(&self) -> Result<Turn, ProbeError> {
        let mut facts = None;
        let need = match examine(&self.held, &mut facts) {
            Ok(()) => None,
            Err(Pause::Fail(error)) => return Err(error),
            Err(Pause::Need(need)) => Some(self.held.missing(&need)),
        };
        match (need, facts) {
            (Some(need), _) if self.affords(&need) => Ok(Turn::Read(self.ahead(&need))),
            // Facts that a few reads do not bring are for the platform to judge.
            (Some(_), Some(facts)) => Ok(Turn::Told(facts)),
            (None, Some(facts)) => self.end(facts),
            (_, None) => Err(ProbeError::Incomplete),
        }
    }

    /// The range to read: the needed bytes, and those that are likely to be needed next.
    fn ahead(&self, need: &Range<u64>) -> Range<u64> {
        let rest = self.held.size() - need.start;
        let ahead = if rest <= TAIL && need.start > 0 { rest } else { AHEAD };
        let end = need.end.max(need.start + ahead.min(rest).min(self.budget));
        self.held.missing(&(need.start..end))
    }

    /// Returns the facts, unless the file is known to be cut off.
    fn end(&self, facts: VideoFacts) -> Result<Turn, ProbeError> {
        if !matches!(facts.container, Container::Mp4 | Container::Mov) {
            return Ok(Turn::Told(facts));
        }
        match ending::examine(&self.held) {
            Err(Pause::Fail(error)) => Err(error),
            Err(Pause::Need(need)) if self.affords(&need) => Ok(Turn::Read(self.held.missing(&need))),
            Ok(()) | Err(Pause::Need(_)) => Ok(Turn::Told(facts)),
        }
    }

    fn affords(&self, need: &Range<u64>) -> bool {
        self.reads > 0 && need.end - need.start <= self.budget
    }

    /// Adds bytes that were requested.
    pub(super) fn add(&mut self, at: u64, bytes: Bytes) {
        self.reads = self.reads.saturating_sub(1);
        self.budget = self.budget.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.held.add(at, bytes);
    }
}

/// Finds a file's facts from the parts held, without I/O. If it needs more, those found so far are in `facts`.
pub(super) fn examine(held: &Held, facts: &mut Option<VideoFacts>) -> Result<(), Pause> {
    let container = container::recognize(held)?;
    let facts = facts.insert(VideoFacts::unread(container, held.size()));
    match container {
        Container::Mp4 | Container::Mov => mp4::examine(held, facts)?,
        Container::Webm | Container::Matroska => matroska::examine(held, facts)?,
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
