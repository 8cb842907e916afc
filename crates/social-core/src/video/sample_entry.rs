//! How the video and audio of an MP4 are coded, by its sample entries (ISO/IEC 14496-12 §8.5.2, 14496-14 and -15).

use std::ops::Range;

use shiguredo_mp4::boxes::EsdsBox;

use super::boxes::{Boxes, Head, decode};
use super::colors;
use super::facts::{AudioCodec, VideoCodec, VideoFacts};
use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer, malformed, shown};

/// How a video track is coded, and how large its frames are.
pub(super) fn video(buffer: &SparseBuffer, entry: &Head, facts: &mut VideoFacts) -> Result<(), Pause> {
    if matches!(&entry.kind, b"encv" | b"drmi") {
        return Err(ProbeError::Protected.into());
    }
    let sides = entry.body.start + 24;
    if sides + 4 > entry.body.end {
        return Err(malformed("a short sample entry"));
    }
    let (width, height) = (buffer.u16(sides)?, buffer.u16(sides + 2)?);
    if width > 0 && height > 0 {
        (facts.width, facts.height) = (Some(width.into()), Some(height.into()));
    }
    let codec = facts.video_codec.insert(video_codec(entry.kind));
    // Colors are worth no more than a warning: unreadable ones stay unknown.
    let boxes = Boxes::within(buffer, after(entry, 78));
    if let Ok([avc, hevc, av1, vp, color]) = boxes.first([b"avcC", b"hvcC", b"av1C", b"vpcC", b"colr"]) {
        let bytes = |head: Head| buffer.slice(head.body.start, head.body.end - head.body.start).ok();
        let record = avc.or(hevc).or(av1).or(vp).and_then(bytes);
        (facts.chroma, facts.bit_depth) = record.and_then(|record| colors::pixels(codec, record)).unzip();
        if let Some([b'n', b'c', b'l', _, _, _, transfer @ ..]) = color.and_then(bytes) {
            facts.hdr = transfer.first_chunk().and_then(|&code| colors::hdr(u16::from_be_bytes(code).into()));
        }
    }
    Ok(())
}

