//! What an MP4's sample entry says: how pictures and sound are coded (ISO/IEC 14496-12 §8.5.2, 14496-14 and -15).

use std::ops::Range;

use super::boxes::{Boxes, Head};
use super::colors;
use super::facts::{AudioCodec, VideoCodec, VideoFacts};
use super::held::{Held, Pause, malformed, shown};
use super::probe::ProbeError;

/// More of a decoder's configuration is not looked at.
const CONFIGURATION: u64 = 1024;

/// How a video track is coded, and how large its pictures are.
pub(super) fn pictures(held: &Held, entry: &Head, facts: &mut VideoFacts) -> Result<(), Pause> {
    if matches!(&entry.kind, b"encv" | b"drmi") {
        return Err(ProbeError::Protected.into());
    }
    let sides = entry.body.start + 24;
    if sides + 4 > entry.body.end {
        return Err(malformed("a short sample entry"));
    }
    let (width, height) = (held.u16(sides)?, held.u16(sides + 2)?);
    if width > 0 && height > 0 {
        (facts.width, facts.height) = (Some(width.into()), Some(height.into()));
    }
    let codec = facts.video_codec.insert(video_codec(entry.kind));
    // Colors are worth no more than a warning: what cannot be read is not told.
    let boxes = Boxes::within(held, &after(entry, 78));
    if let Ok([avc, hevc, av1, vp, color]) = boxes.first([b"avcC", b"hvcC", b"av1C", b"vpcC", b"colr"]) {
        let pixels =
            beginning(held, avc.or(hevc).or(av1).or(vp)).and_then(|record| colors::pixels(codec, record));
        (facts.chroma, facts.bit_depth) = pixels.unzip();
        if let Some([b'n', b'c', b'l', _, _, _, transfer @ ..]) = beginning(held, color) {
            facts.hdr = transfer.first_chunk().and_then(|&code| colors::hdr(u16::from_be_bytes(code).into()));
        }
    }
    Ok(())
}

