//! Matroska and `WebM`: what the segment's header says (RFC 9559). `docs/video.md` says why no library reads it.
//!
//! Nothing recurses, so nothing can be nested too deep.

use std::ops::Range;
use std::time::Duration;

use super::clusters::{self, CLUSTER};
use super::colors;
use super::ebml::{Content, element};
use super::facts::{AudioCodec, Container, VideoCodec, VideoFacts};
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;

/// The most pictures a second that are believed.
const FASTEST: f64 = 240.5;

const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;

/// Tells what there is to tell; of a file that cannot be read to its end, what was found so far.
pub(super) fn examine(held: &Held, facts: &mut VideoFacts) -> Result<(), Pause> {
    let ebml = element(held, 0)?;
    let ebml = ebml.start..ebml.end.ok_or(malformed("an endless header"))?;
    if Content::of(held, &ebml)?.find(0x4282).is_some_and(|kind| kind.string() == b"webm") {
        facts.container = Container::Webm;
    }
    let segment = element(held, ebml.end)?;
    if segment.id != 0x1853_8067 {
        return Err(malformed("no segment"));
    }
    let end = segment.end.unwrap_or(held.size());
    if end > held.size() {
        return Err(ProbeError::Incomplete.into());
    }
    let (info, tracks) = headers(held, segment.start, end)?;
    let info = Content::of(held, &info)?;
    let scale = info.find(0x2A_D7B1).map_or(Some(1_000_000), Content::unsigned);
    let scale = scale.filter(|&scale| scale > 0).ok_or(malformed("a timescale"))?;
    let told = info.find(0x4489).and_then(Content::float).filter(|&ticks| ticks > 0.0);
    let told = told.map(|ticks| nanoseconds(ticks, scale)).transpose()?.filter(|told| !told.is_zero());
    facts.duration = told;
    let tracks: Vec<Track> = Content::of(held, &tracks)?.children().filter_map(Track::of).collect();
    let video = best(&tracks, 1).ok_or(ProbeError::NoVideoTrack)?;
    video.pictures(facts)?;
    if let Some(sound) = best(&tracks, 2) {
        sound.sound(facts)?;
    }
    let step = video.unsigned(0x23_E383).unwrap_or(0);
    facts.frame_rate =
        frame_rate(step, scale).filter(|_| clusters::agree(held, segment.start, video.number, step, scale));
    if told.is_none() {
        facts.duration = clusters::last_picture(held, segment.start, scale, step)?;
    }
    Ok(())
}

/// One track entry.
#[derive(Debug, Clone, Copy)]
struct Track<'a> {
    entry: Content<'a>,
    number: u64,
    kind: u64,
    codec: &'a [u8],
}

/// The track of a kind that players show: neither switched off nor a cover nor a second choice, else the first.
fn best<'a>(tracks: &'a [Track<'a>], kind: u64) -> Option<&'a Track<'a>> {
    let flag = |track: &Track<'_>, id: u32| track.unsigned(id).unwrap_or(1) == 1;
    let of_kind = || tracks.iter().filter(move |track| track.kind == kind);
    let rank =
        |track: &&Track<'_>| (!track.codec.starts_with(b"V_MJPEG"), flag(track, 0xB9), flag(track, 0x88));
    let highest = of_kind().map(|track| rank(&track)).max()?;
    of_kind().find(|track| rank(track) == highest)
}

