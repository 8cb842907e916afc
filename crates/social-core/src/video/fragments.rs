//! Fragmented MP4: how long a movie lasts whose header does not say (ISO/IEC 14496-12 §8.8 and §8.16).
//!
//! In order of cost: the duration a recorder wrote afterwards (`mehd`), an index at the front (`sidx`), the index at
//! the end (`mfra`) and the last fragment it leads to, and else what looks like fragments at the end of the file.

use std::ops::Range;
use std::time::Duration;

use shiguredo_mp4::boxes::{MehdBox, SidxBox, TfdtBox, TfhdBox, TfraBox, TrexBox};

use super::boxes::{Boxes, Head, Outer, decode};
use super::samples::{Samples, time};
use super::sparse_buffer::{Pause, SparseBuffer, malformed};
use super::track::Track;

/// This much of the file's end is read first: most indexes are shorter, and the last fragment may be in it.
const EDGE: u64 = 64 * 1024;

/// A longer index is not decoded.
const INDEX_MAX: u64 = 512 * 1024;

/// How many places that may be a fragment are tried.
const TRIES: usize = 16;

/// How long a fragmented movie lasts, if known. And the samples of its first track if all were seen: recordings begin
/// and end slowly, so the rate of a few would be a guess, and a guess could refuse a good video.
pub(super) fn measure(
    buffer: &SparseBuffer,
    mvex: &Head,
    moov_end: u64,
    movie_scale: u64,
    tracks: &[&Track],
) -> Result<(Option<Duration>, Option<Samples>), Pause> {
    let [mehd] = Boxes::of(buffer, Some(mvex)).first([b"mehd"])?;
    let mehd: Option<MehdBox> = decode(buffer, mehd.as_ref())?;
    let mut written = mehd.and_then(|mehd| time(mehd.fragment_duration, movie_scale));
    let mut first = buffer.size();
    let mut boxes = Outer::after_header(buffer, moov_end);
    while let Some(head) = boxes.next()? {
        match &head.kind {
            b"sidx" if written.is_none() => written = segment_index(buffer, &head)?,
            b"moof" => {
                first = head.start;
                break;
            }
            _ => {}
        }
    }
    let mut fragments = Fragments::before(buffer, mvex, tracks)?;
    match fragments.follow(first) {
        Ok(()) => {
            let samples = fragments.runs.first().map(|run| run.samples);
            return Ok((written.or_else(|| fragments.duration()), samples));
        }
        // The bytes read so far are enough to start with.
        Err(Pause::Need(_)) if fragments.whole > 0 => {}
        Err(pause) => return Err(pause),
    }
    if written.is_some() {
        return Ok((written, None));
    }
    // An index that is out of date, as an editor of titles leaves it, counts for nothing.
    let last = match last_indexed(buffer, tracks) {
        Err(Pause::Fail(_)) => last_by_looks(buffer, first)?,
        place => Some(place?),
    };
    let Some(last) = last else { return Ok((None, None)) };
    fragments.skip();
    fragments.follow(last)?;
    Ok((fragments.duration(), None))
}

/// What was seen of the fragments of a file.
struct Fragments<'a> {
    buffer: &'a SparseBuffer,
    runs: Vec<Run<'a>>,
    /// How many fragments were added up.
    whole: usize,
}

/// What was seen of a track: when it begins and ends, and its samples.
struct Run<'a> {
    track: &'a Track,
    /// The duration of a sample that has none of its own.
    default: u32,
    start: Option<u64>,
    end: Option<u64>,
    samples: Samples,
}

impl<'a> Fragments<'a> {
    /// Of tracks that begin in the movie header, before all fragments.
    fn before(buffer: &'a SparseBuffer, mvex: &Head, tracks: &[&'a Track]) -> Result<Self, Pause> {
        let defaults = Boxes::of(buffer, Some(mvex)).each(b"trex").map(|trex| decode(buffer, Some(&trex?)));
        let defaults = defaults.collect::<Result<Vec<Option<TrexBox>>, Pause>>()?;
        let runs = tracks.iter().map(|&track| {
            let mut defaults = defaults.iter().flatten();
            let default = defaults.find(|default| default.track_id == track.header.track_id);
            let samples = track.samples.unwrap_or_default();
            Run {
                track,
                default: default.map_or(0, |default| default.default_sample_duration),
                start: (samples.ticks > 0).then_some(0),
                end: Some(samples.ticks),
                samples,
            }
        });
        Ok(Self { buffer, runs: runs.collect(), whole: 0 })
    }

    /// Leaves out fragments: until the next one, no track has an end.
    fn skip(&mut self) {
        for run in &mut self.runs {
            run.start.get_or_insert(0);
            run.end = None;
        }
    }

    /// From the beginning of the first track to the end of the last, if the first track's end is known.
    fn duration(&self) -> Option<Duration> {
        let lasting =
            |run: &Run<'_>| time(run.end?.saturating_sub(run.start.unwrap_or(0)), run.track.timescale);
        self.runs.first()?.end.and_then(|_| self.runs.iter().filter_map(lasting).max())
    }

    /// Adds up the fragments from a place to the end of the file.
    fn follow(&mut self, from: u64) -> Result<(), Pause> {
        let mut boxes = Outer::after_header(self.buffer, from);
        while let Some(head) = boxes.next()? {
            if &head.kind == b"moof" {
                for traf in Boxes::of(self.buffer, Some(&head)).each(b"traf") {
                    self.add(&traf?)?;
                }
                self.whole += 1;
            }
        }
        Ok(())
    }

    /// Adds a track's part of a fragment.
    fn add(&mut self, traf: &Head) -> Result<(), Pause> {
        let [tfhd, tfdt] = Boxes::of(self.buffer, Some(traf)).first([b"tfhd", b"tfdt"])?;
        let header: Option<TfhdBox> = decode(self.buffer, tfhd.as_ref())?;
        let header = header.ok_or(malformed("a fragment of no track"))?;
        let mut runs = self.runs.iter_mut();
        let Some(run) = runs.find(|run| run.track.header.track_id == header.track_id) else { return Ok(()) };
        let default = header.default_sample_duration.unwrap_or(run.default);
        let truns = Boxes::of(self.buffer, Some(traf)).each(b"trun");
        let samples: Samples =
            truns.map(|trun| sample_run(self.buffer, &trun?.body, default)).sum::<Result<_, _>>()?;
        let time: Option<TfdtBox> = decode(self.buffer, tfdt.as_ref())?;
        // A fragment without a time of its own begins where the one before ended.
        let start = time.map(|time| time.base_media_decode_time).or(run.end);
        if let Some(start) = start.filter(|_| samples.count > 0) {
            run.start.get_or_insert(start);
            run.end = run.end.max(Some(start.saturating_add(samples.ticks)));
            run.samples = [run.samples, samples].into_iter().sum();
        }
        Ok(())
    }
}

