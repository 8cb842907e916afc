//! The movie header of MP4 and MOV (ISO/IEC 14496-12 §8.2 to §8.6).

use std::ops::Range;
use std::time::Duration;

use shiguredo_mp4::boxes::MvhdBox;

use super::boxes::{Boxes, Head, Outer, decode};
use super::facts::{Container, VideoFacts};
use super::probe_error::ProbeError;
use super::samples::time;
use super::sparse_buffer::{Pause, SparseBuffer, malformed, shown};
use super::track::{Track, known};
use super::{fragments, sample_entry};

/// A movie header up to this size is read whole; of a larger one only the beginnings of its tracks.
const MOOV_WHOLE: u64 = 512 * 1024;

/// Read with a whole movie header: the header of the media data behind it (see `truncation`), and of an empty box between
/// the two. It saves a request.
const BEHIND: u64 = 64;

/// Finds the facts. Of a file that cannot be read to its end, those found so far are in `facts`.
pub(super) fn examine(buffer: &SparseBuffer, facts: &mut VideoFacts) -> Result<(), Pause> {
    let moov = header(buffer, facts)?;
    let length = moov.end - moov.start;
    if length <= MOOV_WHOLE {
        buffer.up_to(moov.start, length + BEHIND)?;
    }
    let mut movie = Movie::default();
    let read = movie.read(buffer, &moov);
    facts.duration = movie.duration();
    read?;
    movie.describe(buffer, &moov, facts)
}

/// Finds the movie header and, before it, the brand. Padding and tags may precede either.
fn header(buffer: &SparseBuffer, facts: &mut VideoFacts) -> Result<Range<u64>, Pause> {
    let mut boxes = Outer::new(buffer);
    loop {
        let found = boxes.next()?.ok_or(ProbeError::Incomplete)?;
        match &found.kind {
            b"ftyp" if facts.brand.is_none() => {
                let brand = buffer.tag(found.body.start)?;
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
    fn read(&mut self, buffer: &SparseBuffer, moov: &Range<u64>) -> Result<(), Pause> {
        let is_large = moov.end - moov.start > MOOV_WHOLE;
        for found in Boxes::within(buffer, moov.clone()) {
            let found = found?;
            match &found.kind {
                b"mvhd" => {
                    let header: Option<MvhdBox> = decode(buffer, Some(&found))?;
                    self.timescale = header.as_ref().map_or(0, |header| header.timescale.get().into());
                    self.ticks = header.and_then(|header| known(header.duration));
                }
                b"mvex" => self.extends = Some(found),
                b"cmov" => return Err(malformed("a compressed movie header")),
                b"trak" => {
                    let Some(track) = Track::read(buffer, &found)? else { continue };
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

    fn describe(
        &self,
        buffer: &SparseBuffer,
        moov: &Range<u64>,
        facts: &mut VideoFacts,
    ) -> Result<(), Pause> {
        let video = self.video.as_ref().ok_or(ProbeError::NoVideoTrack)?;
        if self.timescale == 0 || video.timescale == 0 {
            return Err(malformed("a timescale of zero"));
        }
        facts.rotation = video.rotation();
        let side = |side: i16| u32::try_from(side).ok();
        facts.width = side(video.header.width.integer);
        facts.height = side(video.header.height.integer);
        sample_entry::video(buffer, video.described()?, facts)?;
        if let Some(audio) = &self.audio {
            sample_entry::audio(buffer, audio.described()?, facts)?;
        }
        facts.turn().ok_or(malformed("a frame without size"))?;
        let mut samples = video.samples;
        if let Some(extends) = &self.extends {
            facts.fragmented = true;
            facts.duration = None;
            (facts.duration, samples) =
                fragments::measure(buffer, extends, moov.end, self.timescale, &self.tracks())?;
        }
        facts.frame_rate = samples.and_then(|samples| samples.rate(video.timescale));
        Ok(())
    }
}
