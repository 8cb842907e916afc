//! The headers of Matroska and `WebM` (RFC 9559). Nothing recurses, so nothing can be nested too deep.

use std::cmp::Reverse;
use std::time::Duration;

use super::clusters::{self, CLUSTER};
use super::colors;
use super::ebml::{Content, element};
use super::facts::{AudioCodec, Container, VideoCodec, VideoFacts};
use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer, malformed, shown};

/// The highest frame rate that is believed.
const FASTEST: f64 = 240.5;

const INFO: u64 = 0x1549_A966;
const TRACKS: u64 = 0x1654_AE6B;
const SEEK_HEAD: u64 = 0x114D_9B74;

/// `Video`, `Audio` and `Colour` of a track.
const VIDEO: u64 = 0xE0;
const AUDIO: u64 = 0xE1;
const COLOR: u64 = 0x55B0;

/// Finds the facts. Of a file that cannot be read to its end, those found so far are in `facts`.
pub(super) fn examine(buffer: &SparseBuffer, facts: &mut VideoFacts) -> Result<(), Pause> {
    let ebml = element(buffer, 0)?;
    let first = ebml.end.ok_or(malformed("an endless header"))?;
    if Content::of(buffer, ebml.start..first)?.string(&[0x4282]) == Some(b"webm") {
        facts.container = Container::Webm;
    }
    let segment = element(buffer, first)?;
    if segment.id != 0x1853_8067 {
        return Err(malformed("no segment"));
    }
    if segment.end.is_some_and(|end| end > buffer.size()) {
        return Err(ProbeError::Incomplete.into());
    }
    let end = segment.end.unwrap_or(buffer.size());
    let info = header(buffer, segment.start, end, INFO)?;
    let tracks = header(buffer, segment.start, end, TRACKS)?;
    let scale = info.unsigned(&[0x2A_D7B1]).unwrap_or(1_000_000);
    facts.duration = info.float(&[0x4489]).and_then(|ticks| duration(ticks, scale));
    let video = best(tracks, 1).ok_or(ProbeError::NoVideoTrack)?;
    describe_video(video, facts)?;
    if let Some(audio) = best(tracks, 2) {
        describe_audio(audio, facts)?;
    }
    let step = video.unsigned(&[0x23_E383]).unwrap_or(0);
    let number = video.unsigned(&[0xD7]).unwrap_or(0);
    facts.frame_rate =
        frame_rate(step, scale).filter(|_| clusters::agree(buffer, segment.start, number, step, scale));
    if facts.duration.is_none() {
        facts.duration = clusters::last_frame(buffer, segment.start, scale, step)?;
    }
    Ok(())
}

/// `Info` or `Tracks`: from before the first cluster, or else from where the `SeekHead` says.
fn header(buffer: &SparseBuffer, from: u64, end: u64, wanted: u64) -> Result<Content<'_>, Pause> {
    let (mut at, mut sought) = (from, None);
    while at < end {
        let found = element(buffer, at)?;
        let Some(next) = found.end.filter(|_| found.id != CLUSTER) else { break };
        if found.id == wanted {
            return Content::of(buffer, found.start..next);
        }
        if found.id == SEEK_HEAD {
            let mut seeks = Content::of(buffer, found.start..next)?.children();
            let seek = seeks.find(|(_, seek)| seek.unsigned(&[0x53AB]) == Some(wanted));
            sought = sought.or(seek.and_then(|(_, seek)| from.checked_add(seek.unsigned(&[0x53AC])?)));
        }
        at = next;
    }
    let found = element(buffer, sought.ok_or(ProbeError::Incomplete)?)?;
    let end = found.end.filter(|_| found.id == wanted).ok_or(malformed("an index that misses"))?;
    Content::of(buffer, found.start..end)
}

