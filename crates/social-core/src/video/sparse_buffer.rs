//! The parts of a file read so far, and the request for more.
//!
//! Parsers do no I/O. They work on the buffered bytes, and finish, fail, or name the bytes they need. The probe reads
//! those and calls the parser again.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::probe_error::ProbeError;

/// What has no index is looked for in this much of the file's end: what the budget of a probe leaves.
const TAIL: u64 = 768 * 1024;

/// Why a parser stopped.
#[derive(Debug)]
pub(super) enum Pause {
    /// It needs these bytes, which lie inside the file and were not read yet.
    Need(Range<u64>),
    /// It is done: this is no file to publish.
    Fail(ProbeError),
}

impl From<ProbeError> for Pause {
    fn from(error: ProbeError) -> Self {
        Self::Fail(error)
    }
}

pub(super) fn malformed(what: &'static str) -> Pause {
    Pause::Fail(ProbeError::Malformed(what))
}

/// The parts of a file that have been read.
#[derive(Debug)]
pub(super) struct SparseBuffer {
    size: u64,
    parts: Vec<(u64, Bytes)>,
}

impl SparseBuffer {
    pub(super) fn new(size: u64) -> Self {
        Self { size, parts: Vec::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn add(&mut self, at: u64, bytes: Bytes) {
        let mut added = (at, bytes);
        // Parts that touch become one.
        while let Some(place) =
            self.parts.iter().position(|part| end(part) == added.0 || part.0 == end(&added))
        {
            let other = self.parts.swap_remove(place);
            let (first, second) = if other.0 < added.0 { (other, added) } else { (added, other) };
            let mut joined = BytesMut::with_capacity(first.1.len() + second.1.len());
            joined.extend_from_slice(&first.1);
            joined.extend_from_slice(&second.1);
            added = (first.0, joined.freeze());
        }
        self.parts.push(added);
    }

    /// Returns `range` without the bytes at its beginning and at its end that are buffered.
    pub(super) fn missing(&self, range: &Range<u64>) -> Range<u64> {
        let covers = |part: &&(u64, Bytes), place| part.0 <= place && place < end(part);
        let start = self.parts.iter().find(|part| covers(part, range.start)).map_or(range.start, end);
        let last = range.end.saturating_sub(1);
        let end = self.parts.iter().find(|part| covers(part, last)).map_or(range.end, |part| part.0);
        if start < end { start..end } else { range.clone() }
    }

    /// `len` bytes at `at`.
    pub(super) fn slice(&self, at: u64, len: u64) -> Result<&[u8], Pause> {
        let end = at.checked_add(len).filter(|&end| end <= self.size).ok_or(ProbeError::Incomplete)?;
        if len == 0 {
            return Ok(&[]);
        }
        self.parts
            .iter()
            .find_map(|(start, part)| {
                let from = usize::try_from(at.checked_sub(*start)?).ok()?;
                part.get(from..from.checked_add(usize::try_from(len).ok()?)?)
            })
            .ok_or(Pause::Need(at..end))
    }

    /// Up to `len` bytes at `at`: fewer where the file ends.
    pub(super) fn up_to(&self, at: u64, len: u64) -> Result<&[u8], Pause> {
        self.slice(at, len.min(self.size.saturating_sub(at)))
    }

    /// The places in the file's end, from `from` on, with these four bytes, which may be a fragment or a cluster.
    pub(super) fn candidates(
        &self,
        from: u64,
        bytes: [u8; 4],
    ) -> Result<impl DoubleEndedIterator<Item = u64>, Pause> {
        let start = self.size.saturating_sub(TAIL).max(from);
        let tail = self.slice(start, self.size - start)?;
        let places = tail.windows(4).enumerate().filter(move |(_, window)| *window == bytes);
        Ok(places.filter_map(move |(at, _)| start.checked_add(u64::try_from(at).ok()?)))
    }

    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Pause> {
        let len = u64::try_from(N).unwrap_or(u64::MAX);
        self.slice(at, len)?.try_into().map_err(|_| malformed("a field"))
    }

    pub(super) fn u16(&self, at: u64) -> Result<u16, Pause> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    pub(super) fn u32(&self, at: u64) -> Result<u32, Pause> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    pub(super) fn u64(&self, at: u64) -> Result<u64, Pause> {
        Ok(u64::from_be_bytes(self.array(at)?))
    }

    pub(super) fn tag(&self, at: u64) -> Result<[u8; 4], Pause> {
        self.array(at)
    }
}

/// Where a part ends.
fn end((start, part): &(u64, Bytes)) -> u64 {
    start.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX))
}

/// A code of a file as text that is safe to show: letters, digits and a few signs, nothing else.
pub(super) fn shown(code: &[u8]) -> String {
    let plain = |&byte: &u8| {
        if byte.is_ascii_alphanumeric() || b"._/-+".contains(&byte) { char::from(byte) } else { '_' }
    };
    code.iter().take(32).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffered(parts: &[Range<u64>]) -> SparseBuffer {
        let mut buffer = SparseBuffer::new(100);
        for part in parts {
            let bytes: Vec<u8> = part.clone().map(|at| u8::try_from(at).unwrap()).collect();
            buffer.add(part.start, bytes.into());
        }
        buffer
    }

    #[test]
    fn parts_that_touch_are_read_as_one() {
        for parts in [[0..10, 10..20, 20..30], [20..30, 0..10, 10..20], [0..10, 20..30, 10..20]] {
            let buffer = buffered(&parts);
            let bytes: Vec<u8> = (5..25).collect();
            assert_eq!(buffer.slice(5, 20).unwrap(), bytes, "{parts:?}");
        }
    }

    #[test]
    fn only_what_was_not_read_is_missing() {
        let buffer = buffered(&[10..20, 30..40]);
        let cases = [(0..5, 0..5), (15..25, 20..25), (25..35, 25..30), (15..35, 20..30), (5..45, 5..45)];
        for (asked, missing) in cases {
            assert_eq!(buffer.missing(&asked), missing, "{asked:?}");
        }
    }

    #[test]
    fn a_range_of_nothing_is_there_and_past_the_end_is_no_file() {
        assert_eq!(buffered(&[]).slice(100, 0).unwrap(), b"");
        assert!(matches!(buffered(&[]).slice(99, 2), Err(Pause::Fail(ProbeError::Incomplete))));
        assert!(matches!(buffered(&[]).slice(u64::MAX, 2), Err(Pause::Fail(ProbeError::Incomplete))));
    }
}
