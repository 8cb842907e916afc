//! The clusters of a Matroska file: when its pictures are shown (RFC 9559 §5.1.3).

use std::time::Duration;

use super::ebml::element;
use super::held::{Held, Pause, malformed};
use super::mp4::time;
use super::probe::ProbeError;

pub(super) const CLUSTER: u32 = 0x1F43_B675;

/// A live recording's last cluster is looked for in this much of the file's end: what the budget of a probe leaves. A
/// browser's recording of 2.5 Mbit/s has three seconds and 1 MB between clusters, and ends anywhere in one.
const TAIL: u64 = 768 * 1024;

/// How many places that look like its beginning are tried.
const CANDIDATES: usize = 16;

/// How many pictures one may be stored ahead of.
const REORDERED: u64 = 8;

/// Fewer pictures than this do not tell a rate.
const ENOUGH: usize = 12;

/// The end of a live recording, whose header was written before anybody knew it: the last picture's time. `None`: it
/// lies too far from the end of the file.
pub(super) fn last_picture(
    held: &Held,
    from: u64,
    scale: u64,
    picture: u64,
) -> Result<Option<Duration>, Pause> {
    let start = held.size().saturating_sub(TAIL).max(from);
    let tail = held.slice(start, held.size() - start)?;
    // From the end, and a few only: bytes that merely look like clusters must not cost a walk each.
    let places = tail.windows(4).enumerate().rev().filter(|(_, window)| *window == CLUSTER.to_be_bytes());
    let last = places.take(CANDIDATES).find_map(|(offset, _)| {
        let cluster = element(held, start + u64::try_from(offset).ok()?).ok()?;
        let end = cluster.end.unwrap_or(held.size());
        let blocks = Blocks { held, at: cluster.start, end: end.min(held.size()), base: None };
        Some((blocks.map(|(_, time)| time).max()?, end))
    });
    let Some((last, end)) = last else { return Ok(None) };
    if end > held.size() {
        return Err(ProbeError::Incomplete.into());
    }
    let nanos =
        last.checked_mul(scale).and_then(|nanos| nanos.checked_add(picture)).ok_or(malformed("a time"))?;
    time(nanos, 1_000_000_000)
}

/// Whether the pictures of the clusters that are held come as often as a track says: a remux may say what it likes.
pub(super) fn agree(held: &Held, from: u64, track: u64, picture: u64, scale: u64) -> bool {
    let mut at = from;
    let mut times = Vec::new();
    while let Ok(found) = element(held, at)
        && at < held.size()
    {
        let end = found.end.unwrap_or(held.size());
        if found.id == CLUSTER {
            let mut blocks = Blocks { held, at: found.start, end: end.min(held.size()), base: None };
            times.extend(blocks.by_ref().filter(|(of, _)| *of == track).map(|(_, time)| time));
            at = if found.end.is_none() { blocks.at } else { end };
        } else {
            at = end;
        }
    }
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return true };
    let steps = u64::try_from(times.len() - 1).unwrap_or(u64::MAX);
    let [seen, told] = [(last - first).saturating_mul(scale), steps.saturating_mul(picture)];
    // Times are rounded to ticks, and the last may be of a picture that others come before.
    let slack = picture.saturating_mul(REORDERED).saturating_add(scale.saturating_mul(2)).max(told / 50);
    times.len() < ENOUGH || seen.abs_diff(told) <= slack
}

/// Walks the blocks of a cluster: each one's track, and its time in ticks.
struct Blocks<'a> {
    held: &'a Held,
    at: u64,
    end: u64,
    base: Option<u64>,
}

impl Iterator for Blocks<'_> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        while self.at < self.end {
            let child = element(self.held, self.at).ok()?;
            // The next cluster ends one of unknown size.
            let end = child.end.filter(|&end| end <= self.end && child.id != CLUSTER)?;
            let block = match child.id {
                0xE7 => {
                    let bytes = self.held.slice(child.start, (end - child.start).min(8)).ok()?;
                    self.base = Some(bytes.iter().fold(0, |time, &byte| time << 8 | u64::from(byte)));
                    None
                }
                0xA3 => Some(child.start),
                0xA0 => element(self.held, child.start)
                    .ok()
                    .filter(|inner| inner.id == 0xA1)
                    .map(|inner| inner.start),
                _ => None,
            };
            self.at = end;
            if let Some(block) = block {
                return self.block(block);
            }
        }
        None
    }
}

impl Blocks<'_> {
    /// The number of the track, and after it two signed bytes: the time from the cluster's own.
    fn block(&self, at: u64) -> Option<(u64, u64)> {
        let first = self.held.u8(at).ok()?;
        let width = u64::from(first.leading_zeros()) + 1;
        let number = self.held.slice(at, width.min(8)).ok()?;
        let number = number.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
        let number = number & !(1_u64 << (7 * width.min(8)));
        let offset = self.held.u16(at + width).ok()?.cast_signed();
        Some((number, self.base?.saturating_add_signed(offset.into())))
    }
}
