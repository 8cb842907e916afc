//! What a video's first bytes say it is.

use serde::{Deserialize, Serialize};

/// How many first bytes are enough to tell.
const HEAD: usize = 12;

/// The containers TikTok and the others take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Container {
    Mp4,
    QuickTime,
    WebM,
}

impl Container {
    /// The container that begins like this.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
            return Some(Self::WebM);
        }
        match (head.get(4..8), head.get(8..12)) {
            (Some(b"ftyp"), Some(b"qt  ")) | (Some(b"moov" | b"mdat" | b"wide"), _) => Some(Self::QuickTime),
            (Some(b"ftyp"), Some(_)) => Some(Self::Mp4),
            _ => None,
        }
    }

    pub(crate) fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
        }
    }
}

/// The first bytes of a file, collected as they come.
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