/// How an audio track is coded.
pub(super) fn sound(held: &Held, entry: &Head, facts: &mut VideoFacts) -> Result<(), Pause> {
    let at = entry.body.start;
    // The fields before the boxes: QuickTime's later versions have more.
    let fields = match held.up_to(at + 8, 2)? {
        [0, 1] => 44,
        [0, 2] => 64,
        _ => 28,
    };
    // An entry may say two channels whatever they are (14496-12 §12.2.3 fixes the number): Opus says how many.
    facts.channels = held.u16(at + 16).ok().filter(|&channels| channels > 0 && &entry.kind == b"Opus");
    facts.sample_rate = held.u16(at + 24).ok().map(u32::from).filter(|&rate| rate > 1);
    facts.audio_codec = Some(match &entry.kind {
        b"enca" | b"drms" => return Err(ProbeError::Protected.into()),
        b"mp4a" => {
            let inside = stream(held, &after(entry, fields))?.unwrap_or_default();
            facts.channels = inside.channels;
            facts.sample_rate = inside.sample_rate.or(facts.sample_rate);
            inside.codec.unwrap_or(AudioCodec::Aac)
        }
        b"Opus" => AudioCodec::Opus,
        b".mp3" | b"ms\0U" => AudioCodec::Mp3,
        b"ac-3" | b"ec-3" => AudioCodec::Ac3,
        b"fLaC" => AudioCodec::Flac,
        b"lpcm" | b"ipcm" | b"fpcm" | b"sowt" | b"twos" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw "
        | b"NONE" => AudioCodec::Pcm,
        b"alac" => AudioCodec::Other("ALAC".to_owned()),
        other => AudioCodec::Other(shown(other)),
    });
    // A version that keeps its numbers elsewhere leaves another in this place.
    if fields == 64 && &entry.kind != b"mp4a" {
        facts.sample_rate = None;
    }
    Ok(())
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

/// What lies behind an entry's own fields.
fn after(entry: &Head, fields: u64) -> Range<u64> {
    entry.body.start.saturating_add(fields).min(entry.body.end)..entry.body.end
}

/// The beginning of a box, if it is held.
fn beginning(held: &Held, body: Option<Range<u64>>) -> Option<&[u8]> {
    let body = body?;
    held.slice(body.start, (body.end - body.start).min(CONFIGURATION)).ok()
}

/// What an elementary stream descriptor tells.
#[derive(Debug, Default, PartialEq)]
struct Stream {
    codec: Option<AudioCodec>,
    sample_rate: Option<u32>,
    channels: Option<u16>,
}

/// The elementary stream descriptor of an `mp4a` entry, where there is one.
fn stream(held: &Held, boxes: &Range<u64>) -> Result<Option<Stream>, Pause> {
    let [esds, wave] = Boxes::within(held, boxes).first([b"esds", b"wave"])?;
    // QuickTime wraps it.
    let esds = match (esds, wave) {
        (None, Some(wave)) => Boxes::within(held, &wave).find(*b"esds")?,
        (esds, _) => esds,
    };
    let Some(esds) = esds.filter(|esds| esds.end - esds.start > 4) else { return Ok(None) };
    Ok(descriptor(held.slice(esds.start + 4, (esds.end - esds.start - 4).min(64))?))
}

/// Reads a descriptor (ISO/IEC 14496-1 §7.2.6), and of AAC what its configuration says (ISO/IEC 14496-3 §1.6).
fn descriptor(bytes: &[u8]) -> Option<Stream> {
    let stream = tagged(bytes, 3)?;
    let flags = *stream.get(2)?;
    // The fields that the flags announce: another stream's id, a URL, a clock's id.
    let depends = if flags & 0x80 == 0 { 0 } else { 2 };
    let url = if flags & 0x40 == 0 { 0 } else { 1 + usize::from(*stream.get(3 + depends)?) };
    let clock = if flags & 0x20 == 0 { 0 } else { 2 };
    let decoder = tagged(stream.get(3 + depends + url + clock..)?, 4)?;
    let codec = match decoder.first()? {
        0x69 | 0x6B => AudioCodec::Mp3,
        0xA5 | 0xA6 => AudioCodec::Ac3,
        0xAD => AudioCodec::Opus,
        0xDD => AudioCodec::Vorbis,
        _ => AudioCodec::Aac,
    };
    let found = Stream { codec: Some(codec), ..Stream::default() };
    let Some(&[a, b, ..]) = decoder.get(13..).and_then(|rest| tagged(rest, 5)) else { return Some(found) };
    if found.codec != Some(AudioCodec::Aac) || a >> 3 == 31 {
        return Some(found);
    }
    // Five bits of object type, four that choose a rate, four that choose the channels.
    let rate = RATES.get(usize::from(a & 7) << 1 | usize::from(b >> 7)).copied();
    let channels = match b >> 3 & 0xF {
        few @ 1..=6 => Some(few.into()),
        7 => Some(8),
        _ => None,
    };
    Some(if rate.is_none() { found } else { Stream { sample_rate: rate, channels, ..found } })
}

/// AAC's sampling frequencies, by their index.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// What follows a tag and its length, which takes up to four bytes of seven bits.
fn tagged(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (&found, rest) = bytes.split_first()?;
    let length = rest.iter().take(4).take_while(|&&byte| byte >= 0x80).count() + 1;
    (found == tag).then(|| rest.get(length..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_found_behind_every_announced_field() {
        let codec = |bytes: &[u8]| descriptor(bytes).and_then(|stream| stream.codec);
        assert_eq!(codec(&[3, 25, 0, 1, 0, 4, 17, 0x40]), Some(AudioCodec::Aac));
        let long = [3, 0x80, 0x80, 0x80, 25, 0, 1, 0, 4, 0x80, 0x80, 0x80, 17, 0x6B];
        assert_eq!(codec(&long), Some(AudioCodec::Mp3));
        let all = [3, 40, 0, 1, 0xE0, 9, 9, 2, b'a', b'b', 7, 7, 4, 17, 0x69];
        assert_eq!(codec(&all), Some(AudioCodec::Mp3));
        for length in 0..all.len() {
            assert_eq!(codec(&all[..length]), None, "{length}");
        }
    }

    #[test]
    fn aac_tells_its_rate_and_channels() {
        let told = |config: [u8; 2]| {
            let decoder = [&[0x40][..], &[0; 12], &[5, 2], &config].concat();
            let bytes = [&[3, 40, 0, 1, 0, 4, 17], decoder.as_slice()].concat();
            descriptor(&bytes).map(|stream| (stream.sample_rate, stream.channels)).unwrap()
        };
        assert_eq!(told([0x12, 0x10]), (Some(44_100), Some(2)));
        assert_eq!(told([0x11, 0xB0]), (Some(48_000), Some(6)));
        assert_eq!(told([0x10, 0x08]), (Some(96_000), Some(1)));
        assert_eq!(told([0x17, 0x80]), (None, None), "a rate spelled out");
    }
}
