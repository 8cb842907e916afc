//! MP4 and MOV: what the movie header says (ISO/IEC 14496-12).
//!
//! Read by hand, because no library reads a header of which only parts are there, and a long film's is larger than
//! what a probe may read: `mp4parse` 0.17, `mp4` 0.14 and `re_mp4` 0.5 want the whole of it. `mp4-atom` 0.17 decodes
//! single boxes from slices and is careful with lengths, but refuses a box with a byte too many, as cameras write
//! them, and brings five crates; of the fifteen boxes we look into each is a handful of fields at fixed places.

use std::ops::Range;
use std::time::Duration;

use super::facts::{AudioCodec, Container, VideoCodec, VideoFacts};
use super::fragments;
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;
use super::sound;

/// A movie header of ten hours at 60 pictures a second is about 20 MB.
const MOOV_MAX: u64 = 32 * 1024 * 1024;

/// A movie header up to this size is read whole; of a larger one only the beginnings of its tracks.
const MOOV_WHOLE: u64 = 512 * 1024;

/// Read with a whole movie header: what tells where the media data behind it ends (see `ending`), an empty box between
/// the two included. It saves a request.
const BEHIND: u64 = 64;

/// Sample durations are counted from a table up to this size.
const TABLE_MAX: u64 = 64 * 1024;

/// A box: its four letters and where its content lies.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) kind: [u8; 4],
    pub(super) start: u64,
    pub(super) body: Range<u64>,
}

/// Walks the boxes that follow each other between two places.
#[derive(Debug)]
pub(super) struct Boxes<'a> {
    held: &'a Held,
    at: u64,
    end: u64,
}

impl<'a> Boxes<'a> {
    pub(super) fn within(held: &'a Held, range: &Range<u64>) -> Self {
        Self { held, at: range.start, end: range.end }
    }

    /// The next box; every one is at least eight bytes long, so the walk ends.
    pub(super) fn next(&mut self) -> Result<Option<Head>, Pause> {
        let start = self.at;
        if self.end.saturating_sub(start) < 8 {
            // QuickTime may close a list of boxes with four zero bytes.
            return Ok(None);
        }
        let (size, kind) = (u64::from(self.held.u32(start)?), self.held.tag(start + 4)?);
        let (header, size) = match size {
            0 => (8, self.end - start),
            1 => (16, self.held.u64(start + 8)?),
            _ => (8, size),
        };
        let end = start.checked_add(size).filter(|_| size >= header).ok_or(malformed("a box's size"))?;
        self.at = end;
        Ok(Some(Head { kind, start, body: start + header..end }))
    }

    /// The next box, which must end inside its parent.
    pub(super) fn next_inside(&mut self) -> Result<Option<Head>, Pause> {
        match self.next()? {
            Some(head) if head.body.end > self.end => Err(malformed("a box longer than its parent")),
            other => Ok(other),
        }
    }

    pub(super) fn find(self, kind: [u8; 4]) -> Result<Option<Head>, Pause> {
        self.find_any(&[kind])
    }

