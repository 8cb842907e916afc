//! What an MP4's sound is coded with: an entry's four letters, and of `mp4a` what is inside (ISO/IEC 14496-1 §7.2.6).

use std::ops::Range;

use super::facts::AudioCodec;
use super::held::{Held, Pause, shown};
use super::mp4::{Boxes, Head};

/// The codec of a sample entry.
pub(super) fn codec(held: &Held, entry: &Head) -> Result<AudioCodec, Pause> {
    Ok(match &entry.kind {
        b"mp4a" => inside(held, &entry.body)?.unwrap_or(AudioCodec::Aac),
        b"Opus" => AudioCodec::Opus,
        b".mp3" | b"ms\0U" => AudioCodec::Mp3,
        b"ac-3" | b"ec-3" => AudioCodec::Ac3,
        b"fLaC" => AudioCodec::Flac,
        b"lpcm" | b"ipcm" | b"fpcm" | b"sowt" | b"twos" | b"in24" | b"raw " => AudioCodec::Pcm,
        _ => AudioCodec::Other(shown(&entry.kind)),
    })
}

/// What the elementary stream descriptor of an `mp4a` entry says, where there is one.
fn inside(held: &Held, entry: &Range<u64>) -> Result<Option<AudioCodec>, Pause> {
    // The fields before the boxes: QuickTime's later versions have more.
    let fields = match held.up_to(entry.start + 8, 2)? {
        [0, 1] => 44,
        [0, 2] => 64,
        _ => 28,
    };
    let Some(boxes) = after(entry, fields) else { return Ok(None) };
    let found = Boxes::within(held, &boxes).find_any(&[*b"esds", *b"wave"])?;
    let esds = match found {
        // QuickTime wraps it.
        Some(wave) if &wave.kind == b"wave" => Boxes::within(held, &wave.body).find(*b"esds")?,
        other => other,
    };
    let Some(esds) = esds.and_then(|esds| after(&esds.body, 4)) else { return Ok(None) };
    let descriptor = held.slice(esds.start, (esds.end - esds.start).min(64))?;
    Ok(object_type(descriptor).map(|kind| match kind {
        0x69 | 0x6B => AudioCodec::Mp3,
        0xA5 | 0xA6 => AudioCodec::Ac3,
        0xAD => AudioCodec::Opus,
        0xDD => AudioCodec::Vorbis,
        _ => AudioCodec::Aac,
    }))
}

fn after(range: &Range<u64>, fields: u64) -> Option<Range<u64>> {
    let start = range.start + fields;
    (start < range.end).then_some(start..range.end)
}

/// The object type of the decoder configuration in an elementary stream descriptor.
fn object_type(descriptor: &[u8]) -> Option<u8> {
    let stream = tagged(descriptor, 3)?;
    let flags = *stream.get(2)?;
    // The fields that the flags announce: another stream's id, a URL, a clock's id.
    let depends = if flags & 0x80 == 0 { 0 } else { 2 };
    let url = if flags & 0x40 == 0 { 0 } else { 1 + usize::from(*stream.get(3 + depends)?) };
    let clock = if flags & 0x20 == 0 { 0 } else { 2 };
    tagged(stream.get(3 + depends + url + clock..)?, 4)?.first().copied()
}

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
    fn the_object_type_is_found_behind_every_announced_field() {
        assert_eq!(object_type(&[3, 25, 0, 1, 0, 4, 17, 0x40]), Some(0x40));
        assert_eq!(
            object_type(&[3, 0x80, 0x80, 0x80, 25, 0, 1, 0, 4, 0x80, 0x80, 0x80, 17, 0x6B]),
            Some(0x6B)
        );
        let all = [3, 40, 0, 1, 0xE0, 9, 9, 2, b'a', b'b', 7, 7, 4, 17, 0x69];
        assert_eq!(object_type(&all), Some(0x69));
        for length in 0..all.len() {
            assert_eq!(object_type(&all[..length]), None, "{length}");
        }
    }
}
