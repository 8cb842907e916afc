//! MP4 and MOV: what the movie header says (ISO/IEC 14496-12). `docs/video.md` says why no library reads it.

use std::ops::Range;
use std::time::Duration;

use super::boxes::{Boxes, Head, Outer};
use super::facts::{Container, VideoFacts};
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;
use super::{fragments, sample_entry};

/// A movie header up to this size is read whole; of a larger one only the beginnings of its tracks.
const MOOV_WHOLE: u64 = 512 * 1024;

/// Read with a whole movie header: what tells where the media data behind it ends (see `ending`), an empty box between
/// the two included. It saves a request.
const BEHIND: u64 = 64;

/// Sample durations are counted from a table up to this size.
const TABLE_MAX: u64 = 64 * 1024;

/// Samples that last, and how many ticks together.
pub(super) type Samples = (u64, u64);

/// One track of the movie header.
#[derive(Debug, Default)]
struct Track {
    id: u32,
    is_enabled: bool,
    handler: [u8; 4],
    /// How long it plays, in the movie's time.
    length: u64,
    timescale: u64,
    ticks: u64,
    rotation: u16,
    shown: (u32, u32),
    entry: Option<Head>,
    samples: Option<Samples>,
}

impl Track {
    /// How good it is as the movie's track of its kind. A single still picture is a poster or a cover.
    fn rank(&self) -> (bool, bool) {
        let still = self
            .entry
            .as_ref()
            .is_some_and(|entry| matches!(&entry.kind, b"jpeg" | b"png " | b"gif " | b"tiff" | b"BMP "));
        (!(still && self.samples.is_none_or(|(count, _)| count <= 1)), self.is_enabled)
    }
}

/// Tells what there is to tell; of a file that cannot be read to its end, what was found so far.
pub(super) fn examine(held: &Held, facts: &mut VideoFacts) -> Result<(), Pause> {
    let moov = header(held, facts)?;
    let length = moov.end - moov.start;
    if length <= MOOV_WHOLE {
        held.up_to(moov.start, length + BEHIND)?;
    }
    let mut movie = Movie::default();
    let read = movie.read(held, &moov);
    facts.duration = movie.duration()?;
    read?;
    movie.tell(held, &moov, facts)
}

