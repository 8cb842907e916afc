//! The same files, with their parts in another order.

use std::ops::Range;

/// Boxes that contain only boxes, in any order.
const CONTAINERS: [&[u8]; 7] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"traf"];

/// Elements of the same kind: `Info`, `TrackEntry`, `Video`, `Audio`, and their parents.
const MASTERS: [u32; 6] = [0x1853_8067, 0x1654_AE6B, 0x1549_A966, 0xAE, 0xE0, 0xE1];

/// The choices that the input makes. When it is used up, everything stays as it is.
#[derive(Debug)]
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    fn below(&mut self, count: usize) -> usize {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(first) % count.max(1)
    }

    /// Shuffles the parts, except those that must keep their order.
    fn order(&mut self, mut parts: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        while !parts.is_empty() {
            out.push(parts.remove(self.below(parts.len())));
        }
        out
    }
}

/// Returns an MP4 in which the boxes of each container are in another order, with padding between.
#[must_use]
pub fn boxes(file: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut rest = file;
    while let Some((found, next)) = first_box(rest) {
        let inside = CONTAINERS.contains(&&found[4..8]);
        parts.push(if inside { sized(&found[4..8], &shuffled(&found[8..], choices)) } else { found.to_vec() });
        rest = next;
    }
    parts.push(rest.to_vec());
    parts.concat()
}

fn shuffled(children: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut rest = children;
    while let Some((found, next)) = first_box(rest) {
        let inside = CONTAINERS.contains(&&found[4..8]);
        parts.push(if inside { sized(&found[4..8], &shuffled(&found[8..], choices)) } else { found.to_vec() });
        rest = next;
    }
    // The first track of a kind is the first in the file.
    let (tracks, others): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| &part[4..8] == b"trak");
    let mut parts = if tracks.is_empty() { others } else { [others, vec![tracks.concat()]].concat() };
    for _ in 0..choices.below(3) {
        parts.push(sized(b"free", &vec![0; choices.below(40)]));
    }
    choices.order(parts).concat()
}

fn first_box(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let size = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
    if size < 8 { None } else { bytes.split_at_checked(size) }
}

fn sized(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).expect("a small file");
    [&size.to_be_bytes(), kind, body].concat()
}

/// Returns a Matroska file in which the elements of its headers are in another order, with voids between.
#[must_use]
pub fn elements(file: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some((id, head, body)) = element(file, at) {
        let end = body.as_ref().map_or(file.len(), |body| body.end);
        match body.filter(|_| MASTERS.contains(&id)) {
            // A seek entry would name the wrong position.
            Some(body) if id == 0x1853_8067 => {
                out.extend(&file[head.start..head.start + 4]);
                out.extend([0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
                out.extend(elements(&file[body], choices));
            }
            Some(body) => out.extend(of_master(id, &file[body], choices)),
            None if id == 0x1853_8067 => {
                out.extend(&file[head.clone()]);
                out.extend(elements(&file[head.end..], choices));
            }
            None if id == 0x114D_9B74 || id == 0x1C53_BB6B => {}
            None => out.extend(&file[head.start..end]),
        }
        at = end;
    }
    out.extend(file.get(at..).unwrap_or_default());
    out
}

fn of_master(id: u32, body: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some((id, head, Some(inside))) = element(body, at) {
        at = inside.end;
        let is_master = MASTERS.contains(&id);
        parts.push(if is_master { of_master(id, &body[inside], choices) } else { body[head.start..at].to_vec() });
    }
    // Tracks keep their order.
    if id != 0x1654_AE6B {
        for _ in 0..choices.below(3) {
            parts.push(vec![0xEC, 0x82, 0, 0]);
        }
        parts = choices.order(parts);
    }
    let body = parts.concat();
    let size = u64::try_from(body.len()).expect("a small file") | 1 << 56;
    let id: Vec<u8> = id.to_be_bytes().into_iter().skip_while(|&byte| byte == 0).collect();
    [id, size.to_be_bytes().to_vec(), body].concat()
}

/// An element's id, the range of its head, and the range of its body if its size is known.
fn element(bytes: &[u8], at: usize) -> Option<(u32, Range<usize>, Option<Range<usize>>)> {
    let width = usize::try_from(bytes.get(at)?.leading_zeros()).ok()? + 1;
    let id = bytes.get(at..at + width)?.iter().fold(0, |id, &byte| id << 8 | u32::from(byte));
    let length = usize::try_from(bytes.get(at + width)?.leading_zeros()).ok()? + 1;
    let start = at + width + length;
    let size = bytes.get(at + width..start)?.iter().fold(0, |size: u64, &byte| size << 8 | u64::from(byte));
    let most = (1_u64 << (7 * length)) - 1;
    let size = size & most;
    let body = if size == most { None } else { Some(start..start + usize::try_from(size).ok()?) };
    Some((id, at..start, body.filter(|body| body.end <= bytes.len())))
}
