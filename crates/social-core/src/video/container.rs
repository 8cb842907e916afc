//! Which container a file is, by its first bytes.

use super::facts::Container;
use super::held::{Held, Pause};
use super::probe::ProbeError;

/// A transport stream's packets begin with this byte: 188 bytes apart, or 192 with a camera's time before each.
const SYNC: u8 = 0x47;

/// An Ogg file's streams are announced in its first pages.
const OGG_PAGES: u64 = 4096;

/// What begins as other containers do.
const MAGIC: &[(&[u8], Container)] = &[
    (&[0x1A, 0x45, 0xDF, 0xA3], Container::Matroska),
    (b"FLV\x01", Container::Flv),
    (&[0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], Container::WindowsMedia),
    (&[0x00, 0x00, 0x01, 0xBA], Container::MpegPs),
    // A sequence of MPEG video that is in no container.
    (&[0x00, 0x00, 0x01, 0xB3], Container::MpegPs),
];

/// Images and sound that are taken for videos.
const OTHERS: &[(&[u8], &str)] = &[
    (b"GIF8", "an image"),
    (&[0x89, b'P', b'N', b'G'], "an image"),
    (&[0xFF, 0xD8, 0xFF], "an image"),
    (b"ID3", "sound"),
    (b"fLaC", "sound"),
];

/// The container of a file: of MP4 and MOV, and of `WebM` and Matroska, which one it is tells what comes next.
pub(super) fn recognize(held: &Held) -> Result<Container, Pause> {
    let magic = held.up_to(0, 16)?;
    if let Some(&(_, container)) = MAGIC.iter().find(|(start, _)| magic.starts_with(start)) {
        return Ok(container);
    }
    if let Some(&(_, name)) = OTHERS.iter().find(|(start, _)| magic.starts_with(start)) {
        return Err(ProbeError::UnsupportedContainer(name).into());
    }
    match (magic.get(..4), magic.get(8..12)) {
        (Some(b"RIFF"), Some(b"AVI ")) => return Ok(Container::Avi),
        (Some(b"RIFF"), Some(b"WAVE")) => return Err(ProbeError::UnsupportedContainer("sound").into()),
        (Some(b"RIFF"), Some(b"WEBP")) => return Err(ProbeError::UnsupportedContainer("an image").into()),
        (Some(b"OggS"), _) => return ogg(held),
        _ => {}
    }
    match magic.get(4..8) {
        Some(b"ftyp") => Ok(Container::Mp4),
        // QuickTime before `ftyp` existed.
        Some(b"moov" | b"mdat" | b"wide" | b"pnot") => Ok(Container::Mov),
        // Padding and tags may come first, if they are any.
        Some(b"free" | b"skip" | b"uuid" | b"styp" | b"sidx" | b"moof") if is_box(held)? => {
            Ok(Container::Mp4)
        }
        _ if is_transport_stream(held)? => Ok(Container::MpegTs),
        _ => Err(ProbeError::NotAVideo.into()),
    }
}

/// Whether the first box ends within the file.
fn is_box(held: &Held) -> Result<bool, Pause> {
    let size = match held.u32(0)? {
        1 => held.u64(8)?,
        size => size.into(),
    };
    Ok((8..=held.size()).contains(&size))
}

fn is_transport_stream(held: &Held) -> Result<bool, Pause> {
    let packets = held.up_to(0, 5 * 192)?;
    Ok([(0, 188), (4, 192)].iter().any(|&(first, length)| {
        let mut syncs = packets.iter().skip(first).step_by(length);
        packets.len() > first + length && syncs.all(|&byte| byte == SYNC)
    }))
}

/// Of an Ogg file that only has sound, nothing can be published.
fn ogg(held: &Held) -> Result<Container, Pause> {
    let pages = held.up_to(0, OGG_PAGES)?;
    let names = |name: &[u8]| pages.windows(name.len()).any(|window| window == name);
    let is_sound =
        [b"\x01vorbis".as_slice(), b"OpusHead", b"Speex   ", b"\x7fFLAC"].iter().any(|name| names(name));
    let has_pictures =
        [b"\x80theora".as_slice(), b"BBCD", b"OVP80", b"\x01video"].iter().any(|name| names(name));
    if is_sound && !has_pictures { Err(ProbeError::NoVideoTrack.into()) } else { Ok(Container::Ogg) }
}