/// The samples of a `trun`. The library would keep forty bytes for each, and so megabytes for a long table.
fn sample_run(buffer: &SparseBuffer, trun: &Range<u64>, default: u32) -> Result<Samples, Pause> {
    let (flags, count) = (buffer.u32(trun.start)?, buffer.u32(trun.start + 4)?);
    if flags & 0x100 == 0 {
        return Ok(Samples::lasting(count, default));
    }
    let fields = |of: u32| 4 * u64::from((flags & of).count_ones());
    let (table, width) = (trun.start + 8 + fields(0x005), fields(0xF00));
    let length = u64::from(count) * width;
    if table.saturating_add(length) > trun.end {
        return Err(malformed("a run longer than its box"));
    }
    let entries = buffer.slice(table, length)?.chunks_exact(usize::try_from(width).unwrap_or(usize::MAX));
    let durations = entries.filter_map(|entry| entry.first_chunk());
    Ok(durations.map(|&ticks| Samples::lasting(1, u32::from_be_bytes(ticks))).sum())
}

/// The duration by a `sidx`, if it covers the whole rest of the file.
fn segment_index(buffer: &SparseBuffer, sidx: &Head) -> Result<Option<Duration>, Pause> {
    let Some(index) = decode::<SidxBox>(buffer, Some(sidx))? else { return Ok(None) };
    let parts = &index.references;
    let bytes: u64 = parts.iter().map(|part| u64::from(part.referenced_size)).sum();
    let end = sidx.body.end.saturating_add(index.first_offset).saturating_add(bytes);
    // One that leads to other indexes has no durations.
    if parts.iter().any(|part| part.reference_type) || end > buffer.size() {
        return Ok(None);
    }
    let rest = Outer::after_header(buffer, end).next()?;
    let is_whole =
        rest.is_none_or(|head| matches!(&head.kind, b"mfra" | b"free" | b"skip" | b"udta" | b"meta"));
    let ticks = parts.iter().map(|part| u64::from(part.subsegment_duration)).sum();
    Ok(time(ticks, index.timescale.into()).filter(|_| is_whole))
}

/// Where the last fragment begins by the index at the end of the file (`mfra`). Fails if that leads to no fragment.
fn last_indexed(buffer: &SparseBuffer, tracks: &[&Track]) -> Result<u64, Pause> {
    let size = buffer.size();
    let edge = size.saturating_sub(EDGE);
    buffer.slice(edge, size - edge)?;
    let missing = || malformed("no index");
    let mfro = size.checked_sub(16).filter(|&mfro| buffer.tag(mfro + 4).is_ok_and(|kind| &kind == b"mfro"));
    let start = size.checked_sub(buffer.u32(mfro.ok_or_else(missing)? + 12)?.into()).ok_or_else(missing)?;
    let [parent] = Boxes::within(buffer, start..size).first([b"mfra"])?;
    let parent = parent.filter(|parent| parent.body.end - parent.body.start <= INDEX_MAX);
    let id = tracks.first().map(|track| track.header.track_id);
    for tfra in Boxes::of(buffer, parent.as_ref()).each(b"tfra") {
        let index: TfraBox = decode(buffer, Some(&tfra?))?.ok_or_else(missing)?;
        if Some(index.track_id) == id {
            let place = index.entries.last().ok_or_else(missing)?.moof_offset;
            let is_fragment = &buffer.tag(place.saturating_add(4))? == b"moof";
            return if is_fragment { Ok(place) } else { Err(missing()) };
        }
    }
    Err(missing())
}

/// Where the fragments at the end of the file begin, without an index: at the first box called `moof` from which box
/// follows box up to the file's last byte, or else up to junk.
fn last_by_looks(buffer: &SparseBuffer, first: u64) -> Result<Option<u64>, Pause> {
    let places = buffer.candidates(first, *b"moof")?.take(TRIES).filter_map(|at| at.checked_sub(4));
    let chains = places.filter_map(|place| Some((place, chain(buffer, place)?)));
    Ok(chains.min_by_key(|(_, end)| *end != buffer.size()).map(|(place, _)| place))
}

/// Where a chain of boxes ends that begins with a fragment: at the end of the file, or before junk.
fn chain(buffer: &SparseBuffer, from: u64) -> Option<u64> {
    let mut boxes = Outer::after_header(buffer, from);
    let moof = boxes.next().ok()??;
    let [header, of_track] = Boxes::of(buffer, Some(&moof)).first([b"mfhd", b"traf"]).ok()?;
    header.and(of_track)?;
    let mut end = None;
    while let Some(head) = boxes.next().ok()? {
        end = Some(head.body.end);
    }
    end
}
