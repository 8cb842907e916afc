//! Gives `fuzz/` access to the parsers.
//!
//! They are private, and their input is not bytes but the parts of a file that were read. Only a build by `cargo fuzz` sets
//! `cfg(fuzzing)`: in any other this module does not exist.

use std::ops::Range;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, HeaderMap, HeaderValue};

use super::facts::{Container, VideoFacts};
use super::probe::{Next, Probing};
use super::probe_error::ProbeError;
use super::reply::ContentRange;
use super::sparse_buffer::{Pause, SparseBuffer};
use super::{matroska, mp4};

/// The outcome of a whole probe.
#[derive(Debug)]
pub struct Probed {
    /// What it found.
    pub result: Result<VideoFacts, ProbeError>,
    /// How often it read.
    pub reads: u32,
    /// How much it read.
    pub bytes: u64,
}

/// Examines a file as an MP4 that was read completely.
pub fn mp4(file: &[u8]) -> Result<VideoFacts, ProbeError> {
    told(file, Container::Mp4, mp4::examine)
}

/// Examines a file as a Matroska file that was read completely.
pub fn matroska(file: &[u8]) -> Result<VideoFacts, ProbeError> {
    told(file, Container::Matroska, matroska::examine)
}

/// Probes a file of this size, read by `read`.
pub fn probe(size: u64, mut read: impl FnMut(Range<u64>) -> Vec<u8>) -> Probed {
    let mut probing = Probing::new(size);
    let (mut reads, mut bytes) = (0, 0);
    loop {
        match probing.next() {
            Ok(Next::Done(facts)) => return Probed { result: Ok(facts), reads, bytes },
            Err(error) => return Probed { result: Err(error), reads, bytes },
            Ok(Next::Read(range)) => {
                assert!(range.start < range.end && range.end <= size, "{range:?} of {size} bytes");
                reads += 1;
                bytes += range.end - range.start;
                probing.add(range.start, read(range).into());
            }
        }
    }
}

/// Reads a `Content-Range`: its first and last byte, and the whole length if known.
#[must_use]
pub fn content_range(value: &[u8]) -> Option<(u64, u64, Option<u64>)> {
    let headers = HeaderMap::from_iter([(CONTENT_RANGE, HeaderValue::from_bytes(value).ok()?)]);
    let unsatisfied = ContentRange::unsatisfied(&headers);
    let found = ContentRange::of(&headers);
    assert!(unsatisfied.is_none() || found.is_none(), "a range that is both");
    found.map(|range| (range.first, range.last, range.total))
}

fn whole(file: &[u8]) -> SparseBuffer {
    let mut buffer = SparseBuffer::new(u64::try_from(file.len()).unwrap_or(u64::MAX));
    buffer.add(0, Bytes::copy_from_slice(file));
    buffer
}

fn told(
    file: &[u8],
    container: Container,
    examine: fn(&SparseBuffer, &mut VideoFacts) -> Result<(), Pause>,
) -> Result<VideoFacts, ProbeError> {
    let buffer = whole(file);
    let mut facts = VideoFacts::unread(container, buffer.size());
    match examine(&buffer, &mut facts) {
        Ok(()) => Ok(facts),
        Err(Pause::Fail(error)) => Err(error),
        Err(Pause::Need(need)) => panic!("asks for {need:?} of a file that was read completely"),
    }
}
