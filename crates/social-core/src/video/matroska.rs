//! Matroska and `WebM`: what the segment's header says (RFC 9559, over EBML, RFC 8794).
//!
//! Read by hand for the same reasons as MP4: `matroska-demuxer` 0.8 and `matroska` 0.30 want `Read + Seek` over the
//! whole file, and allocate what an element says it is long; `ebml-iterable` 0.7 reads from the beginning to the end.
//! Nothing recurses, so nothing can be nested too deep.

use std::ops::Range;
use std::time::Duration;

use super::facts::{AudioCodec, Container, VideoCodec, VideoFacts};
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;

/// `Info` and `Tracks` of an honest file are a few kilobytes; codec set-up and fonts may be more.
const HEADER_MAX: u64 = 512 * 1024;

/// A live recording's last cluster is looked for in this much of the file's end: what the budget of a probe leaves. A
/// browser's recording of 2.5 Mbit/s has three seconds and 1 MB between clusters, and ends anywhere in one.
const TAIL: u64 = 768 * 1024;

/// How many places that look like its beginning are tried.
const CANDIDATES: usize = 16;

const CLUSTER: u32 = 0x1F43_B675;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;

/// An element: its id and where its content lies; the end is `None` when the size is unknown.
struct Element {
    id: u32,
    start: u64,
    end: Option<u64>,
}

/// Reads the element at a place.
fn element(held: &Held, at: u64) -> Result<Element, Pause> {
    let bytes = held.up_to(at, 12)?;
    let first = *bytes.first().ok_or(ProbeError::Incomplete)?;
    let width = usize::try_from(first.leading_zeros()).unwrap_or(8) + 1;
    if width > 4 {
        return Err(malformed("an element's id"));
    }
    let (id, rest) = bytes.split_at_checked(width).ok_or(ProbeError::Incomplete)?;
    let id = id.iter().fold(0, |id: u32, &byte| id << 8 | u32::from(byte));
    let marker = *rest.first().ok_or(ProbeError::Incomplete)?;
    let length = usize::try_from(marker.leading_zeros()).unwrap_or(8) + 1;
    if length > 8 {
        return Err(malformed("an element's size"));
    }
    let size = rest.get(..length).ok_or(ProbeError::Incomplete)?;
    let size = size.iter().fold(0, |size: u64, &byte| size << 8 | u64::from(byte));
    let most = (1_u64 << (7 * length)) - 1;
    let start = at + u64::try_from(width + length).unwrap_or(0);
    let size = size & most;
    let end = if size == most {
        None
    } else {
        Some(start.checked_add(size).ok_or(malformed("an element's size"))?)
    };
    Ok(Element { id, start, end })
}

/// The elements inside one of known size, all of it held first.
fn children(held: &Held, range: &Range<u64>) -> Result<Vec<(u32, Range<u64>)>, Pause> {
    if range.end - range.start > HEADER_MAX {
        return Err(ProbeError::HeaderTooLarge.into());
    }
    held.slice(range.start, range.end - range.start)?;
    let (mut at, mut found) = (range.start, Vec::new());
    while at < range.end {
        let child = element(held, at)?;
        let end = child
            .end
            .filter(|&end| end <= range.end)
            .ok_or(malformed("an element longer than its parent"))?;
        found.push((child.id, child.start..end));
        at = end;
    }
    Ok(found)
}

fn bytes<'a>(held: &'a Held, range: &Range<u64>) -> Result<&'a [u8], Pause> {
    held.slice(range.start, range.end - range.start)
}

