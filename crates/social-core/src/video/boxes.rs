//! The boxes of MP4 and MOV (ISO/IEC 14496-12 §4.2): walked one after the other, and found in any order.

use std::ops::Range;

use super::held::{Held, Pause, malformed};
use super::probe::ProbeError;

/// A box: its four letters and where its content lies.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    pub(super) body: Range<u64>,
}

/// Walks the boxes that follow each other between two places.
#[derive(Debug)]
pub(super) struct Boxes<'a> {
    held: &'a Held,
    at: u64,
    end: u64,
}

impl<'a> Boxes<'a> {
    pub(super) fn within(held: &'a Held, range: &Range<u64>) -> Self {
        Self { held, at: range.start, end: range.end }
    }

    /// The next box; every one is at least eight bytes long, so the walk ends.
    pub(super) fn next(&mut self) -> Result<Option<Head>, Pause> {
        let start = self.at;
        if self.end.saturating_sub(start) < 8 {
            // QuickTime may close a list of boxes with four zero bytes.
            return Ok(None);
        }
        let (size, kind) = (u64::from(self.held.u32(start)?), self.held.tag(start + 4)?);
        let (header, size) = match size {
            0 => (8, self.end - start),
            1 => (16, self.held.u64(start + 8)?),
            _ => (8, size),
        };
        let end = start.checked_add(size).filter(|_| size >= header).ok_or(malformed("a box's size"))?;
        self.at = end;
        Ok(Some(Head { kind, start, body: start + header..end }))
    }

    /// The next box, which must end inside its parent.
    pub(super) fn next_inside(&mut self) -> Result<Option<Head>, Pause> {
        match self.next()? {
            Some(head) if head.body.end > self.end => Err(malformed("a box longer than its parent")),
            other => Ok(other),
        }
    }

    /// The first box of each of these kinds. They come in any order, and the walk goes no further than it must.
    pub(super) fn first<const N: usize>(
        mut self,
        kinds: [&[u8; 4]; N],
    ) -> Result<[Option<Range<u64>>; N], Pause> {
        let mut found = [const { None }; N];
        while found.iter().any(Option::is_none)
            && let Some(head) = self.next_inside()?
        {
            let mut places = found.iter_mut().zip(kinds);
            if let Some((place, _)) = places.find(|(_, kind)| **kind == head.kind) {
                place.get_or_insert(head.body);
            }
        }
        Ok(found)
    }

    /// The first box of any of these kinds.
    pub(super) fn find_any(mut self, kinds: &[&[u8; 4]]) -> Result<Option<Range<u64>>, Pause> {
        while let Some(head) = self.next_inside()? {
            if kinds.contains(&&head.kind) {
                return Ok(Some(head.body));
            }
        }
        Ok(None)
    }

    pub(super) fn find(self, kind: [u8; 4]) -> Result<Option<Range<u64>>, Pause> {
        self.find_any(&[&kind])
    }
}

/// Walks the boxes that a file is made of, as far as there is anything to miss.
#[derive(Debug)]
pub(super) struct Outer<'a> {
    boxes: Boxes<'a>,
    last: [u8; 4],
    /// Whether all headers have been passed; what comes then is media data, or of no use.
    has_header: bool,
    has_fragments: bool,
}

impl<'a> Outer<'a> {
    pub(super) fn new(held: &'a Held) -> Self {
        let boxes = Boxes::within(held, &(0..held.size()));
        Self { boxes, last: [0; 4], has_header: false, has_fragments: false }
    }

    /// From a place after the movie header.
    pub(super) fn after_header(held: &'a Held, from: u64) -> Self {
        let boxes = Boxes::within(held, &(from..held.size()));
        Self { boxes, last: [0; 4], has_header: true, has_fragments: false }
    }

    /// The next box that is whole. `None`: the file ends, or what follows is junk, which players pass over.
    pub(super) fn next(&mut self) -> Result<Option<Head>, Pause> {
        let head = match self.boxes.next() {
            Err(Pause::Fail(_)) if self.has_header => return Ok(None),
            other => other?,
        };
        let Some(head) = head else { return Ok(None) };
        if head.body.end > self.boxes.end {
            return if self.is_missing(&head) { Err(ProbeError::Incomplete.into()) } else { Ok(None) };
        }
        self.last = head.kind;
        self.has_header |= &head.kind == b"moov";
        self.has_fragments |= &head.kind == b"moof";
        Ok(Some(head))
    }

    /// Whether the end of a cut box is missed. Of media data it is, unless it belongs to no fragment, or is the bare
    /// header that a recorder leaves which could not go back to where it belongs.
    fn is_missing(&self, cut: &Head) -> bool {
        match &cut.kind {
            b"mdat" if self.has_fragments => &self.last == b"moof",
            b"mdat" => cut.body.start < self.boxes.end,
            b"moof" | b"moov" => true,
            _ => !self.has_header,
        }
    }
}
