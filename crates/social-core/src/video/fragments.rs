//! Fragmented MP4: how long a movie is whose header does not know (ISO/IEC 14496-12 §8.8 and §8.16).
//!
//! In order of cost: the length a recorder wrote afterwards (`mehd`), an index at the front (`sidx`), the index at
//! the end (`mfra`) and the last fragment it leads to, and else the fragments found by their looks in the file's end.

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

/// An end of a file this short is read first: most indexes are shorter, and the last fragment may be in it.
const EDGE: u64 = 64 * 1024;

/// Without an index, fragments are looked for in this much of the file's end: what the budget of a probe leaves.
const TAIL: u64 = 768 * 1024;

/// How many places that look like a fragment are tried.
const CANDIDATES: usize = 16;

/// One fragment's part of the track.
#[derive(Debug, Default, Clone, Copy)]
struct Fragment {
    start: Option<u64>,
    samples: u64,
    ticks: u64,
}

/// Fragments that follow each other: when the track begins and ends in them, and how many samples last how long.
#[derive(Debug, Default, Clone, Copy)]
struct Span {
    start: Option<u64>,
    end: Option<u64>,
    samples: u64,
    ticks: u64,
}

impl Span {
    /// Nothing yet, of a track of which so much came before.
    fn after(ticks: u64) -> Self {
        Self { end: Some(ticks), ..Self::default() }
    }

    fn add(&mut self, fragment: Fragment) -> Result<(), Pause> {
        if fragment.samples == 0 {
            return Ok(());
        }
        // A fragment without a time of its own begins where the one before ended.
        let start = fragment.start.or(self.end).ok_or(ProbeError::DurationUnknown)?;
        self.start = self.start.or(Some(start));
        self.end = self.end.max(Some(start.saturating_add(fragment.ticks)));
        self.samples = self.samples.saturating_add(fragment.samples);
        self.ticks = self.ticks.saturating_add(fragment.ticks);
        Ok(())
    }
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
    // A movie header with samples of its own comes before its fragments.
    let whole = whole.filter(|&(samples, _)| samples > 0);
    let before = whole.map_or(0, |(_, ticks)| ticks);
    let (index, first) = indexed(held, moov_end)?;
    let Some(first) = first else {
        let told = told_afterwards(held, mvex, movie_scale)?;
        return Ok(Measure {
            duration: told.map_or_else(|| time(before, track.timescale), Ok)?,
            samples: whole,
        });
    };
    let fragments = Fragments { held, track, default };
    let (front, front_end) = fragments.beginning(first, before)?;
    let (count, ticks) = whole.unwrap_or_default();
    let seen = |span: Span| {
        let samples = (count.saturating_add(span.samples), ticks.saturating_add(span.ticks));
        Some(samples).filter(|&(samples, _)| samples > 0)
    };
    if let Some(duration) = told_afterwards(held, mvex, movie_scale)?.or(index) {
        return Ok(Measure { duration, samples: seen(front) });
    }
    let last = match last_indexed(held, track)? {
        Some(place) => place,
        // All that there is has been read.
        None if front_end == held.size() => first,
        None => last_by_looks(held, first)?,
    };
    let (end, samples) = if last <= front_end {
        let all = fragments.rest(first, Span::after(before))?;
        (all.end, seen(all))
    } else {
        let back = fragments.rest(last, Span::default())?;
        let both = Span {
            samples: front.samples.saturating_add(back.samples),
            ticks: front.ticks.saturating_add(back.ticks),
            ..back
        };
        (back.end, seen(both))
    };
    let base = if before > 0 { 0 } else { front.start.unwrap_or(0) };
    let ticks = end.ok_or(ProbeError::DurationUnknown)?.saturating_sub(base);
    Ok(Measure { duration: time(ticks, track.timescale)?, samples })
}

