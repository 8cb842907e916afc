//! The movie header of MP4 and MOV (ISO/IEC 14496-12 §8.2 to §8.6).

use std::ops::Range;
use std::time::Duration;

use shiguredo_mp4::boxes::{HdlrBox, MdhdBox, MvhdBox, SttsBox, TkhdBox};

use super::boxes::{Boxes, Head, Outer, decode};
use super::facts::{Container, VideoFacts};
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;
use super::samples::{Samples, time};
use super::{fragments, sample_entry};

/// A movie header up to this size is read whole; of a larger one only the beginnings of its tracks.
const MOOV_WHOLE: u64 = 512 * 1024;

/// Read with a whole movie header: the header of the media data behind it (see `ending`), and of an empty box between
/// the two. It saves a request.
const BEHIND: u64 = 64;

/// Sample durations are added up from a table up to this size.
const TABLE_MAX: u64 = 64 * 1024;

/// Finds the facts. Of a file that cannot be read to its end, those found so far are in `facts`.
pub(super) fn examine(held: &Held, facts: &mut VideoFacts) -> Result<(), Pause> {
    let moov = header(held, facts)?;
    let length = moov.end - moov.start;
    if length <= MOOV_WHOLE {
        held.up_to(moov.start, length + BEHIND)?;
    }
    let mut movie = Movie::default();
    let read = movie.read(held, &moov);
    facts.duration = movie.duration();
    read?;
    movie.describe(held, &moov, facts)
}

/// Finds the movie header and, before it, the brand. Padding and tags may precede either.
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
    timescale: u64,
    /// How long it lasts, subtitles and chapters included.
    ticks: Option<u64>,
    extends: Option<Head>,
    video: Option<Track>,
    audio: Option<Track>,
}

impl Movie {
    fn read(&mut self, held: &Held, moov: &Range<u64>) -> Result<(), Pause> {
        let is_large = moov.end - moov.start > MOOV_WHOLE;
        for found in Boxes::within(held, moov.clone()) {
            let found = found?;
            match &found.kind {
                b"mvhd" => {
                    let header: Option<MvhdBox> = decode(held, Some(&found))?;
                    self.timescale = header.as_ref().map_or(0, |header| header.timescale.get().into());
                    self.ticks = header.and_then(|header| known(header.duration));
                }
                b"mvex" => self.extends = Some(found),
                b"cmov" => return Err(malformed("a compressed movie header")),
                b"trak" => {
                    let Some(track) = Track::read(held, &found)? else { continue };
                    let place = if track.is_video { &mut self.video } else { &mut self.audio };
                    if place.as_ref().is_none_or(|other| other.rank() < track.rank()) {
                        *place = Some(track);
                    }
                }
                _ => {}
            }
            // In a large header the rest would cost a read per track and add nothing.
            let is_best = |track: &Track| {
                track.rank() == (true, true) && track.samples.is_some_and(|samples| samples.count > 0)
            };
            if is_large && [&self.video, &self.audio].iter().all(|track| track.as_ref().is_some_and(is_best))
            {
                break;
            }
        }
        Ok(())
    }

    /// The tracks that count, the video first.
    fn tracks(&self) -> Vec<&Track> {
        self.video.iter().chain(&self.audio).collect()
    }

    /// How long video and audio last.
    fn duration(&self) -> Option<Duration> {
        let tracks = self.tracks().into_iter().filter_map(|track| known(track.header.duration)).max();
        match self.ticks.into_iter().chain(tracks).min() {
            Some(ticks) => time(ticks, self.timescale),
            None => self.video.as_ref().and_then(|video| time(video.ticks?, video.timescale)),
        }
    }

    fn describe(&self, held: &Held, moov: &Range<u64>, facts: &mut VideoFacts) -> Result<(), Pause> {
        let video = self.video.as_ref().ok_or(ProbeError::NoVideoTrack)?;
        if self.timescale == 0 || video.timescale == 0 {
            return Err(malformed("a timescale of zero"));
        }
        facts.rotation = video.rotation();
        let side = |side: i16| u32::try_from(side).ok();
        facts.width = side(video.header.width.integer);
        facts.height = side(video.header.height.integer);
        sample_entry::video(held, video.described()?, facts)?;
        if let Some(audio) = &self.audio {
            sample_entry::audio(held, audio.described()?, facts)?;
        }
        facts.turn().ok_or(malformed("a frame without size"))?;
        let mut samples = video.samples;
        if let Some(extends) = &self.extends {
            facts.fragmented = true;
            facts.duration = None;
            (facts.duration, samples) =
                fragments::measure(held, extends, moov.end, self.timescale, &self.tracks())?;
        }
        facts.frame_rate = samples.and_then(|samples| samples.rate(video.timescale));
        Ok(())
    }
}