impl<'a> Track<'a> {
    fn of((id, entry): (u32, Content<'a>)) -> Option<Self> {
        let track = Self { entry, number: 0, kind: 0, codec: b"" };
        (id == 0xAE).then(|| Self {
            number: track.unsigned(0xD7).unwrap_or(0),
            kind: track.unsigned(0x83).unwrap_or(0),
            codec: entry.find(0x86).map_or(b"", Content::string),
            ..track
        })
    }

    fn unsigned(&self, id: u32) -> Option<u64> {
        self.entry.find(id).and_then(Content::unsigned)
    }

    /// Whether it is encrypted: one of its encodings is of that type.
    fn check_open(&self) -> Result<(), Pause> {
        let mut encodings = self.entry.find(0x6D80).into_iter().flat_map(Content::children);
        let is_encrypted =
            |(_, encoding): (u32, Content<'_>)| encoding.find(0x5033).and_then(Content::unsigned) == Some(1);
        if encodings.any(is_encrypted) { Err(ProbeError::Protected.into()) } else { Ok(()) }
    }

    fn pictures(&self, facts: &mut VideoFacts) -> Result<(), Pause> {
        self.check_open()?;
        if self.codec.is_empty() {
            return Err(malformed("a track without codec"));
        }
        let picture = self.entry.find(0xE0).ok_or(malformed("a picture's size"))?;
        let number = |of: Content<'a>, id: u32| of.find(id).and_then(Content::unsigned);
        let side = |id: u32| number(picture, id).and_then(|side| u32::try_from(side).ok());
        (facts.width, facts.height) = (side(0xB0), side(0xBA));
        let roll = picture.find(0x7670).and_then(|projection| projection.find(0x7675));
        facts.rotation = rotation(roll.and_then(Content::float).unwrap_or(0.0));
        facts.turn().ok_or(malformed("a picture without size"))?;
        let codec = facts.video_codec.insert(video_codec(self.codec));
        if *codec != VideoCodec::Vp9
            && let Some(record) = self.entry.find(0x63A2)
        {
            (facts.chroma, facts.bit_depth) = colors::pixels(codec, record.bytes()).unzip();
        }
        if let Some(color) = picture.find(0x55B0) {
            let depth =
                number(color, 0x55B2).and_then(|bits| u8::try_from(bits).ok()).filter(|&bits| bits > 0);
            facts.bit_depth = facts.bit_depth.or(depth);
            facts.chroma = facts.chroma.or(colors::halved(number(color, 0x55B3), number(color, 0x55B4)));
            facts.hdr = number(color, 0x55BA).and_then(colors::hdr);
        }
        Ok(())
    }

    fn sound(&self, facts: &mut VideoFacts) -> Result<(), Pause> {
        self.check_open()?;
        facts.audio_codec = Some(audio_codec(self.codec));
        if let Some(sound) = self.entry.find(0xE1) {
            let rate = sound.find(0xB5).and_then(Content::float).map(f64::round);
            // A float has no checked conversion to a whole number; 1 to 10 MHz are exact in both.
            facts.sample_rate =
                rate.and_then(|rate| format!("{rate:.0}").parse().ok()).filter(|&rate| rate > 0);
            let channels = sound.find(0x9F).map_or(Some(1), Content::unsigned);
            facts.channels = channels.and_then(|channels| u16::try_from(channels).ok());
        }
        Ok(())
    }
}

/// The rate that a picture's default duration tells. One tick is what is written for want of anything better, and more
/// than any camera takes is no rate either.
fn frame_rate(nanos: u64, scale: u64) -> Option<f64> {
    let nanos = u32::try_from(nanos).ok().filter(|&nanos| nanos > 0 && u64::from(nanos) != scale)?;
    Some(1e9 / f64::from(nanos)).filter(|rate| (1.0..=FASTEST).contains(rate))
}

/// Finds `Info` and `Tracks`: by walking up to the first cluster, and then by the `SeekHead`'s word.
fn headers(held: &Held, from: u64, end: u64) -> Result<(Range<u64>, Range<u64>), Pause> {
    let (mut info, mut tracks, mut seeks) = (None, None, Vec::new());
    let mut at = from;
    while at < end && (info.is_none() || tracks.is_none()) {
        let found = element(held, at)?;
        let Some(next) = found.end.filter(|_| found.id != CLUSTER) else { break };
        let range = found.start..next;
        match found.id {
            INFO => info = Some(range),
            TRACKS => tracks = Some(range),
            0x114D_9B74 => seeks.extend(Content::of(held, &range)?.children().filter_map(seek)),
            _ => {}
        }
        at = next;
    }
    let sought = |wanted: u32| -> Result<Range<u64>, Pause> {
        let place =
            seeks.iter().find(|(id, _)| *id == u64::from(wanted)).and_then(|(_, at)| from.checked_add(*at));
        let found = element(held, place.ok_or(ProbeError::Incomplete)?)?;
        match found.end {
            Some(end) if found.id == wanted => Ok(found.start..end),
            _ => Err(malformed("an index that misses")),
        }
    };
    let info = info.map_or_else(|| sought(INFO), Ok)?;
    let tracks = tracks.map_or_else(|| sought(TRACKS), Ok)?;
    Ok((info, tracks))
}

/// What an entry of the `SeekHead` is of, and where.
fn seek((id, entry): (u32, Content<'_>)) -> Option<(u64, u64)> {
    let number = |id: u32| entry.find(id).and_then(Content::unsigned);
    (id == 0x4DBB).then(|| number(0x53AB).zip(number(0x53AC))).flatten()
}

fn nanoseconds(ticks: f64, scale: u64) -> Result<Duration, Pause> {
    let scale = u32::try_from(scale).map_err(|_| malformed("a timescale"))?;
    let seconds = ticks * f64::from(scale) / 1e9;
    if seconds > 366.0 * 86_400.0 {
        return Err(malformed("a duration"));
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| malformed("a duration"))
}

/// The roll counts anticlockwise from -180 to 180.
fn rotation(roll: f64) -> u16 {
    [(90.0, 270), (-90.0, 90), (180.0, 180), (-180.0, 180)]
        .into_iter()
        .find(|(degrees, _)| (roll - degrees).abs() < 1.0)
        .map_or(0, |(_, clockwise)| clockwise)
}

fn video_codec(code: &[u8]) -> VideoCodec {
    match code {
        b"V_MPEG4/ISO/AVC" => VideoCodec::H264,
        b"V_MPEGH/ISO/HEVC" => VideoCodec::H265,
        b"V_VP8" => VideoCodec::Vp8,
        b"V_VP9" => VideoCodec::Vp9,
        b"V_AV1" => VideoCodec::Av1,
        b"V_PRORES" => VideoCodec::ProRes,
        _ => VideoCodec::Other(shown(code)),
    }
}

fn audio_codec(code: &[u8]) -> AudioCodec {
    match code {
        b"A_OPUS" => AudioCodec::Opus,
        b"A_VORBIS" => AudioCodec::Vorbis,
        b"A_MPEG/L3" => AudioCodec::Mp3,
        b"A_FLAC" => AudioCodec::Flac,
        _ if code.starts_with(b"A_AAC") => AudioCodec::Aac,
        _ if code.starts_with(b"A_AC3") || code.starts_with(b"A_EAC3") => AudioCodec::Ac3,
        _ if code.starts_with(b"A_PCM") => AudioCodec::Pcm,
        _ => AudioCodec::Other(shown(code)),
    }
}
