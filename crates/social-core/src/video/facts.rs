//! What a video file is.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The container format of a file, by its own first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// ISO base media, `.mp4`.
    Mp4,
    /// `QuickTime`, `.mov`.
    Mov,
    /// `WebM`.
    Webm,
    /// Matroska, `.mkv`.
    Matroska,
}

impl Container {
    /// The media type to send the file as.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
            Self::Webm => "video/webm",
            Self::Matroska => "video/x-matroska",
        }
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mp4 => "MP4",
            Self::Mov => "MOV",
            Self::Webm => "WebM",
            Self::Matroska => "Matroska",
        })
    }
}

/// How the pictures are coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// H.264, AVC.
    H264,
    /// H.265, HEVC.
    H265,
    /// VP8.
    Vp8,
    /// VP9.
    Vp9,
    /// AV1.
    Av1,
    /// Apple `ProRes`.
    ProRes,
    /// Anything else, by the file's own name for it.
    Other(String),
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
            Self::Vp8 => "VP8",
            Self::Vp9 => "VP9",
            Self::Av1 => "AV1",
            Self::ProRes => "ProRes",
            Self::Other(name) => name,
        })
    }
}

/// How the sound is coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioCodec {
    /// AAC.
    Aac,
    /// Opus.
    Opus,
    /// Vorbis.
    Vorbis,
    /// MP3.
    Mp3,
    /// AC-3 or E-AC-3.
    Ac3,
    /// FLAC.
    Flac,
    /// Uncompressed.
    Pcm,
    /// Anything else, by the file's own name for it.
    Other(String),
}

impl fmt::Display for AudioCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aac => "AAC",
            Self::Opus => "Opus",
            Self::Vorbis => "Vorbis",
            Self::Mp3 => "MP3",
            Self::Ac3 => "AC-3",
            Self::Flac => "FLAC",
            Self::Pcm => "PCM",
            Self::Other(name) => name,
        })
    }
}

/// What was read from a file's headers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// The container, by content and never by name.
    pub container: Container,
    /// The brand that an MP4 or MOV says it is of, as `isom`, `mp42` or `qt`; other containers have none.
    #[serde(default)]
    pub brand: Option<String>,
    /// How long it plays.
    pub duration: Duration,
    /// The width in pixels as shown, after rotation.
    pub width: u32,
    /// The height in pixels as shown, after rotation.
    pub height: u32,
    /// How far the stored picture is turned to be shown: 0, 90, 180 or 270 degrees clockwise.
    pub rotation: u16,
    /// Pictures per second on average, where the headers tell.
    pub frame_rate: Option<f64>,
    /// How the pictures are coded.
    pub video_codec: VideoCodec,
    /// How the sound is coded; `None`: the video is silent.
    pub audio_codec: Option<AudioCodec>,
    /// The file's length in bytes.
    pub size: u64,
    /// Whether it is a fragmented MP4.
    pub fragmented: bool,
}

impl VideoFacts {
    /// Bits per second over the whole file.
    #[must_use]
    pub fn bit_rate(&self) -> Option<u64> {
        let bits = u128::from(self.size) * 8 * 1_000_000_000;
        u64::try_from(bits.checked_div(self.duration.as_nanos())?).ok()
    }

    /// Whether the picture is wider than high.
    #[must_use]
    pub fn is_horizontal(&self) -> bool {
        self.width > self.height
    }
}
