//! Which container a file is, by its first bytes.

use super::facts::Container;
use super::probe_error::ProbeError;
use super::sparse_buffer::{Pause, SparseBuffer};

/// A transport stream's packets begin with this byte: 188 bytes apart, or 192 with a camera's time before each.
const SYNC: u8 = 0x47;

/// An Ogg file's streams are announced in its first pages.
const OGG_PAGES: u64 = 4096;

/// How a container begins, and which one it is.
type Magic = (&'static [&'static [u8]], Result<Container, &'static str>);

/// How containers begin, `?` being any byte. And images and audio, which are taken for videos.
const MAGIC: &[Magic] = &[
    (&[b"????ftyp"], Ok(Container::Mp4)),
    // QuickTime before `ftyp` existed.
    (&[b"????moov", b"????mdat", b"????wide", b"????pnot"], Ok(Container::Mov)),
    (&[b"\x1A\x45\xDF\xA3"], Ok(Container::Matroska)),
    (&[b"RIFF????AVI "], Ok(Container::Avi)),
    (&[b"FLV\x01"], Ok(Container::Flv)),
    (&[b"\x30\x26\xB2\x75\x8E\x66\xCF\x11"], Ok(Container::WindowsMedia)),
    // The second is a sequence of MPEG video that is in no container.
    (&[b"\0\0\x01\xBA", b"\0\0\x01\xB3"], Ok(Container::MpegPs)),
    (&[b"OggS"], Ok(Container::Ogg)),
    (&[b"GIF8", b"\x89PNG", b"\xFF\xD8\xFF", b"RIFF????WEBP"], Err("an image")),
    (&[b"RIFF????WAVE", b"ID3", b"fLaC"], Err("audio")),
];

/// The container of a file. MP4 stands for MOV as well, and Matroska for `WebM`: their headers distinguish them.
pub(super) fn recognize(buffer: &SparseBuffer) -> Result<Container, Pause> {
    let start = buffer.up_to(0, 16)?;
    let begins = |magic: &&[u8]| {
        start.len() >= magic.len()
            && magic.iter().zip(start).all(|(byte, found)| [b'?', *found].contains(byte))
    };
    match MAGIC.iter().find(|(magics, _)| magics.iter().any(begins)) {
        Some((_, Ok(Container::Ogg))) => ogg(buffer),
        Some((_, found)) => found.map_err(|what| ProbeError::UnsupportedContainer(what).into()),
        None if has_padding(buffer)? => Ok(Container::Mp4),
        None if is_transport_stream(buffer)? => Ok(Container::MpegTs),
        None => Err(ProbeError::NotAVideo.into()),
    }
}

/// Whether padding, tags or a piece of a stream come first: a box of that kind, which ends within the file.
fn has_padding(buffer: &SparseBuffer) -> Result<bool, Pause> {
    let kinds = [b"free", b"skip", b"uuid", b"styp", b"sidx", b"moof"];
    if buffer.size() < 8 || !kinds.contains(&&buffer.tag(4)?) {
        return Ok(false);
    }
    let size = match buffer.u32(0)? {
        1 => buffer.u64(8)?,
        size => size.into(),
    };
    Ok((8..=buffer.size()).contains(&size))
}

fn is_transport_stream(buffer: &SparseBuffer) -> Result<bool, Pause> {
    let packets = buffer.up_to(0, 5 * 192)?;
    Ok([(0, 188), (4, 192)].iter().any(|&(first, length)| {
        let mut syncs = packets.iter().skip(first).step_by(length);
        packets.len() > first + length && syncs.all(|&byte| byte == SYNC)
    }))
}

/// An Ogg file with nothing but audio cannot be published.
fn ogg(buffer: &SparseBuffer) -> Result<Container, Pause> {
    let pages = buffer.up_to(0, OGG_PAGES)?;
    let names = |name: &[u8]| pages.windows(name.len()).any(|window| window == name);
    let is_audio =
        [b"\x01vorbis".as_slice(), b"OpusHead", b"Speex   ", b"\x7fFLAC"].iter().any(|name| names(name));
    let has_video =
        [b"\x80theora".as_slice(), b"BBCD", b"OVP80", b"\x01video"].iter().any(|name| names(name));
    if is_audio && !has_video { Err(ProbeError::NoVideoTrack.into()) } else { Ok(Container::Ogg) }
}
