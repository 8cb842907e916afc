//! The elements of EBML (RFC 8794).

use std::iter;
use std::ops::Range;

use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer, malformed};

/// An element: its id and where its content lies; the end is `None` when the size is unknown.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) id: u64,
    pub(super) start: u64,
    pub(super) end: Option<u64>,
}

/// Reads the element at a place.
pub(super) fn element(buffer: &SparseBuffer, at: u64) -> Result<Element, Pause> {
    let bytes = buffer.up_to(at, 12)?;
    let cut = || if bytes.len() < 12 { ProbeError::Incomplete.into() } else { malformed("an element") };
    let (id, length, size) = header(bytes).ok_or_else(cut)?;
    let start = at + u64::try_from(length).unwrap_or(0);
    let end = size.map(|size| start.checked_add(size).ok_or(malformed("an element's size"))).transpose()?;
    Ok(Element { id, start, end })
}

/// The id and size that begin an element, and how many bytes they take. A size of all ones is unknown.
fn header(bytes: &[u8]) -> Option<(u64, usize, Option<u64>)> {
    let (id, width) = number(bytes).filter(|&(_, width)| width <= 4)?;
    let (size, length) = number(bytes.get(width..)?)?;
    let ones = (1 << (7 * length)) - 1;
    Some((id, width + length, Some(size & ones).filter(|&size| size != ones)))
}

/// A number of variable length, with the bit that marks the length, and how many bytes it takes.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let length = usize::try_from(bytes.first()?.leading_zeros()).ok().filter(|&zeros| zeros < 8)? + 1;
    Some((unsigned(bytes.get(..length)?), length))
}

/// Big-endian bytes, of which the last eight count.
pub(super) fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// The content of an element that was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a>(pub(super) &'a [u8]);

impl<'a> Content<'a> {
    pub(super) fn of(buffer: &'a SparseBuffer, range: Range<u64>) -> Result<Self, Pause> {
        Ok(Self(buffer.slice(range.start, range.end - range.start)?))
    }

    /// The elements inside. Junk after the last, as some writers leave, is ignored.
    pub(super) fn children(self) -> impl Iterator<Item = (u64, Self)> {
        let mut rest = self.0;
        iter::from_fn(move || {
            let (id, length, size) = header(rest)?;
            let (content, next) = rest.get(length..)?.split_at_checked(usize::try_from(size?).ok()?)?;
            rest = next;
            Some((id, Self(content)))
        })
    }

    /// Follows ids inwards, each time to the first element.
    pub(super) fn find(self, path: &[u64]) -> Option<Self> {
        path.iter().try_fold(self, |content, id| {
            content.children().find(|(found, _)| found == id).map(|(_, content)| content)
        })
    }

    /// A string, which ends with its element or at the first NUL within (RFC 8794 §13).
    pub(super) fn string(self, path: &[u64]) -> Option<&'a [u8]> {
        self.find(path)?.0.split(|&byte| byte == 0).next()
    }

    pub(super) fn unsigned(self, path: &[u64]) -> Option<u64> {
        self.find(path).filter(|content| content.0.len() <= 8).map(|content| unsigned(content.0))
    }

    pub(super) fn float(self, path: &[u64]) -> Option<f64> {
        let bytes = self.find(path)?.0;
        let single = bytes.try_into().map(f32::from_be_bytes).map(f64::from);
        single.or_else(|_| bytes.try_into().map(f64::from_be_bytes)).ok().filter(|value| value.is_finite())
    }
}
