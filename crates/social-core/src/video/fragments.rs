//! Fragmented MP4: how long a movie is whose header does not know (ISO/IEC 14496-12 §8.8 and §8.16).
//!
//! In order of cost: the length a recorder wrote afterwards (`mehd`), an index at the front (`sidx`), the index at
//! the end (`mfra`) and the last fragment it leads to, and else every fragment as far as the reads last.

use std::ops::Range;
use std::time::Duration;

use super::held::{Held, Pause, malformed};
use super::mp4::{Boxes, time};
use super::probe::ProbeError;

/// The track that is measured.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) timescale: u64,
}

/// What was measured: the length, and how many samples of the seen fragments last how many ticks.
#[derive(Debug)]
pub(super) struct Measure {
    pub(super) duration: Duration,
    pub(super) samples: Option<(u64, u64)>,
}

/// One fragment's part of the track.
#[derive(Debug, Default, Clone, Copy)]
struct Fragment {
    start: Option<u64>,
    samples: u64,
    ticks: u64,
}

pub(super) fn measure(
    held: &Held,
    mvex: &Range<u64>,
    moov_end: u64,
    track: &Track,
    movie_scale: u64,
    whole: Option<(u64, u64)>,
) -> Result<Measure, Pause> {
    let default = default_duration(held, mvex, track)?;
    let whole = whole.filter(|&(samples, _)| samples > 0);
    let (mut index, mut first) = (None, None);
    let mut boxes = Boxes::within(held, &(moov_end..held.size()));
    while let Some(head) = boxes.next()? {
        match &head.kind {
            b"sidx" if index.is_none() => index = segment_index(held, &head.body)?,
            b"moof" => {
                first = Some(head);
                break;
            }
            b"mdat" => {}
            _ if head.body.end > held.size() => return Err(ProbeError::Incomplete.into()),
            _ => {}
        }
    }
    let first_place = first.as_ref().map(|head| head.start);
    let first = first.map(|head| fragment(held, &head.body, track, default)).transpose()?;
    let counted = first.map(|found| (found.samples, found.ticks)).filter(|&(samples, _)| samples > 0);
    let samples = counted.or(whole);
    if let Some(head) = Boxes::within(held, mvex).find(*b"mehd")? {
        let wide = held.u8(head.body.start)? == 1;
        let ticks = if wide { held.u64(head.body.start + 4)? } else { held.u32(head.body.start + 4)?.into() };
        if ticks > 0 {
            return Ok(Measure { duration: time(ticks, movie_scale)?, samples });
        }
    }
    if let Some(duration) = index {
        return Ok(Measure { duration, samples });
    }
    // A movie header with samples of its own comes before its fragments.
    let before = whole.map_or(0, |(_, ticks)| ticks);
    let Some(first_place) = first_place else {
        return Ok(Measure { duration: time(before, track.timescale)?, samples });
    };
    let from = last_indexed(held, track)?.filter(|&place| place >= first_place).unwrap_or(first_place);
    let start = first.and_then(|found| found.start).unwrap_or(before);
    let base = if before > 0 { 0 } else { start };
    walk(held, from, base, track, default, samples)
}

/// Adds up the fragments from a place to the end of the file.
fn walk(
    held: &Held,
    from: u64,
    base: u64,
    track: &Track,
    default: u64,
    samples: Option<(u64, u64)>,
) -> Result<Measure, Pause> {
    let (mut end, mut seen) = (base, (0_u64, 0_u64));
    let mut boxes = Boxes::within(held, &(from..held.size()));
    while let Some(head) = boxes.next()? {
        if head.body.end > held.size() {
            return Err(ProbeError::Incomplete.into());
        }
        if &head.kind == b"moof" {
            let found = fragment(held, &head.body, track, default)?;
            if found.samples > 0 {
                end = end.max(found.start.unwrap_or(end).saturating_add(found.ticks));
                seen = (seen.0.saturating_add(found.samples), seen.1.saturating_add(found.ticks));
            }
        }
    }
    let duration = time(end.saturating_sub(base), track.timescale)?;
    Ok(Measure { duration, samples: if seen.0 > 1 { Some(seen) } else { samples.or(Some(seen)) } })
}

fn default_duration(held: &Held, mvex: &Range<u64>, track: &Track) -> Result<u64, Pause> {
    let mut boxes = Boxes::within(held, mvex);
    while let Some(head) = boxes.next_inside()? {
        if &head.kind == b"trex" && held.u32(head.body.start + 4)? == track.id {
            return Ok(held.u32(head.body.start + 12)?.into());
        }
    }
    Ok(0)
}

fn fragment(held: &Held, moof: &Range<u64>, track: &Track, default: u64) -> Result<Fragment, Pause> {
    let mut boxes = Boxes::within(held, moof);
    let mut found = Fragment::default();
    while let Some(head) = boxes.next_inside()? {
        if &head.kind == b"traf" {
            run(held, &head.body, track, default, &mut found)?;
        }
    }
    Ok(found)
}