/// A video or audio track of the movie header.
#[derive(Debug)]
pub(super) struct Track {
    is_video: bool,
    pub(super) header: TkhdBox,
    pub(super) timescale: u64,
    /// How long the media lasts, in its own time.
    ticks: Option<u64>,
    entry: Option<Head>,
    /// The samples of the movie header, which precede all fragments. `None`: it takes too long to add them up.
    pub(super) samples: Option<Samples>,
}

impl Track {
    /// Reads a track, unless it is neither video nor audio.
    fn read(held: &Held, trak: &Head) -> Result<Option<Self>, Pause> {
        let [tkhd, mdia] = Boxes::of(held, Some(trak)).first([b"tkhd", b"mdia"])?;
        let [hdlr, mdhd, minf] = Boxes::of(held, mdia.as_ref()).first([b"hdlr", b"mdhd", b"minf"])?;
        let handler: Option<HdlrBox> = decode(held, hdlr.as_ref())?;
        let is_video = match handler.map(|handler| handler.handler_type) {
            Some(HdlrBox::HANDLER_TYPE_VIDE) => true,
            Some(HdlrBox::HANDLER_TYPE_SOUN) => false,
            _ => return Ok(None),
        };
        let Some(header) = decode(held, tkhd.as_ref())? else { return Ok(None) };
        let timing: Option<MdhdBox> = decode(held, mdhd.as_ref())?;
        let ticks = timing.as_ref().and_then(|timing| known(timing.duration));
        let [stbl] = Boxes::of(held, minf.as_ref()).first([b"stbl"])?;
        let [stsd, stts] = Boxes::of(held, stbl.as_ref()).first([b"stsd", b"stts"])?;
        let mut entries = stsd.map(|stsd| Boxes::within(held, stsd.body.start + 8..stsd.body.end));
        let entry = entries.as_mut().and_then(Iterator::next).transpose()?;
        let stts = stts.filter(|stts| stts.body.end - stts.body.start <= TABLE_MAX);
        let samples = if let Some(stts) = stts {
            let table: SttsBox = decode(held, Some(&stts))?.ok_or(malformed("a time table"))?;
            let runs = table.entries.iter();
            Some(runs.map(|run| Samples::lasting(run.sample_count, run.sample_delta)).sum())
        } else {
            let is_of_sizes = |head: &Head| matches!(&head.kind, b"stsz" | b"stz2");
            let mut boxes = Boxes::of(held, stbl.as_ref());
            let sizes = boxes.find(|head| head.as_ref().map_or(true, is_of_sizes)).transpose()?;
            // The count precedes the sizes, which are not read.
            let count = sizes.map(|sizes| held.u32(sizes.body.start + 8)).transpose()?;
            count.map(|count| Samples { count: count.into(), ticks: ticks.unwrap_or(0) })
        };
        let timescale = timing.map_or(0, |timing| timing.timescale.get().into());
        Ok(Some(Self { is_video, header, timescale, ticks, entry, samples }))
    }

    /// How well it fits as the movie's track of its kind. A single still image is a poster or a cover.
    fn rank(&self) -> (bool, bool) {
        let kind = self.entry.as_ref().map(|entry| &entry.kind);
        let is_still = matches!(kind, Some(b"jpeg" | b"png " | b"gif " | b"tiff" | b"BMP "));
        let is_moving = self.samples.is_some_and(|samples| samples.count > 1);
        (is_moving || !is_still, self.header.flag_track_enabled)
    }

    fn described(&self) -> Result<&Head, Pause> {
        self.entry.as_ref().ok_or(malformed("a track without sample description"))
    }

    fn rotation(&self) -> u16 {
        let [a, b, ..] = self.header.matrix;
        match (a.signum(), b.signum()) {
            (0, 1) => 90,
            (-1, 0) => 180,
            (0, -1) => 270,
            _ => 0,
        }
    }
}

/// A duration in ticks. None at all is unknown, and so is one of all ones, in 32 or 64 bits.
fn known(ticks: u64) -> Option<u64> {
    (![0, u32::MAX.into(), u64::MAX].contains(&ticks)).then_some(ticks)
}
