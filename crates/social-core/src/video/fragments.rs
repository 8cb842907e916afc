//! Fragmented MP4: how long a movie is whose header does not know (ISO/IEC 14496-12 §8.8 and §8.16).
//!
//! In order of cost: the length a recorder wrote afterwards (`mehd`), an index at the front (`sidx`), the index at
//! the end (`mfra`) and the last fragment it leads to, and else the fragments found by their looks in the file's end.

use std::ops::Range;
use std::time::Duration;

use super::boxes::{Boxes, Outer};
use super::held::{Held, Pause, malformed};
use super::mp4::{Samples, time};

/// A track that is measured.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) timescale: u64,
    /// What the movie header has of it, which comes before all fragments.
    pub(super) before: Samples,
}

/// An end of a file this short is read first: most indexes are shorter, and the last fragment may be in it.
const EDGE: u64 = 64 * 1024;

/// Without an index, fragments are looked for in this much of the file's end: what the budget of a probe leaves.
const TAIL: u64 = 768 * 1024;

/// How many places that look like a fragment are tried.
const CANDIDATES: usize = 16;

/// Fragments of a track that follow each other: when it begins and ends in them, and how many samples last how long.
#[derive(Debug, Default, Clone, Copy)]
struct Span {
    start: Option<u64>,
    end: Option<u64>,
    samples: Samples,
}

/// How long a fragmented movie plays, where that can be told; and the samples of its first track, if all were seen:
/// recordings begin and end slowly, so that a few would be a guess, and a guess could refuse a good video.
pub(super) fn measure(
    held: &Held,
    mvex: &Range<u64>,
    moov_end: u64,
    movie_scale: u64,
    tracks: &[Track],
) -> Result<(Option<Duration>, Option<Samples>), Pause> {
    let told = told_afterwards(held, mvex, movie_scale)?;
    let (index, first) = indexed(held, moov_end)?;
    let told = told.or(index);
    let fragments = Fragments { held, tracks, defaults: defaults(held, mvex, tracks)? };
    let before = || tracks.iter().map(|track| Span::after(track.before)).collect::<Vec<_>>();
    let mut front = before();
    let Some(first) = first else {
        return Ok((
            told.map_or_else(|| fragments.duration(&front, &front), |told| Ok(Some(told)))?,
            seen(&front),
        ));
    };
    let end = match fragments.follow(first, &mut front) {
        (_, Ok(())) => {
            let duration = told.map_or_else(|| fragments.duration(&front, &front), |told| Ok(Some(told)))?;
            return Ok((duration, seen(&front)));
        }
        // What is held already is enough to begin with.
        (end, Err(Pause::Need(_))) if end > first => end,
        (_, Err(pause)) => return Err(pause),
    };
    if told.is_some() {
        return Ok((told, None));
    }
    let last = match last_indexed(held, tracks)? {
        Some(place) => Some(place),
        None => last_by_looks(held, first)?,
    };
    let Some(last) = last else { return Ok((None, None)) };
    let is_whole = last <= end;
    let mut back = if is_whole { before() } else { vec![Span::default(); tracks.len()] };
    fragments.follow(if is_whole { first } else { last }, &mut back).1?;
    let samples = if is_whole { seen(&back) } else { None };
    if back.first().is_none_or(|span| span.end.is_none()) {
        return Ok((None, None));
    }
    Ok((fragments.duration(&front, &back)?, samples))
}

fn seen(spans: &[Span]) -> Option<Samples> {
    spans.first().map(|span| span.samples)
}

/// The length that a recorder wrote into the header when it was done.
fn told_afterwards(held: &Held, mvex: &Range<u64>, scale: u64) -> Result<Option<Duration>, Pause> {
    let Some(mehd) = Boxes::within(held, mvex).find(*b"mehd")? else { return Ok(None) };
    let at = mehd.start;
    time(if held.u8(at)? == 1 { held.u64(at + 4)? } else { held.u32(at + 4)?.into() }, scale)
}

/// The length told by an index after the movie header, and where the first fragment is.
fn indexed(held: &Held, moov_end: u64) -> Result<(Option<Duration>, Option<u64>), Pause> {
    let mut index = None;
    let mut boxes = Outer::after_header(held, moov_end);
    while let Some(head) = boxes.next()? {
        match &head.kind {
            b"sidx" if index.is_none() => index = segment_index(held, &head.body)?,
            b"moof" => return Ok((index, Some(head.start))),
            _ => {}
        }
    }
    Ok((index, None))
}

/// How long a sample of each track lasts that does not say otherwise.
fn defaults(held: &Held, mvex: &Range<u64>, tracks: &[Track]) -> Result<Vec<u64>, Pause> {
    let mut found = vec![0; tracks.len()];
    let mut boxes = Boxes::within(held, mvex);
    while let Some(head) = boxes.next_inside()? {
        if &head.kind == b"trex" {
            let (id, duration) = (held.u32(head.body.start + 4)?, held.u32(head.body.start + 12)?);
            let of = found.iter_mut().zip(tracks).filter(|(_, track)| track.id == id);
            of.for_each(|(default, _)| *default = duration.into());
        }
    }
    Ok(found)
}