    /// The first box of one of these kinds.
    pub(super) fn find_any(mut self, kinds: &[[u8; 4]]) -> Result<Option<Head>, Pause> {
        while let Some(head) = self.next_inside()? {
            if kinds.contains(&head.kind) {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }
}

/// One track of the movie header.
#[derive(Debug, Default)]
struct Track {
    id: u32,
    handler: [u8; 4],
    timescale: u64,
    ticks: u64,
    rotation: u16,
    shown: (u32, u32),
    codec: [u8; 4],
    sound: Option<AudioCodec>,
    coded: (u32, u32),
    /// How many pictures, and how many ticks they last together.
    samples: Option<(u64, u64)>,
}

pub(super) fn examine(held: &Held, container: Container) -> Result<VideoFacts, Pause> {
    let mut boxes = Boxes::within(held, &(0..held.size()));
    let moov = loop {
        let found = boxes.next()?.ok_or(ProbeError::Incomplete)?;
        match &found.kind {
            b"moov" => break found.body,
            // A fragment before any movie header: a piece of a stream, not a file.
            b"moof" => return Err(ProbeError::Incomplete.into()),
            _ if found.body.end > held.size() => return Err(ProbeError::Incomplete.into()),
            _ => {}
        }
    };
    let length = moov.end - moov.start;
    if length > MOOV_MAX {
        return Err(ProbeError::HeaderTooLarge.into());
    }
    if moov.end > held.size() {
        return Err(ProbeError::Incomplete.into());
    }
    if length <= MOOV_WHOLE {
        held.up_to(moov.start, length + BEHIND)?;
    }
    movie(held, container, &moov)
}

fn movie(held: &Held, container: Container, moov: &Range<u64>) -> Result<VideoFacts, Pause> {
    let (mut clock, mut mvex) = (None, None);
    let (mut video, mut audio): (Option<Track>, Option<Track>) = (None, None);
    let mut boxes = Boxes::within(held, moov);
    while let Some(head) = boxes.next_inside()? {
        match &head.kind {
            b"mvhd" => clock = Some(ticks_and_scale(held, &head.body)?),
            b"mvex" => mvex = Some(head.body),
            b"cmov" => return Err(malformed("a compressed movie header")),
            b"trak" => {
                let track = track(held, &head.body)?;
                match &track.handler {
                    b"vide" if video.is_none() => video = Some(track),
                    b"soun" if audio.is_none() => audio = Some(track),
                    _ => {}
                }
            }
            _ => {}
        }
        // In a large header the rest would cost a read per track and tell nothing more.
        let told = video.as_ref().is_some_and(|video| video.samples.is_some_and(|(count, _)| count > 0));
        if moov.end - moov.start > MOOV_WHOLE && told && audio.is_some() {
            break;
        }
    }
    let video = video.ok_or(ProbeError::NoVideoTrack)?;
    let (movie_ticks, movie_scale) = clock.ok_or(malformed("no mvhd"))?;
    if movie_scale == 0 || video.timescale == 0 {
        return Err(malformed("a timescale of zero"));
    }
    let fragmented = mvex.is_some() || video.samples.is_none_or(|(count, _)| count == 0);
    let (duration, samples) = match mvex {
        Some(mvex) => {
            let measure = |track: &Track| {
                let of = fragments::Track { id: track.id, timescale: track.timescale };
                fragments::measure(held, &mvex, moov.end, &of, movie_scale, track.samples)
            };
            // Sound that goes on after the pictures counts, if what is held tells: it is not worth a read.
            let sound = |audio: Option<&Track>| audio.and_then(|audio| measure(audio).ok());
            match (measure(&video), sound(audio.as_ref())) {
                (Ok(found), Some(sound)) => (sound.duration.max(found.duration), found.samples),
                (Ok(found), None) => (found.duration, found.samples),
                (Err(Pause::Fail(ProbeError::DurationUnknown)), Some(sound)) => (sound.duration, None),
                (Err(pause), _) => return Err(pause),
            }
        }
        None if movie_ticks > 0 => (time(movie_ticks, movie_scale)?, video.samples),
        None => (time(video.ticks, video.timescale)?, video.samples),
    };
    if duration.is_zero() {
        return Err(ProbeError::DurationUnknown.into());
    }
    let (width, height) = if video.coded.0 > 0 && video.coded.1 > 0 { video.coded } else { video.shown };
    if width == 0 || height == 0 {
        return Err(malformed("a picture without size"));
    }
    let (width, height) = if video.rotation % 180 == 90 { (height, width) } else { (width, height) };
    Ok(VideoFacts {
        container,
        brand: brand(held)?,
        duration,
        width,
        height,
        rotation: video.rotation,
        frame_rate: samples.and_then(|(count, ticks)| rate(count, ticks, video.timescale)),
        video_codec: video_codec(video.codec),
        audio_codec: audio.and_then(|audio| audio.sound),
        size: held.size(),
        fragmented,
    })
}

/// The major brand; files older than brands have none.
fn brand(held: &Held) -> Result<Option<String>, Pause> {
    Ok(match held.slice(4, 8)?.split_first_chunk() {
        Some((b"ftyp", brand)) => Some(shown(brand.trim_ascii_end())),
        _ => None,
    })
}

fn track(held: &Held, entry: &Range<u64>) -> Result<Track, Pause> {
    let mut track = Track::default();
    let mut boxes = Boxes::within(held, entry);
    while let Some(head) = boxes.next_inside()? {
        match &head.kind {
            b"tkhd" => header(held, &head.body, &mut track)?,
            b"mdia" => {
                media(held, &head.body, &mut track)?;
                break;
            }
            _ => {}
        }
    }
    Ok(track)
}

fn header(held: &Held, tkhd: &Range<u64>, track: &mut Track) -> Result<(), Pause> {
    let wide = held.u8(tkhd.start)? == 1;
    track.id = held.u32(tkhd.start + if wide { 20 } else { 12 })?;
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

fn media(held: &Held, mdia: &Range<u64>, track: &mut Track) -> Result<(), Pause> {
    let mut boxes = Boxes::within(held, mdia);
    while let Some(head) = boxes.next_inside()? {
        match &head.kind {
            b"mdhd" => (track.ticks, track.timescale) = ticks_and_scale(held, &head.body)?,
            b"hdlr" => track.handler = held.tag(head.body.start + 8)?,
            b"minf" => {
                if let Some(stbl) = Boxes::within(held, &head.body).find(*b"stbl")? {
                    samples(held, &stbl.body, track)?;
                }
                break;
            }
            _ => {}
        }
    }
    Ok(())
}

fn samples(held: &Held, stbl: &Range<u64>, track: &mut Track) -> Result<(), Pause> {
    let mut boxes = Boxes::within(held, stbl);
    while let Some(head) = boxes.next_inside()? {
        match &head.kind {
            b"stsd" => {
                let mut entries = Boxes::within(held, &(head.body.start + 8..head.body.end));
                let Some(entry) = entries.next_inside()? else { continue };
                track.codec = entry.kind;
                if &track.handler == b"vide" {
                    let at = entry.body.start + 24;
                    if at + 4 > entry.body.end {
                        return Err(malformed("a short sample entry"));
                    }
                    track.coded = (held.u16(at)?.into(), held.u16(at + 2)?.into());
                } else {
                    track.sound = Some(sound::codec(held, &entry)?);
                    return Ok(());
                }
            }
            b"stts" => {
                let entries = u64::from(held.u32(head.body.start + 4)?);
                let table = entries * 8;
                if head.body.start + 8 + table > head.body.end {
                    return Err(malformed("a time table longer than its box"));
                }
                if table <= TABLE_MAX {
                    track.samples = Some(time_table(held.slice(head.body.start + 8, table)?));
                    return Ok(());
                }
            }
            // The count stands before the table of sizes, which is not read.
            b"stsz" | b"stz2" => {
                track.samples = Some((held.u32(head.body.start + 8)?.into(), track.ticks));
                return Ok(());
            }
            _ => {}
        }
    }
    Ok(())
}

fn time_table(table: &[u8]) -> (u64, u64) {
    let (entries, _) = table.as_chunks::<8>();
    entries.iter().fold((0, 0), |(samples, ticks): (u64, u64), &[a, b, c, d, e, f, g, h]| {
        let count = u64::from(u32::from_be_bytes([a, b, c, d]));
        let delta = u64::from(u32::from_be_bytes([e, f, g, h]));
        (samples.saturating_add(count), ticks.saturating_add(count * delta))
    })
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

/// Ticks as time; a year is more than any video.
pub(super) fn time(ticks: u64, scale: u64) -> Result<Duration, Pause> {
    let nanos = (u128::from(ticks) * 1_000_000_000).checked_div(scale.into());
    let nanos = nanos.and_then(|nanos| u64::try_from(nanos).ok()).ok_or(malformed("a duration"))?;
    let duration = Duration::from_nanos(nanos);
    if duration > Duration::from_hours(366 * 24) { Err(malformed("a duration")) } else { Ok(duration) }
}

fn rate(samples: u64, ticks: u64, scale: u64) -> Option<f64> {
    // 32-bit numbers are exact in an f64.
    let (samples, scale) = (u32::try_from(samples).ok()?, u32::try_from(scale).ok()?);
    let seconds = time(ticks, scale.into()).ok()?.as_secs_f64();
    let exact = u32::try_from(ticks).map_or(seconds, |ticks| f64::from(ticks) / f64::from(scale));
    (samples > 0 && exact > 0.0).then(|| f64::from(samples) / exact)
}

fn video_codec(code: [u8; 4]) -> VideoCodec {
    match &code {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => VideoCodec::H264,
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => VideoCodec::H265,
        b"vp08" => VideoCodec::Vp8,
        b"vp09" => VideoCodec::Vp9,
        b"av01" => VideoCodec::Av1,
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => VideoCodec::ProRes,
        _ => VideoCodec::Other(shown(&code)),
    }
}