/// Finds the movie header, and on its way the brand: padding and tags may stand before either.
fn header(held: &Held, facts: &mut VideoFacts) -> Result<Range<u64>, Pause> {
    let mut boxes = Outer::new(held);
    loop {
        let found = boxes.next()?.ok_or(ProbeError::Incomplete)?;
        match &found.kind {
            b"ftyp" if facts.brand.is_none() => {
                let brand = held.tag(found.body.start)?;
                facts.container = if &brand == b"qt  " { Container::Mov } else { Container::Mp4 };
                if [b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"crx "].contains(&&brand) {
                    return Err(ProbeError::UnsupportedContainer("an image").into());
                }
                facts.brand = Some(shown(brand.trim_ascii_end()));
            }
            b"moov" => return Ok(found.body),
            // A fragment before any movie header: a piece of a stream, not a file.
            b"moof" => return Err(ProbeError::Incomplete.into()),
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
struct Movie {
    ticks: u64,
    timescale: u64,
    extends: Option<Range<u64>>,
    video: Option<Track>,
    sound: Option<Track>,
}

impl Movie {
    fn read(&mut self, held: &Held, moov: &Range<u64>) -> Result<(), Pause> {
        let mut boxes = Boxes::within(held, moov);
        while let Some(head) = boxes.next_inside()? {
            match &head.kind {
                b"mvhd" => (self.ticks, self.timescale) = ticks_and_scale(held, &head.body)?,
                b"mvex" => self.extends = Some(head.body),
                b"cmov" => return Err(malformed("a compressed movie header")),
                b"trak" => {
                    let track = track(held, &head.body)?;
                    let place = match &track.handler {
                        b"vide" => &mut self.video,
                        b"soun" => &mut self.sound,
                        _ => continue,
                    };
                    if place.as_ref().is_none_or(|other| other.rank() < track.rank()) {
                        *place = Some(track);
                    }
                }
                _ => {}
            }
            // In a large header the rest would cost a read per track and tell nothing more.
            let is_best = |track: &Option<Track>| {
                track.as_ref().is_some_and(|track| {
                    track.rank() == (true, true) && track.samples.is_some_and(|(count, _)| count > 0)
                })
            };
            if moov.end - moov.start > MOOV_WHOLE && is_best(&self.video) && is_best(&self.sound) {
                break;
            }
        }
        Ok(())
    }

    /// The tracks that count, the pictures first.
    fn tracks(&self) -> impl Iterator<Item = &Track> {
        self.video.iter().chain(&self.sound)
    }

    /// How long pictures and sound play. The movie's own duration counts chapters and subtitles as well.
    fn duration(&self) -> Result<Option<Duration>, Pause> {
        let tracks = self.tracks().map(|track| track.length).max().filter(|&ticks| ticks > 0);
        let whole = Some(self.ticks).filter(|&ticks| ticks > 0);
        let ticks = whole.map_or(tracks, |whole| Some(tracks.map_or(whole, |tracks| tracks.min(whole))));
        match (ticks, &self.video) {
            (Some(ticks), _) => time(ticks, self.timescale),
            (None, Some(video)) => time(video.ticks, video.timescale),
            (None, None) => Ok(None),
        }
    }

    fn tell(&self, held: &Held, moov: &Range<u64>, facts: &mut VideoFacts) -> Result<(), Pause> {
        let video = self.video.as_ref().ok_or(ProbeError::NoVideoTrack)?;
        if self.timescale == 0 || video.timescale == 0 {
            return Err(malformed("a timescale of zero"));
        }
        facts.rotation = video.rotation;
        (facts.width, facts.height) = (Some(video.shown.0), Some(video.shown.1));
        sample_entry::pictures(held, described(video)?, facts)?;
        if let Some(sound) = &self.sound {
            sample_entry::sound(held, described(sound)?, facts)?;
        }
        facts.turn().ok_or(malformed("a picture without size"))?;
        let mut samples = video.samples;
        if let Some(extends) = &self.extends {
            facts.fragmented = true;
            let tracks: Vec<_> = self
                .tracks()
                .map(|track| fragments::Track {
                    id: track.id,
                    timescale: track.timescale,
                    before: track.samples.unwrap_or_default(),
                })
                .collect();
            facts.duration = None;
            (facts.duration, samples) = fragments::measure(held, extends, moov.end, self.timescale, &tracks)?;
        }
        facts.frame_rate = samples.and_then(|(count, ticks)| rate(count, ticks, video.timescale));
        Ok(())
    }
}

fn described(track: &Track) -> Result<&Head, Pause> {
    track.entry.as_ref().ok_or(malformed("a track without sample description"))
}

fn track(held: &Held, entry: &Range<u64>) -> Result<Track, Pause> {
    let mut track = Track::default();
    let [tkhd, mdia] = Boxes::within(held, entry).first([b"tkhd", b"mdia"])?;
    let Some(mdia) = mdia else { return Ok(track) };
    let [mdhd, hdlr, minf] = Boxes::within(held, &mdia).first([b"mdhd", b"hdlr", b"minf"])?;
    if let Some(hdlr) = hdlr {
        track.handler = held.tag(hdlr.start + 8)?;
    }
    if !matches!(&track.handler, b"vide" | b"soun") {
        return Ok(track);
    }
    if let Some(tkhd) = tkhd {
        track_header(held, &tkhd, &mut track)?;
    }
    if let Some(mdhd) = mdhd {
        (track.ticks, track.timescale) = ticks_and_scale(held, &mdhd)?;
    }
    let stbl = minf.map_or(Ok(None), |minf| Boxes::within(held, &minf).find(*b"stbl"))?;
    let Some(stbl) = stbl else { return Ok(track) };
    let [stsd, stts] = Boxes::within(held, &stbl).first([b"stsd", b"stts"])?;
    if let Some(stsd) = stsd {
        track.entry = Boxes::within(held, &(stsd.start + 8..stsd.end)).next_inside()?;
    }
    track.samples = stts.map_or(Ok(None), |stts| time_table(held, &stts))?;
    if track.samples.is_none()
        // The count stands before the table of sizes, which is not read.
        && let Some(sizes) = Boxes::within(held, &stbl).find_any(&[b"stsz", b"stz2"])?
    {
        track.samples = Some((held.u32(sizes.start + 8)?.into(), track.ticks));
    }
    Ok(track)
}

fn track_header(held: &Held, tkhd: &Range<u64>, track: &mut Track) -> Result<(), Pause> {
    let fields = held.u32(tkhd.start)?;
    let wide = fields >> 24 == 1;
    track.is_enabled = fields & 1 == 1;
    track.id = held.u32(tkhd.start + if wide { 20 } else { 12 })?;
    track.length = if wide { held.u64(tkhd.start + 28)? } else { held.u32(tkhd.start + 20)?.into() };
    if track.length == if wide { u64::MAX } else { u32::MAX.into() } {
        track.length = 0;
    }
    let matrix = tkhd.start + if wide { 52 } else { 40 };
    if matrix + 44 > tkhd.end {
        return Err(malformed("a short tkhd"));
    }
    let [a, b] = [held.i32(matrix)?, held.i32(matrix + 4)?];
    track.rotation = match (a.signum(), b.signum()) {
        (0, 1) => 90,
        (-1, 0) => 180,
        (0, -1) => 270,
        _ => 0,
    };
    // 16.16 fixed point.
    track.shown = (held.u32(matrix + 36)? >> 16, held.u32(matrix + 40)? >> 16);
    Ok(())
}

/// What a time table adds up to; `None`: it is too long to be read.
fn time_table(held: &Held, stts: &Range<u64>) -> Result<Option<Samples>, Pause> {
    let length = u64::from(held.u32(stts.start + 4)?) * 8;
    if stts.start + 8 + length > stts.end {
        return Err(malformed("a time table longer than its box"));
    }
    if length > TABLE_MAX {
        return Ok(None);
    }
    let (entries, _) = held.slice(stts.start + 8, length)?.as_chunks::<8>();
    let sum = entries.iter().fold((0, 0), |(samples, ticks): Samples, &[a, b, c, d, e, f, g, h]| {
        let count = u64::from(u32::from_be_bytes([a, b, c, d]));
        let delta = u64::from(u32::from_be_bytes([e, f, g, h]));
        // A recorder that does not know how long its last picture lasts may write 0.
        let lasting = if delta == 0 { 0 } else { count };
        (samples.saturating_add(lasting), ticks.saturating_add(count * delta))
    });
    Ok(Some(sum))
}

/// The duration and timescale of an `mvhd` or `mdhd`; a duration of all ones is unknown, given as 0.
fn ticks_and_scale(held: &Held, body: &Range<u64>) -> Result<(u64, u64), Pause> {
    if held.u8(body.start)? == 1 {
        let ticks = held.u64(body.start + 24)?;
        Ok((if ticks == u64::MAX { 0 } else { ticks }, held.u32(body.start + 20)?.into()))
    } else {
        let ticks = held.u32(body.start + 16)?;
        Ok((if ticks == u32::MAX { 0 } else { ticks.into() }, held.u32(body.start + 12)?.into()))
    }
}

/// Ticks as time, if they are any; a year is more than any video.
pub(super) fn time(ticks: u64, scale: u64) -> Result<Option<Duration>, Pause> {
    let nanos = (u128::from(ticks) * 1_000_000_000).checked_div(scale.into());
    let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok()).ok_or(malformed("a duration"))?;
    let duration = Duration::from_nanos(nanos);
    if duration > Duration::from_hours(366 * 24) {
        return Err(malformed("a duration"));
    }
    Ok(Some(duration).filter(|duration| !duration.is_zero()))
}

fn rate(samples: u64, ticks: u64, scale: u64) -> Option<f64> {
    // 32-bit numbers are exact in an f64.
    let (samples, scale) = (u32::try_from(samples).ok()?, u32::try_from(scale).ok()?);
    let seconds = time(ticks, scale.into()).ok()??.as_secs_f64();
    let exact = u32::try_from(ticks).map_or(seconds, |ticks| f64::from(ticks) / f64::from(scale));
    (samples > 0).then(|| f64::from(samples) / exact).filter(|rate| rate.is_finite())
}