fn unsigned(held: &Held, range: &Range<u64>) -> Result<u64, Pause> {
    let bytes = bytes(held, range)?;
    if bytes.len() > 8 {
        return Err(malformed("a number"));
    }
    Ok(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn float(held: &Held, range: &Range<u64>) -> Result<f64, Pause> {
    let bytes = bytes(held, range)?;
    let value = match (<[u8; 4]>::try_from(bytes), <[u8; 8]>::try_from(bytes)) {
        (Ok(short), _) => f64::from(f32::from_be_bytes(short)),
        (_, Ok(long)) => f64::from_be_bytes(long),
        _ => 0.0,
    };
    if value.is_finite() { Ok(value) } else { Err(malformed("a number")) }
}

#[derive(Default)]
struct Track {
    kind: u64,
    codec: Vec<u8>,
    default_duration: u64,
    width: u64,
    height: u64,
    roll: f64,
}

struct Info {
    scale: u64,
    duration: Option<f64>,
}

pub(super) fn examine(held: &Held) -> Result<VideoFacts, Pause> {
    let ebml = element(held, 0)?;
    let ebml = ebml.start..ebml.end.ok_or(malformed("an endless header"))?;
    let mut container = Container::Matroska;
    for (id, range) in children(held, &ebml)? {
        if id == 0x4282 && bytes(held, &range)?.starts_with(b"webm") {
            container = Container::Webm;
        }
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
    let info = information(held, &info)?;
    let tracks = children(held, &tracks)?
        .into_iter()
        .filter(|(id, _)| *id == 0xAE)
        .map(|(_, range)| track(held, &range))
        .collect::<Result<Vec<_>, _>>()?;
    let video = tracks.iter().find(|track| track.kind == 1).ok_or(ProbeError::NoVideoTrack)?;
    let duration = match info.duration {
        Some(ticks) => nanoseconds(ticks, info.scale)?,
        None => last_picture(held, segment.start, info.scale, video.default_duration)?,
    };
    if duration.is_zero() {
        return Err(ProbeError::DurationUnknown.into());
    }
    let size =
        |side: u64| u32::try_from(side).ok().filter(|&side| side > 0).ok_or(malformed("a picture's size"));
    let (width, height) = (size(video.width)?, size(video.height)?);
    let rotation = rotation(video.roll);
    let (width, height) = if rotation % 180 == 90 { (height, width) } else { (width, height) };
    let frame_rate = u32::try_from(video.default_duration).ok().filter(|&nanos| nanos > 0);
    Ok(VideoFacts {
        container,
        brand: None,
        duration,
        width,
        height,
        rotation,
        frame_rate: frame_rate.map(|nanos| 1e9 / f64::from(nanos)),
        video_codec: video_codec(&video.codec),
        audio_codec: tracks.iter().find(|track| track.kind == 2).map(|track| audio_codec(&track.codec)),
        size: held.size(),
        fragmented: false,
    })
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
            0x114D_9B74 => seeks = seek_head(held, &range)?,
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

fn seek_head(held: &Held, range: &Range<u64>) -> Result<Vec<(u64, u64)>, Pause> {
    let mut seeks = Vec::new();
    for (id, seek) in children(held, range)? {
        let (mut of, mut at) = (None, None);
        if id == 0x4DBB {
            for (id, range) in children(held, &seek)? {
                match id {
                    0x53AB => of = Some(unsigned(held, &range)?),
                    0x53AC => at = Some(unsigned(held, &range)?),
                    _ => {}
                }
            }
        }
        seeks.extend(of.zip(at));
    }
    Ok(seeks)
}

fn information(held: &Held, info: &Range<u64>) -> Result<Info, Pause> {
    let mut found = Info { scale: 1_000_000, duration: None };
    for (id, range) in children(held, info)? {
        match id {
            0x2A_D7B1 => found.scale = unsigned(held, &range)?,
            0x4489 => found.duration = Some(float(held, &range)?).filter(|&ticks| ticks > 0.0),
            _ => {}
        }
    }
    if found.scale == 0 { Err(malformed("a timescale of zero")) } else { Ok(found) }
}

fn track(held: &Held, entry: &Range<u64>) -> Result<Track, Pause> {
    let mut track = Track::default();
    for (id, range) in children(held, entry)? {
        match id {
            0x83 => track.kind = unsigned(held, &range)?,
            0x86 => track.codec = bytes(held, &range)?.iter().take(64).copied().collect(),
            0x23_E383 => track.default_duration = unsigned(held, &range)?,
            0xE0 => {
                for (id, range) in children(held, &range)? {
                    match id {
                        0xB0 => track.width = unsigned(held, &range)?,
                        0xBA => track.height = unsigned(held, &range)?,
                        0x7670 => {
                            for (id, range) in children(held, &range)? {
                                if id == 0x7675 {
                                    track.roll = float(held, &range)?;
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(track)
}

/// The end of a live recording, whose header was written before anybody knew it: the last picture's time.
fn last_picture(held: &Held, from: u64, scale: u64, picture: u64) -> Result<Duration, Pause> {
    let start = held.size().saturating_sub(TAIL).max(from);
    let tail = held.slice(start, held.size() - start)?;
    // From the end, and a few only: bytes that merely look like clusters must not cost a walk each.
    let places = tail.windows(4).enumerate().rev().filter(|(_, window)| *window == CLUSTER.to_be_bytes());
    let last = places.take(CANDIDATES).find_map(|(offset, _)| {
        let cluster = element(held, start + u64::try_from(offset).ok()?).ok()?;
        let end = cluster.end.unwrap_or(held.size());
        Some((cluster_end(held, cluster.start, end.min(held.size()))?, end))
    });
    let (last, end) = last.ok_or(ProbeError::DurationUnknown)?;
    if end > held.size() {
        return Err(ProbeError::Incomplete.into());
    }
    let nanos =
        last.checked_mul(scale).and_then(|nanos| nanos.checked_add(picture)).ok_or(malformed("a time"))?;
    super::mp4::time(nanos, 1_000_000_000)
}

/// The time of the last block of a cluster, in ticks; `None`: these bytes only look like a cluster.
fn cluster_end(held: &Held, from: u64, end: u64) -> Option<u64> {
    let (mut at, mut base, mut last) = (from, None, 0);
    while at < end {
        let Ok(child) = element(held, at) else { break };
        let Some(child_end) = child.end.filter(|&child_end| child_end <= end) else { break };
        match child.id {
            0xE7 => base = unsigned(held, &(child.start..child_end)).ok(),
            0xA3 => last = last.max(block_time(held, child.start)),
            0xA0 => {
                if let Ok(inner) = element(held, child.start)
                    && inner.id == 0xA1
                {
                    last = last.max(block_time(held, inner.start));
                }
            }
            // The next cluster, after one of unknown size.
            CLUSTER => break,
            _ => {}
        }
        at = child_end;
    }
    base?.checked_add(last)
}

/// A block's time within its cluster: after the track's number, two signed bytes.
fn block_time(held: &Held, at: u64) -> u64 {
    let width = held.u8(at).map_or(1, |first| u64::from(first.leading_zeros()) + 1);
    held.u16(at + width).ok().and_then(|raw| u64::try_from(raw.cast_signed()).ok()).unwrap_or(0)
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