fn run(
    held: &Held,
    traf: &Range<u64>,
    track: &Track,
    mut default: u64,
    found: &mut Fragment,
) -> Result<(), Pause> {
    let mut boxes = Boxes::within(held, traf);
    while let Some(head) = boxes.next_inside()? {
        let at = head.body.start;
        match &head.kind {
            b"tfhd" => {
                if held.u32(at + 4)? != track.id {
                    return Ok(());
                }
                let flags = held.u32(at)?;
                let skipped = [(0x1, 8), (0x2, 4)];
                let skipped: u64 =
                    skipped.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, size)| size).sum();
                if flags & 0x8 != 0 {
                    default = held.u32(at + 8 + skipped)?.into();
                }
            }
            b"tfdt" => {
                let wide = held.u8(at)? == 1;
                let start = if wide { held.u64(at + 4)? } else { held.u32(at + 4)?.into() };
                found.start = found.start.or(Some(start));
            }
            b"trun" => {
                let (samples, ticks) = sample_run(held, &head.body, default)?;
                found.samples = found.samples.saturating_add(samples);
                found.ticks = found.ticks.saturating_add(ticks);
            }
            _ => {}
        }
    }
    Ok(())
}

fn sample_run(held: &Held, trun: &Range<u64>, default: u64) -> Result<(u64, u64), Pause> {
    let flags = held.u32(trun.start)?;
    let count = u64::from(held.u32(trun.start + 4)?);
    if flags & 0x100 == 0 {
        return Ok((count, count.saturating_mul(default)));
    }
    let fields = |of: &[u32]| of.iter().map(|flag| if flags & flag == 0 { 0 } else { 4 }).sum::<u64>();
    let table = trun.start + 8 + fields(&[0x1, 0x4]);
    let stride = fields(&[0x100, 0x200, 0x400, 0x800]);
    if table.saturating_add(count * stride) > trun.end {
        return Err(malformed("a run longer than its box"));
    }
    let table = held.slice(table, count * stride)?;
    let stride = usize::try_from(stride).unwrap_or(usize::MAX);
    let durations = table.chunks_exact(stride).filter_map(|entry| entry.first_chunk::<4>());
    let ticks =
        durations.fold(0_u64, |sum, &duration| sum.saturating_add(u32::from_be_bytes(duration).into()));
    Ok((count, ticks))
}

/// The length a `sidx` tells, if it speaks for the whole rest of the file.
fn segment_index(held: &Held, sidx: &Range<u64>) -> Result<Option<Duration>, Pause> {
    let wide = held.u8(sidx.start)? == 1;
    let scale = held.u32(sidx.start + 8)?;
    let (offset, at) = if wide {
        (held.u64(sidx.start + 20)?, sidx.start + 28)
    } else {
        (held.u32(sidx.start + 16)?.into(), sidx.start + 20)
    };
    let count = u64::from(held.u16(at + 2)?);
    if at + 4 + count * 12 > sidx.end {
        return Err(malformed("an index longer than its box"));
    }
    let (entries, _) = held.slice(at + 4, count * 12)?.as_chunks::<12>();
    let (mut bytes, mut ticks) = (0_u64, 0_u64);
    for &[a, b, c, d, e, f, g, h, ..] in entries {
        let size = u32::from_be_bytes([a, b, c, d]);
        if size >> 31 == 1 {
            return Ok(None); // leads to another index
        }
        bytes += u64::from(size);
        ticks += u64::from(u32::from_be_bytes([e, f, g, h]));
    }
    let Some(end) = sidx.end.checked_add(offset).and_then(|start| start.checked_add(bytes)) else {
        return Err(malformed("an index past the end of everything"));
    };
    if scale == 0 || ticks == 0 || end > held.size() {
        return Ok(None);
    }
    let rest = Boxes::within(held, &(end..held.size())).next()?;
    let whole = rest.is_none_or(|head| matches!(&head.kind, b"mfra" | b"free" | b"skip" | b"udta" | b"meta"));
    if whole { time(ticks, scale.into()).map(Some) } else { Ok(None) }
}

/// Where the index at the end of the file (`mfra`) says the track's last fragment begins.
fn last_indexed(held: &Held, track: &Track) -> Result<Option<u64>, Pause> {
    let Some(tail) = held.size().checked_sub(16) else { return Ok(None) };
    if &held.tag(tail + 4)? != b"mfro" {
        return Ok(None);
    }
    let Some(start) = held.size().checked_sub(held.u32(tail + 12)?.into()) else { return Ok(None) };
    let Some(mfra) = Boxes::within(held, &(start..held.size())).find(*b"mfra")? else { return Ok(None) };
    let mut boxes = Boxes::within(held, &mfra.body);
    while let Some(head) = boxes.next_inside()? {
        let at = head.body.start;
        if &head.kind != b"tfra" || held.u32(at + 4)? != track.id {
            continue;
        }
        let wide = held.u8(at)? == 1;
        let lengths = held.u32(at + 8)?;
        let extra: u64 = [0, 2, 4].iter().map(|shift| u64::from(lengths >> shift & 3) + 1).sum();
        let stride = if wide { 16 } else { 8 } + extra;
        let Some(last) = u64::from(held.u32(at + 12)?).checked_sub(1) else { return Ok(None) };
        let place = at + 16 + last * stride;
        if place.saturating_add(stride) > head.body.end {
            return Err(malformed("an index longer than its box"));
        }
        return Ok(Some(if wide { held.u64(place + 8)? } else { held.u32(place + 4)?.into() }));
    }
    Ok(None)
}