impl Span {
    /// Nothing yet, of a track of which so much came before.
    fn after(before: Samples) -> Self {
        Self { start: None, end: Some(before.1), samples: before }
    }

    fn add(&mut self, start: Option<u64>, (count, ticks): Samples) {
        // A fragment without a time of its own begins where the one before ended.
        if let Some(start) = start.or(self.end).filter(|_| count > 0) {
            self.start = self.start.or(Some(start));
            self.end = self.end.max(Some(start.saturating_add(ticks)));
            self.samples = (self.samples.0.saturating_add(count), self.samples.1.saturating_add(ticks));
        }
    }
}

/// The fragments of a file.
struct Fragments<'a> {
    held: &'a Held,
    tracks: &'a [Track],
    defaults: Vec<u64>,
}

impl Fragments<'_> {
    /// From the beginning of the first track that is seen in the front to the end of the last seen anywhere.
    fn duration(&self, front: &[Span], back: &[Span]) -> Result<Option<Duration>, Pause> {
        let mut longest = None;
        for ((track, front), back) in self.tracks.iter().zip(front).zip(back) {
            let from = if track.before.1 > 0 { 0 } else { front.start.unwrap_or(0) };
            if let Some(end) = back.end.max(front.end).filter(|_| track.timescale > 0) {
                longest = longest.max(time(end.saturating_sub(from), track.timescale)?);
            }
        }
        Ok(longest)
    }

    /// Adds up the fragments from a place to the end of the file. Tells where the last lies that was added, and why it
    /// was the last.
    fn follow(&self, from: u64, spans: &mut [Span]) -> (u64, Result<(), Pause>) {
        let mut boxes = Outer::after_header(self.held, from);
        let mut end = from;
        loop {
            match boxes.next() {
                Ok(None) => return (end, Ok(())),
                Err(pause) => return (end, Err(pause)),
                Ok(Some(head)) => {
                    if &head.kind == b"moof"
                        && let Err(pause) = self.fragment(&head.body, spans)
                    {
                        return (end, Err(pause));
                    }
                    end = head.body.end;
                }
            }
        }
    }

    fn fragment(&self, moof: &Range<u64>, spans: &mut [Span]) -> Result<(), Pause> {
        let mut boxes = Boxes::within(self.held, moof);
        // All or nothing: a fragment of which a part is missing is added when it is held.
        let mut found = Vec::new();
        while let Some(head) = boxes.next_inside()? {
            if &head.kind == b"traf" {
                found.extend(self.run(&head.body)?);
            }
        }
        for (at, start, samples) in found {
            if let Some(span) = spans.get_mut(at) {
                span.add(start, samples);
            }
        }
        Ok(())
    }

    /// Which track a `traf` continues, from when, and by how much.
    fn run(&self, traf: &Range<u64>) -> Result<Option<(usize, Option<u64>, Samples)>, Pause> {
        let [tfhd, tfdt] = Boxes::within(self.held, traf).first([b"tfhd", b"tfdt"])?;
        let at = tfhd.ok_or(malformed("a fragment of no track"))?.start;
        let (flags, id) = (self.held.u32(at)?, self.held.u32(at + 4)?);
        let Some(track) = self.tracks.iter().position(|track| track.id == id) else { return Ok(None) };
        let default = if flags & 0x8 == 0 {
            self.defaults.get(track).copied().unwrap_or(0)
        } else {
            let skipped = if flags & 0x1 == 0 { 0 } else { 8 } + if flags & 0x2 == 0 { 0 } else { 4 };
            self.held.u32(at + 8 + skipped)?.into()
        };
        let start = match tfdt.map(|tfdt| tfdt.start) {
            Some(at) if self.held.u8(at)? == 1 => Some(self.held.u64(at + 4)?),
            Some(at) => Some(self.held.u32(at + 4)?.into()),
            None => None,
        };
        let mut sum: Samples = (0, 0);
        let mut boxes = Boxes::within(self.held, traf);
        while let Some(head) = boxes.next_inside()? {
            if &head.kind == b"trun" {
                let (count, ticks) = sample_run(self.held, &head.body, default)?;
                sum = (sum.0.saturating_add(count), sum.1.saturating_add(ticks));
            }
        }
        Ok(Some((track, start, sum)))
    }
}

