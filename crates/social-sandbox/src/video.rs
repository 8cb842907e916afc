//! Detects the type of a video by its first bytes.

use serde::{Deserialize, Serialize};

/// How many first bytes are enough.
const HEAD: usize = 12;

/// The first bytes of formats that only YouTube converts, except AVI.
const OTHERS: [&[u8]; 5] =
    [&[0x47, 0x40], b"FLV\x01", b"OggS", &[0x30, 0x26, 0xB2, 0x75], &[0x00, 0x00, 0x01]];

/// The containers that TikTok and the others accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Container {
    Mp4,
    QuickTime,
    WebM,
    /// MPEG-TS, MPEG, AVI, FLV, Windows Media, Ogg: only YouTube converts them.
    Other,
}

impl Container {
    /// Returns the container that starts with these bytes.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
            return Some(Self::WebM);
        }
        match (head.get(4..8), head.get(8..12)) {
            (Some(b"ftyp"), Some(b"qt  ")) | (Some(b"moov" | b"mdat" | b"wide"), _) => Some(Self::QuickTime),
            (Some(b"ftyp"), Some(_)) | (Some(b"free" | b"skip" | b"uuid" | b"styp"), _) => Some(Self::Mp4),
            (_, Some(b"AVI ")) if head.starts_with(b"RIFF") => Some(Self::Other),
            _ => OTHERS.iter().any(|magic| head.starts_with(magic)).then_some(Self::Other),
        }
    }

    pub(crate) fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
            Self::Other => "application/octet-stream",
        }
    }
}

/// The first bytes of a file, collected as they arrive.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Head(Vec<u8>);

impl Head {
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let missing = HEAD.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(missing));
    }

    pub(crate) fn container(&self) -> Option<Container> {
        Container::of(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Container;

    #[test]
    fn a_container_is_known_by_its_first_bytes() {
        for (head, expected) in [
            (b"\0\0\0\x18ftypisom".as_slice(), Some(Container::Mp4)),
            (b"\0\0\0\x18ftypqt  ", Some(Container::QuickTime)),
            (b"\0\0\0\x08free\0\0\0\x18", Some(Container::Mp4)),
            (b"RIFF\0\0\0\0AVI ", Some(Container::Other)),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"\x47\x40\x11\x10\0\x42\xF0\x25", Some(Container::Other)),
            (b"GIF89a......", None),
            (b"<!doctype ht", None),
        ] {
            assert_eq!(Container::of(head), expected, "{head:?}");
        }
    }
}
