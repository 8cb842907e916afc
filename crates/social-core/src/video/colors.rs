//! How frames keep their color, by the decoder's configuration.

use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::AvccBox;

use super::facts::{Chroma, Hdr, VideoCodec};

/// Chroma and bits of a decoder configuration record: `avcC`, `hvcC` (ISO/IEC 14496-15), `av1C` (AV1-ISOBMFF §2.3) or
/// `vpcC` (VP-ISOBMFF §2.2). Matroska has the same records as its `CodecPrivate`, except that of VP9.
pub(super) fn pixels(codec: &VideoCodec, record: &[u8]) -> Option<(Chroma, u8)> {
    match codec {
        VideoCodec::H264 => h264(record),
        VideoCodec::H265 => Some((subsampling(record.get(16)? & 3), (record.get(17)? & 7) + 8)),
        VideoCodec::Av1 => {
            let flags = record.get(2)?;
            let depth = [8, 8, 10, 12].get(usize::from(flags >> 5 & 3))?;
            let halved = || halved(Some((flags >> 3 & 1).into()), Some((flags >> 2 & 1).into()));
            Some((if flags & 0x10 == 0 { halved()? } else { Chroma::Gray }, *depth))
        }
        VideoCodec::Vp9 => {
            let coding = record.get(6)?;
            Some((subsampling((coding >> 1 & 7).max(1)), coding >> 4))
        }
        VideoCodec::Vp8 | VideoCodec::ProRes | VideoCodec::Other(_) => None,
    }
}

/// H.264 is known by its profile. For the high profiles, bytes behind the parameter sets are more precise.
fn h264(record: &[u8]) -> Option<(Chroma, u8)> {
    let by_profile = match record.get(1)? {
        110 => (Chroma::C420, 10),
        122 => (Chroma::C422, 10),
        244 => (Chroma::C444, 8),
        _ => return Some((Chroma::C420, 8)),
    };
    let size = u32::try_from(record.len() + 8).ok()?.to_be_bytes();
    let found = AvccBox::decode(&[&size, b"avcC", record].concat()).ok().and_then(|(found, _)| {
        Some((subsampling(found.chroma_format?.get()), found.bit_depth_luma_minus8?.get() + 8))
    });
    Some(found.unwrap_or(by_profile))
}

fn subsampling(code: u8) -> Chroma {
    match code {
        0 => Chroma::Gray,
        2 => Chroma::C422,
        3 => Chroma::C444,
        _ => Chroma::C420,
    }
}

/// Chroma by how often Matroska says it is halved, from left to right and from top to bottom.
pub(super) fn halved(across: Option<u64>, down: Option<u64>) -> Option<Chroma> {
    match (across?, down?) {
        (1, 1) => Some(Chroma::C420),
        (1, 0) => Some(Chroma::C422),
        (0, 0) => Some(Chroma::C444),
        _ => None,
    }
}

/// A transfer characteristic (ITU-T H.273 §8.2) that is of high dynamic range.
pub(super) fn hdr(transfer: u64) -> Option<Hdr> {
    match transfer {
        16 => Some(Hdr::Pq),
        18 => Some(Hdr::Hlg),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_tell_chroma_and_bits() {
        let hevc = |chroma: u8, depth: u8| [vec![1; 16], vec![0xFC | chroma, 0xF8 | depth]].concat();
        let avc = |profile: u8, rest: &[u8]| {
            [&[1, profile, 0, 40, 0xFF, 0xE1, 0, 3, 0x67, 1, 2, 1, 0, 2, 0x68, 1], rest].concat()
        };
        for (codec, record, expected) in [
            (VideoCodec::H264, avc(77, &[]), (Chroma::C420, 8)),
            (VideoCodec::H264, avc(100, &[0xFD, 0xF8, 0xF8, 0]), (Chroma::C420, 8)),
            (VideoCodec::H264, avc(110, &[0xFD, 0xFA, 0xFA, 0]), (Chroma::C420, 10)),
            (VideoCodec::H264, avc(122, &[0xFE, 0xF8, 0xF8, 0]), (Chroma::C422, 8)),
            (VideoCodec::H264, avc(244, &[]), (Chroma::C444, 8)),
            (VideoCodec::H264, avc(244, &[0xFF, 0xFA, 0xFA, 0]), (Chroma::C444, 10)),
            (VideoCodec::H265, hevc(1, 0), (Chroma::C420, 8)),
            (VideoCodec::H265, hevc(2, 2), (Chroma::C422, 10)),
            (VideoCodec::Av1, vec![0x81, 0, 0x0C, 0], (Chroma::C420, 8)),
            (VideoCodec::Av1, vec![0x81, 0, 0x4C, 0], (Chroma::C420, 10)),
            (VideoCodec::Av1, vec![0x81, 0x40, 0x68, 0], (Chroma::C422, 12)),
            (VideoCodec::Av1, vec![0x81, 0x20, 0, 0], (Chroma::C444, 8)),
            (VideoCodec::Vp9, vec![1, 0, 0, 0, 0, 10, 0x82], (Chroma::C420, 8)),
            (VideoCodec::Vp9, vec![1, 0, 0, 0, 2, 10, 0xA6], (Chroma::C444, 10)),
        ] {
            assert_eq!(pixels(&codec, &record), Some(expected), "{codec} {record:?}");
        }
        assert_eq!(pixels(&VideoCodec::H265, &[1; 9]), None);
    }
}
