//! The clusters of a Matroska file: when its frames are shown (RFC 9559 §5.1.3).

use std::time::Duration;

use super::ebml::{element, number, unsigned};
use super::probe_error::ProbeError;
use super::samples::time;
use super::sparse_buffer::{Pause, SparseBuffer};

pub(super) const CLUSTER: u64 = 0x1F43_B675;

/// How many places that may be the last cluster are tried.
const TRIES: usize = 16;

/// How many frames one may be stored ahead of.
const REORDERED: u64 = 8;

/// Fewer frames than this are no rate.
const ENOUGH: usize = 12;

/// The end of a live recording, whose header was written before its duration was known: the last frame's time. `None`:
/// it lies too far from the end of the file.
pub(super) fn last_frame(
    buffer: &SparseBuffer,
    from: u64,
    scale: u64,
    step: u64,
) -> Result<Option<Duration>, Pause> {
    // From the end, and a few only: bytes that merely look like clusters must not cost a walk each.
    let places = buffer.candidates(from, [0x1F, 0x43, 0xB6, 0x75])?.rev();
    let last = places.take(TRIES).find_map(|at| {
        let last = Blocks { buffer, at, base: None }.map(|(_, time)| time).max()?;
        Some((element(buffer, at).ok()?, last))
    });
    let Some((cluster, last)) = last else { return Ok(None) };
    if cluster.end.is_some_and(|end| end > buffer.size()) {
        return Err(ProbeError::Incomplete.into());
    }
    let nanos = last.checked_mul(scale).and_then(|nanos| nanos.checked_add(step));
    Ok(nanos.and_then(|nanos| time(nanos, 1_000_000_000)))
}

/// Whether the frames of the clusters read so far come as often as a track says. Remuxers may write a wrong duration.
pub(super) fn agree(buffer: &SparseBuffer, from: u64, track: u64, step: u64, scale: u64) -> bool {
    let blocks = Blocks { buffer, at: from, base: None };
    let times: Vec<u64> = blocks.filter(|(of, _)| *of == track).map(|(_, time)| time).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else { return true };
    let steps = u64::try_from(times.len() - 1).unwrap_or(u64::MAX);
    let [seen, written] = [(last - first).saturating_mul(scale), steps.saturating_mul(step)];
    // Times are rounded to ticks, and the last may be of a frame that others come before.
    let slack = step.saturating_mul(REORDERED).saturating_add(scale.saturating_mul(2)).max(written / 50);
    times.len() < ENOUGH || seen.abs_diff(written) <= slack
}

/// The blocks from a place on, as far as the file was read: each one's track, and its time in ticks.
struct Blocks<'a> {
    buffer: &'a SparseBuffer,
    at: u64,
    base: Option<u64>,
}

impl Iterator for Blocks<'_> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        loop {
            let found = element(self.buffer, self.at).ok()?;
            // Clusters and groups of blocks are entered. Anything else of unknown size ends the walk.
            self.at = if matches!(found.id, CLUSTER | 0xA0) { found.start } else { found.end? };
            let start = self.buffer.up_to(found.start, 12.min(self.at - found.start)).ok();
            match found.id {
                CLUSTER => self.base = None,
                0xE7 => self.base = start.map(unsigned),
                // The number of the track, and after it two signed bytes: the time from the cluster's own.
                0xA1 | 0xA3 => {
                    let (track, length) = number(start?)?;
                    let offset = i16::from_be_bytes(*start?.get(length..)?.first_chunk()?);
                    return Some((
                        track & !(1 << (7 * length)),
                        self.base?.saturating_add_signed(offset.into()),
                    ));
                }
                _ => {}
            }
        }
    }
}
