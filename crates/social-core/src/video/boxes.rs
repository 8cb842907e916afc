//! The boxes of MP4 and MOV (ISO/IEC 14496-12 §4.2): found in any order by ranged reads, decoded by `shiguredo_mp4`.

use std::ops::Range;

use shiguredo_mp4::Decode;

use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer, malformed};

/// A box: its four letters, where it begins, and where its content lies.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    pub(super) body: Range<u64>,
}

impl Head {
    /// The first box of a range, if there is room for one. Each has at least eight bytes, so every walk ends.
    fn at(buffer: &SparseBuffer, &Range { start, end }: &Range<u64>) -> Result<Option<Self>, Pause> {
        if end.saturating_sub(start) < 8 {
            // QuickTime may close a list of boxes with four zero bytes.
            return Ok(None);
        }
        let (size, kind) = (u64::from(buffer.u32(start)?), buffer.tag(start + 4)?);
        let (header, size) = match size {
            0 => (8, end - start),
            1 => (16, buffer.u64(start + 8)?),
            _ => (8, size),
        };
        let end = start.checked_add(size).filter(|_| size >= header).ok_or(malformed("a box's size"))?;
        Ok(Some(Self { kind, start, body: start + header..end }))
    }
}

/// The fields of a box, if there is one and they are as the standard has them.
pub(super) fn decode<T: Decode>(buffer: &SparseBuffer, found: Option<&Head>) -> Result<Option<T>, Pause> {
    let Some(found) = found else { return Ok(None) };
    let bytes = buffer.slice(found.start, found.body.end - found.start)?;
    Ok(T::decode(bytes).ok().map(|(fields, _)| fields))
}

/// Walks the boxes inside another.
#[derive(Debug)]
pub(super) struct Boxes<'a> {
    buffer: &'a SparseBuffer,
    rest: Range<u64>,
}

impl<'a> Boxes<'a> {
    pub(super) fn within(buffer: &'a SparseBuffer, range: Range<u64>) -> Self {
        Self { buffer, rest: range }
    }

    /// Those inside a box that may be missing.
    pub(super) fn of(buffer: &'a SparseBuffer, parent: Option<&Head>) -> Self {
        Self::within(buffer, parent.map_or(0..0, |head| head.body.clone()))
    }

    /// Those of one kind.
    pub(super) fn each(self, kind: &[u8; 4]) -> impl Iterator<Item = Result<Head, Pause>> {
        self.filter(move |head| head.as_ref().map_or(true, |head| &head.kind == kind))
    }

    /// The first box of each of these kinds, in any order. The walk stops as soon as it has them.
    pub(super) fn first<const N: usize>(mut self, kinds: [&[u8; 4]; N]) -> Result<[Option<Head>; N], Pause> {
        let mut found = [const { None }; N];
        while found.iter().any(Option::is_none)
            && let Some(head) = self.next().transpose()?
        {
            if let Some((place, _)) = found.iter_mut().zip(kinds).find(|(_, kind)| **kind == head.kind) {
                place.get_or_insert(head);
            }
        }
        Ok(found)
    }
}

impl Iterator for Boxes<'_> {
    type Item = Result<Head, Pause>;

    fn next(&mut self) -> Option<Self::Item> {
        let head = Head::at(self.buffer, &self.rest).transpose()?;
        Some(head.and_then(|head| {
            if head.body.end > self.rest.end {
                return Err(malformed("a box longer than its parent"));
            }
            self.rest.start = head.body.end;
            Ok(head)
        }))
    }
}

/// Walks the top-level boxes of a file.
#[derive(Debug)]
pub(super) struct Outer<'a> {
    buffer: &'a SparseBuffer,
    rest: Range<u64>,
    last: [u8; 4],
    /// Whether the movie header has been passed. Only media data and optional boxes follow it.
    has_header: bool,
    has_fragments: bool,
}

impl<'a> Outer<'a> {
    pub(super) fn new(buffer: &'a SparseBuffer) -> Self {
        Self { buffer, rest: 0..buffer.size(), last: [0; 4], has_header: false, has_fragments: false }
    }

    /// From a place after the movie header.
    pub(super) fn after_header(buffer: &'a SparseBuffer, from: u64) -> Self {
        Self { rest: from..buffer.size(), has_header: true, ..Self::new(buffer) }
    }

    /// The next box that is whole. `None`: the file ends, or junk follows, which players ignore.
    pub(super) fn next(&mut self) -> Result<Option<Head>, Pause> {
        let head = match Head::at(self.buffer, &self.rest) {
            Err(Pause::Fail(_)) if self.has_header => None,
            head => head?,
        };
        let Some(head) = head else { return Ok(None) };
        if head.body.end > self.rest.end {
            return if self.is_missed(&head) { Err(ProbeError::Incomplete.into()) } else { Ok(None) };
        }
        self.rest.start = head.body.end;
        self.last = head.kind;
        self.has_header |= &head.kind == b"moov";
        self.has_fragments |= &head.kind == b"moof";
        Ok(Some(head))
    }

    /// Whether the missing end of a cut box matters. That of media data does, unless the box belongs to no fragment or
    /// is a bare header: recorders that write into a pipe leave one.
    fn is_missed(&self, cut: &Head) -> bool {
        match &cut.kind {
            b"mdat" if self.has_fragments => &self.last == b"moof",
            b"mdat" => cut.body.start < self.rest.end,
            b"moof" | b"moov" => true,
            _ => !self.has_header,
        }
    }
}
