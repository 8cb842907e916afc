//! The elements of EBML (RFC 8794).

use std::ops::Range;

use super::held::{Held, Pause, malformed};
use super::probe::ProbeError;

/// An element: its id and where its content lies; the end is `None` when the size is unknown.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) id: u32,
    pub(super) start: u64,
    pub(super) end: Option<u64>,
}

/// Reads the element at a place.
pub(super) fn element(held: &Held, at: u64) -> Result<Element, Pause> {
    let bytes = held.up_to(at, 12)?;
    let first = *bytes.first().ok_or(ProbeError::Incomplete)?;
    let width = usize::try_from(first.leading_zeros()).unwrap_or(8) + 1;
    if width > 4 {
        return Err(malformed("an element's id"));
    }
    let (id, rest) = bytes.split_at_checked(width).ok_or(ProbeError::Incomplete)?;
    let id = id.iter().fold(0, |id: u32, &byte| id << 8 | u32::from(byte));
    let marker = *rest.first().ok_or(ProbeError::Incomplete)?;
    let length = usize::try_from(marker.leading_zeros()).unwrap_or(8) + 1;
    if length > 8 {
        return Err(malformed("an element's size"));
    }
    let size = rest.get(..length).ok_or(ProbeError::Incomplete)?;
    let size = size.iter().fold(0, |size: u64, &byte| size << 8 | u64::from(byte));
    let most = (1_u64 << (7 * length)) - 1;
    let start = at + u64::try_from(width + length).unwrap_or(0);
    let size = size & most;
    let end = if size == most {
        None
    } else {
        Some(start.checked_add(size).ok_or(malformed("an element's size"))?)
    };
    Ok(Element { id, start, end })
}

/// The content of an element that is held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content<'a> {
    held: &'a Held,
    start: u64,
    bytes: &'a [u8],
}

impl<'a> Content<'a> {
    pub(super) fn of(held: &'a Held, range: &Range<u64>) -> Result<Self, Pause> {
        Ok(Self { held, start: range.start, bytes: held.slice(range.start, range.end - range.start)? })
    }

    /// The elements inside. Junk after the last, as some writers leave, is passed over.
    pub(super) fn children(self) -> impl Iterator<Item = (u32, Self)> {
        let mut rest = 0..self.bytes.len();
        std::iter::from_fn(move || {
            let at = self.start.checked_add(u64::try_from(rest.start).ok()?)?;
            let child = element(self.held, at).ok().filter(|_| !rest.is_empty())?;
            let from = usize::try_from(child.start.checked_sub(self.start)?).ok()?;
            let to = usize::try_from(child.end?.checked_sub(self.start)?).ok()?;
            rest.start = to;
            Some((child.id, Self { held: self.held, start: child.start, bytes: self.bytes.get(from..to)? }))
        })
    }

    /// The first element inside of this kind.
    pub(super) fn find(self, id: u32) -> Option<Self> {
        self.children().find(|(found, _)| *found == id).map(|(_, content)| content)
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// A string, which ends with its element or at the first NUL within (RFC 8794 §13).
    pub(super) fn string(self) -> &'a [u8] {
        self.bytes.split(|&byte| byte == 0).next().unwrap_or_default()
    }

    pub(super) fn unsigned(self) -> Option<u64> {
        (self.bytes.len() <= 8)
            .then(|| self.bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    pub(super) fn float(self) -> Option<f64> {
        let value = match self.bytes.len() {
            4 => f64::from(f32::from_be_bytes(*self.bytes.first_chunk()?)),
            8 => f64::from_be_bytes(*self.bytes.first_chunk()?),
            _ => return None,
        };
        value.is_finite().then_some(value)
    }
}