/// The length that a recorder wrote into the header when it was done.
fn told_afterwards(held: &Held, mvex: &Range<u64>, scale: u64) -> Result<Option<Duration>, Pause> {
    let Some(mehd) = Boxes::within(held, mvex).find(*b"mehd")? else { return Ok(None) };
    let at = mehd.body.start;
    let ticks = if held.u8(at)? == 1 { held.u64(at + 4)? } else { held.u32(at + 4)?.into() };
    if ticks == 0 { Ok(None) } else { time(ticks, scale).map(Some) }
}

/// The length told by an index after the movie header, and where the first fragment is.
fn indexed(held: &Held, moov_end: u64) -> Result<(Option<Duration>, Option<u64>), Pause> {
    let mut index = None;
    let mut boxes = Boxes::within(held, &(moov_end..held.size()));
    while let Some(head) = boxes.next()? {
        match &head.kind {
            b"sidx" if index.is_none() => index = segment_index(held, &head.body)?,
            b"moof" => return Ok((index, Some(head.start))),
            b"mdat" => {}
            _ if head.body.end > held.size() => return Err(ProbeError::Incomplete.into()),
            _ => {}
        }
    }
    Ok((index, None))
}

/// The fragments of one track.
struct Fragments<'a> {
    held: &'a Held,
    track: &'a Track,
    default: u64,
}

impl Fragments<'_> {
    /// Adds up the first fragment and those after it that are held already; tells where that ends.
    fn beginning(&self, first: u64, before: u64) -> Result<(Span, u64), Pause> {
        let (mut span, mut end) = (Span::after(before), first);
        let mut boxes = Boxes::within(self.held, &(first..self.held.size()));
        loop {
            match self.next(&mut boxes, &mut span) {
                Ok(Some(place)) => end = place,
                Ok(None) => return Ok((span, end)),
                Err(Pause::Need(_)) if end > first => return Ok((span, end)),
                Err(pause) => return Err(pause),
            }
        }
    }

    /// Adds up the fragments from a place to the end of the file.
    fn rest(&self, from: u64, mut span: Span) -> Result<Span, Pause> {
        let mut boxes = Boxes::within(self.held, &(from..self.held.size()));
        while self.next(&mut boxes, &mut span)?.is_some() {}
        Ok(span)
    }

    /// Adds the next box, if it is a fragment, and tells where it ends.
    fn next(&self, boxes: &mut Boxes<'_>, span: &mut Span) -> Result<Option<u64>, Pause> {
        let Some(head) = boxes.next()? else { return Ok(None) };
        if head.body.end > self.held.size() {
            return Err(ProbeError::Incomplete.into());
        }
        if &head.kind == b"moof" {
            span.add(fragment(self.held, &head.body, self.track, self.default)?)?;
        }
        Ok(Some(head.body.end))
    }
}

/// Where fragments begin of which the file's end is made, by their looks: the first box called `moof` from which
/// box follows box up to the file's last byte.
fn last_by_looks(held: &Held, first: u64) -> Result<u64, Pause> {
    let start = held.size().saturating_sub(TAIL).max(first);
    let tail = held.slice(start, held.size() - start)?;
    if start == first {
        return Ok(first);
    }
    let places = tail.windows(4).zip(start..).filter(|(window, _)| window == b"moof");
    let mut places = places.take(CANDIDATES).filter_map(|(_, at)| at.checked_sub(4));
    places.find(|&place| place >= start && is_chain(held, place)).ok_or(ProbeError::TooScattered.into())
}

fn is_chain(held: &Held, from: u64) -> bool {
    let mut boxes = Boxes::within(held, &(from..held.size()));
    let mut end = from;
    while let Ok(Some(head)) = boxes.next() {
        let known =
            [b"moof", b"mdat", b"sidx", b"styp", b"emsg", b"prft", b"free", b"skip", b"uuid", b"udta"];
        if !known.contains(&&head.kind) || head.body.end > held.size() {
            return false;
        }
        end = head.body.end;
    }
    end == held.size()
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
    let edge = held.size().saturating_sub(EDGE);
    held.slice(edge, held.size() - edge)?;
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