/// How an audio track is coded.
pub(super) fn audio(buffer: &SparseBuffer, entry: &Head, facts: &mut VideoFacts) -> Result<(), Pause> {
    let at = entry.body.start;
    // The fields before the boxes: QuickTime's later versions have more.
    let fields = match buffer.up_to(at + 8, 2)? {
        [0, 1] => 44,
        [0, 2] => 64,
        _ => 28,
    };
    // An entry may say two channels whatever they are (14496-12 §12.2.3 fixes the number): Opus has the right one.
    facts.channels = buffer.u16(at + 16).ok().filter(|&channels| channels > 0 && &entry.kind == b"Opus");
    // QuickTime's version 2 has another number in the place of the rate.
    facts.sample_rate = buffer.u16(at + 24).ok().map(u32::from).filter(|&rate| rate > 1 && fields < 64);
    facts.audio_codec = Some(match &entry.kind {
        b"enca" | b"drms" => return Err(ProbeError::Protected.into()),
        b"mp4a" => elementary_stream(buffer, after(entry, fields), facts)?,
        b"Opus" => AudioCodec::Opus,
        b".mp3" | b"ms\0U" => AudioCodec::Mp3,
        b"ac-3" | b"ec-3" => AudioCodec::Ac3,
        b"fLaC" => AudioCodec::Flac,
        b"lpcm" | b"ipcm" | b"fpcm" | b"sowt" | b"twos" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw "
        | b"NONE" => AudioCodec::Pcm,
        b"alac" => AudioCodec::Other("ALAC".to_owned()),
        other => AudioCodec::Other(shown(other)),
    });
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

/// Where the boxes of an entry lie, behind its own fields.
fn after(entry: &Head, fields: u64) -> Range<u64> {
    entry.body.start.saturating_add(fields).min(entry.body.end)..entry.body.end
}

/// The codec of an `mp4a` entry by its elementary stream descriptor (ISO/IEC 14496-1 §7.2.6), if it has one.
fn elementary_stream(
    buffer: &SparseBuffer,
    boxes: Range<u64>,
    facts: &mut VideoFacts,
) -> Result<AudioCodec, Pause> {
    let [esds, wave] = Boxes::within(buffer, boxes).first([b"esds", b"wave"])?;
    // QuickTime wraps it.
    let [wrapped] = Boxes::of(buffer, wave.as_ref()).first([b"esds"])?;
    let Some(esds) = decode::<EsdsBox>(buffer, esds.or(wrapped).as_ref())? else {
        return Ok(AudioCodec::Aac);
    };
    let decoder = esds.es.dec_config_descr;
    let codec = match decoder.object_type_indication {
        0x69 | 0x6B => AudioCodec::Mp3,
        0xA5 | 0xA6 => AudioCodec::Ac3,
        0xAD => AudioCodec::Opus,
        0xDD => AudioCodec::Vorbis,
        _ => AudioCodec::Aac,
    };
    if codec == AudioCodec::Aac
        && let Some((rate, channels)) = decoder.dec_specific_info.and_then(|info| aac(&info.payload))
    {
        (facts.sample_rate, facts.channels) = (Some(rate), channels);
    }
    Ok(codec)
}

/// Sample rate and channels of AAC by its configuration (ISO/IEC 14496-3 §1.6): five bits of object type, four that
/// choose the rate, four that choose the channels.
fn aac(configuration: &[u8]) -> Option<(u32, Option<u16>)> {
    let &[a, b, ..] = configuration else { return None };
    let &rate = RATES.get(usize::from(a & 7) << 1 | usize::from(b >> 7)).filter(|_| a >> 3 < 31)?;
    let channels = match b >> 3 & 0xF {
        few @ 1..=6 => Some(few.into()),
        7 => Some(8),
        _ => None,
    };
    Some((rate, channels))
}

/// AAC's sampling frequencies, by their index.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

#[cfg(test)]
mod tests {
    use super::super::facts::Container;
    use super::*;

    fn tagged(tag: u8, body: &[u8]) -> Vec<u8> {
        [&[tag, u8::try_from(body.len()).unwrap()], body].concat()
    }

    /// A stream descriptor whose flags announce these fields, of this kind and with this configuration.
    fn descriptor(flags: u8, announced: &[u8], object_type: u8, configuration: &[u8]) -> Vec<u8> {
        let configuration = if configuration.is_empty() { vec![] } else { tagged(5, configuration) };
        let decoder = tagged(4, &[&[object_type, 0x15][..], &[0; 11], &configuration].concat());
        tagged(3, &[&[0, 1, flags], announced, &decoder, &tagged(6, &[2])].concat())
    }

    /// What an `esds` with this descriptor says.
    fn read(descriptor: &[u8]) -> (AudioCodec, Option<u32>, Option<u16>) {
        let size = u32::try_from(descriptor.len() + 12).unwrap();
        let esds = [&size.to_be_bytes(), b"esds".as_slice(), &[0; 4], descriptor].concat();
        let mut buffer = SparseBuffer::new(size.into());
        buffer.add(0, esds.into());
        let mut facts = VideoFacts::unread(Container::Mp4, 0);
        let codec = elementary_stream(&buffer, 0..size.into(), &mut facts).unwrap();
        (codec, facts.sample_rate, facts.channels)
    }

    #[test]
    fn a_stream_is_found_behind_every_announced_field() {
        assert_eq!(read(&descriptor(0, &[], 0x40, &[])).0, AudioCodec::Aac);
        assert_eq!(read(&descriptor(0x80, &[9, 9], 0x6B, &[])).0, AudioCodec::Mp3);
        assert_eq!(read(&descriptor(0x40, &[2, b'a', b'b'], 0xAD, &[])).0, AudioCodec::Opus);
        let all = descriptor(0xE0, &[9, 9, 2, b'a', b'b', 7, 7], 0x69, &[]);
        assert_eq!(read(&all).0, AudioCodec::Mp3);
        // A length may take four bytes.
        let long = [&[3, 0x80, 0x80, 0x80], &all[1..]].concat();
        assert_eq!(read(&long).0, AudioCodec::Mp3);
        for length in 0..all.len() {
            assert_eq!(read(&all[..length]).0, AudioCodec::Aac, "{length}");
        }
    }

    #[test]
    fn aac_tells_its_rate_and_channels() {
        let told = |configuration: [u8; 2]| {
            let (codec, rate, channels) = read(&descriptor(0, &[], 0x40, &configuration));
            assert_eq!(codec, AudioCodec::Aac);
            (rate, channels)
        };
        assert_eq!(told([0x12, 0x10]), (Some(44_100), Some(2)));
        assert_eq!(told([0x11, 0xB0]), (Some(48_000), Some(6)));
        assert_eq!(told([0x10, 0x08]), (Some(96_000), Some(1)));
        assert_eq!(told([0x17, 0x80]), (None, None), "a rate spelled out");
        // Another codec's configuration is not one of AAC.
        assert_eq!(read(&descriptor(0, &[], 0x6B, &[0x12, 0x10])), (AudioCodec::Mp3, None, None));
    }
}