fn duration(ticks: f64, scale: u64) -> Option<Duration> {
    let seconds = ticks * f64::from(u32::try_from(scale).ok()?) / 1e9;
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    // More than a year is no video's.
    Some(duration).filter(|duration| !duration.is_zero() && *duration <= Duration::from_hours(366 * 24))
}

/// The track of a kind that players show: neither disabled nor a cover nor a second choice, else the first.
fn best(tracks: Content<'_>, kind: u64) -> Option<Content<'_>> {
    let entries = tracks.children().filter(|(id, _)| *id == 0xAE).map(|(_, track)| track);
    entries.filter(|track| track.unsigned(&[0x83]) == Some(kind)).min_by_key(|track| {
        let flag = |id: u64| track.unsigned(&[id]).unwrap_or(1) == 1;
        let is_cover = codec(*track).starts_with(b"V_MJPEG");
        Reverse((!is_cover, flag(0xB9), flag(0x88)))
    })
}

fn codec(track: Content<'_>) -> &[u8] {
    track.string(&[0x86]).unwrap_or_default()
}

/// Fails if one of a track's encodings encrypts it.
fn check_open(track: Content<'_>) -> Result<(), Pause> {
    let mut encodings = track.find(&[0x6D80]).into_iter().flat_map(Content::children);
    let is_encrypted = encodings.any(|(_, encoding)| encoding.unsigned(&[0x5033]) == Some(1));
    if is_encrypted { Err(ProbeError::Protected.into()) } else { Ok(()) }
}

fn describe_video(track: Content<'_>, facts: &mut VideoFacts) -> Result<(), Pause> {
    check_open(track)?;
    if codec(track).is_empty() {
        return Err(malformed("a track without codec"));
    }
    let side = |id: u64| track.unsigned(&[VIDEO, id]).and_then(|side| u32::try_from(side).ok());
    (facts.width, facts.height) = (side(0xB0), side(0xBA));
    facts.rotation = rotation(track.float(&[VIDEO, 0x7670, 0x7675]).unwrap_or(0.0));
    facts.turn().ok_or(malformed("a frame without size"))?;
    let codec = facts.video_codec.insert(video_codec(codec(track)));
    let record = track.find(&[0x63A2]).filter(|_| *codec != VideoCodec::Vp9);
    (facts.chroma, facts.bit_depth) = record.and_then(|record| colors::pixels(codec, record.0)).unzip();
    let color = |id: u64| track.unsigned(&[VIDEO, COLOR, id]);
    let depth = color(0x55B2).and_then(|bits| u8::try_from(bits).ok()).filter(|&bits| bits > 0);
    facts.bit_depth = facts.bit_depth.or(depth);
    facts.chroma = facts.chroma.or(colors::halved(color(0x55B3), color(0x55B4)));
    facts.hdr = color(0x55BA).and_then(colors::hdr);
    Ok(())
}

fn describe_audio(track: Content<'_>, facts: &mut VideoFacts) -> Result<(), Pause> {
    check_open(track)?;
    facts.audio_codec = Some(audio_codec(codec(track)));
    let audio = track.find(&[AUDIO]);
    // A float has no checked conversion to a whole number; 1 to 10 MHz are exact in both.
    let rate = audio.and_then(|audio| format!("{:.0}", audio.float(&[0xB5])?).parse().ok());
    facts.sample_rate = rate.filter(|&rate| rate > 0);
    let channels = audio.map(|audio| audio.unsigned(&[0x9F]).unwrap_or(1));
    facts.channels = channels.and_then(|channels| u16::try_from(channels).ok());
    Ok(())
}

/// The rate by a frame's default duration. One tick is written for want of anything better, and a rate above any
/// camera's is no rate either.
fn frame_rate(nanos: u64, scale: u64) -> Option<f64> {
    let nanos = u32::try_from(nanos).ok().filter(|&nanos| nanos > 0 && u64::from(nanos) != scale)?;
    Some(1e9 / f64::from(nanos)).filter(|rate| (1.0..=FASTEST).contains(rate))
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