/// Samples that last, and how long. One that lasts no time is a recorder's last, which did not know.
fn sample_run(held: &Held, trun: &Range<u64>, default: u64) -> Result<Samples, Pause> {
    let flags = held.u32(trun.start)?;
    let count = u64::from(held.u32(trun.start + 4)?);
    if flags & 0x100 == 0 {
        return Ok((if default == 0 { 0 } else { count }, count.saturating_mul(default)));
    }
    let fields = |of: &[u32]| of.iter().map(|flag| if flags & flag == 0 { 0 } else { 4 }).sum::<u64>();
    let table = trun.start + 8 + fields(&[0x1, 0x4]);
    let stride = fields(&[0x100, 0x200, 0x400, 0x800]);
    if table.saturating_add(count * stride) > trun.end {
        return Err(malformed("a run longer than its box"));
    }
    let table = held.slice(table, count * stride)?;
    let entries = table.chunks_exact(usize::try_from(stride).unwrap_or(usize::MAX));
    let durations = entries.filter_map(|entry| entry.first_chunk()).map(|&ticks| u32::from_be_bytes(ticks));
    Ok(durations
        .filter(|&ticks| ticks > 0)
        .fold((0, 0), |(count, sum): Samples, ticks| (count + 1, sum.saturating_add(ticks.into()))))
}

/// Where fragments begin of which the file's end is made, by their looks: the first box called `moof` from which box
/// follows box up to the file's last byte, or else to nothing but junk.
fn last_by_looks(held: &Held, first: u64) -> Result<Option<u64>, Pause> {
    let start = held.size().saturating_sub(TAIL).max(first);
    let tail = held.slice(start, held.size() - start)?;
    if start == first {
        return Ok(Some(first));
    }
    let places = tail.windows(4).zip(start..).filter(|(window, _)| window == b"moof");
    let places =
        places.take(CANDIDATES).filter_map(|(_, at)| at.checked_sub(4)).filter(|&place| place >= start);
    let chains: Vec<_> = places.filter_map(|place| Some((place, chain(held, place)?))).collect();
    let whole = chains.iter().find(|(_, end)| *end == held.size());
    Ok(whole.or(chains.first()).map(|(place, _)| *place))
}

/// Where a chain of boxes ends that begins with a fragment: at the end of the file, or before junk.
fn chain(held: &Held, from: u64) -> Option<u64> {
    let mut boxes = Outer::after_header(held, from);
    let moof = boxes.next().ok()??;
    let [header, of_track] = Boxes::within(held, &moof.body).first([b"mfhd", b"traf"]).ok()?;
    header.and(of_track)?;
    let mut end = moof.body.end;
    while let Some(head) = boxes.next().ok()? {
        end = head.body.end;
    }
    (end > moof.body.end).then_some(end)
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
        return Ok(None);
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
    let end = sidx.end.saturating_add(offset).saturating_add(bytes);
    if scale == 0 || end > held.size() {
        return Ok(None);
    }
    let rest = Outer::after_header(held, end).next()?;
    let whole = rest.is_none_or(|head| matches!(&head.kind, b"mfra" | b"free" | b"skip" | b"udta" | b"meta"));
    if whole { time(ticks, scale.into()) } else { Ok(None) }
}

/// Where the index at the end of the file (`mfra`) says the last fragment begins. One that does not lead to a fragment
/// is out of date, as an editor of titles leaves it, and counts for nothing.
fn last_indexed(held: &Held, tracks: &[Track]) -> Result<Option<u64>, Pause> {
    let edge = held.size().saturating_sub(EDGE);
    held.slice(edge, held.size() - edge)?;
    let Some(tail) = held.size().checked_sub(16) else { return Ok(None) };
    if &held.tag(tail + 4)? != b"mfro" {
        return Ok(None);
    }
    let Some(start) = held.size().checked_sub(held.u32(tail + 12)?.into()) else { return Ok(None) };
    let mfra = match Boxes::within(held, &(start..held.size())).find(*b"mfra") {
        Err(Pause::Fail(_)) => None,
        found => found?,
    };
    let Some(mfra) = mfra else { return Ok(None) };
    let mut boxes = Boxes::within(held, &mfra);
    while let Some(head) = boxes.next_inside()? {
        let at = head.body.start;
        if &head.kind != b"tfra" || tracks.first().map(|track| track.id) != Some(held.u32(at + 4)?) {
            continue;
        }
        let wide = held.u8(at)? == 1;
        let lengths = held.u32(at + 8)?;
        let extra: u64 = [0, 2, 4].iter().map(|shift| u64::from(lengths >> shift & 3) + 1).sum();
        let stride = if wide { 16 } else { 8 } + extra;
        let Some(last) = u64::from(held.u32(at + 12)?).checked_sub(1) else { return Ok(None) };
        let place = at + 16 + last * stride;
        if place.saturating_add(stride) > head.body.end {
            return Ok(None);
        }
        let place = if wide { held.u64(place + 8)? } else { held.u32(place + 4)?.into() };
        if place.checked_add(8).is_none_or(|end| end > held.size()) {
            return Ok(None);
        }
        let is_fragment = &held.tag(place + 4)? == b"moof";
        return Ok(is_fragment.then_some(place));
    }
    Ok(None)
}
