//! The parts of a file read so far, and the wish for more.
//!
//! Parsers are pure: they look at what is held and either finish, fail, or name the bytes they miss. The loop in
//! [`super::probe`] reads those and asks again.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::probe::ProbeError;

/// Why a parser stopped.
#[derive(Debug)]
pub(super) enum Pause {
    /// It needs these bytes, which lie inside the file and are not held.
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
pub(super) struct Held {
    size: u64,
    parts: Vec<(u64, Bytes)>,
}

impl Held {
    pub(super) fn new(size: u64) -> Self {
        Self { size, parts: Vec::new() }
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn add(&mut self, at: u64, bytes: Bytes) {
        // A part that goes on where another ends becomes one with it.
        let before = self.parts.iter_mut().find(|(start, part)| start.checked_add(length(part)) == Some(at));
        match before {
            Some((_, part)) => {
                let mut joined = BytesMut::with_capacity(part.len() + bytes.len());
                joined.extend_from_slice(part);
                joined.extend_from_slice(&bytes);
                *part = joined.freeze();
            }
            None => self.parts.push((at, bytes)),
        }
    }

    /// The first byte of `range` that is not held.
    pub(super) fn missing_from(&self, range: &Range<u64>) -> u64 {
        self.parts
            .iter()
            .filter(|(start, part)| *start <= range.start && range.start < start + length(part))
            .map(|(start, part)| start + length(part))
            .max()
            .unwrap_or(range.start)
    }

    /// `len` bytes at `at`.
    pub(super) fn slice(&self, at: u64, len: u64) -> Result<&[u8], Pause> {
        let end = at.checked_add(len).filter(|&end| end <= self.size).ok_or(ProbeError::Incomplete)?;
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

    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Pause> {
        let len = u64::try_from(N).unwrap_or(u64::MAX);
        self.slice(at, len)?.try_into().map_err(|_| malformed("a field"))
    }

    pub(super) fn u8(&self, at: u64) -> Result<u8, Pause> {
        Ok(u8::from_be_bytes(self.array(at)?))
    }

    pub(super) fn u16(&self, at: u64) -> Result<u16, Pause> {
        Ok(u16::from_be_bytes(self.array(at)?))
    }

    pub(super) fn u32(&self, at: u64) -> Result<u32, Pause> {
        Ok(u32::from_be_bytes(self.array(at)?))
    }

    pub(super) fn i32(&self, at: u64) -> Result<i32, Pause> {
        Ok(i32::from_be_bytes(self.array(at)?))
    }

    pub(super) fn u64(&self, at: u64) -> Result<u64, Pause> {
        Ok(u64::from_be_bytes(self.array(at)?))
    }

    pub(super) fn tag(&self, at: u64) -> Result<[u8; 4], Pause> {
        self.array(at)
    }
}

fn length(part: &Bytes) -> u64 {
    u64::try_from(part.len()).unwrap_or(u64::MAX)
}

/// A code of a file as text that is safe to show: letters, digits and a few signs, nothing else.
pub(super) fn shown(code: &[u8]) -> String {
    let plain = |&byte: &u8| {
        if byte.is_ascii_alphanumeric() || b"._/-+".contains(&byte) { char::from(byte) } else { '_' }
    };
    code.iter().take(32).map(plain).collect()
}
