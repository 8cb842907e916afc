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
    /// An MPEG-2 transport stream, `.ts`, `.mts`.
    MpegTs,
    /// An MPEG program or elementary stream, `.mpg`, `.vob`.
    MpegPs,
    /// AVI.
    Avi,
    /// Flash video, `.flv`.
    Flv,
    /// Windows Media, `.wmv`, `.asf`.
    WindowsMedia,
    /// Ogg, `.ogv`.
    Ogg,
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
            Self::MpegTs => "video/mp2t",
            Self::MpegPs => "video/mpeg",
            Self::Avi => "video/x-msvideo",
            Self::Flv => "video/x-flv",
            Self::WindowsMedia => "video/x-ms-wmv",
            Self::Ogg => "video/ogg",
        }
    }

    /// The file name extension of this kind.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Mov => "mov",
            Self::Webm => "webm",
            Self::Matroska => "mkv",
            Self::MpegTs => "ts",
            Self::MpegPs => "mpg",
            Self::Avi => "avi",
            Self::Flv => "flv",
            Self::WindowsMedia => "wmv",
            Self::Ogg => "ogv",
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
            Self::MpegTs => "MPEG-TS",
            Self::MpegPs => "MPEG",
            Self::Avi => "AVI",
            Self::Flv => "FLV",
            Self::WindowsMedia => "Windows Media",
            Self::Ogg => "Ogg",
        })
    }
}

/// How the video is coded.
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

/// How the audio is coded.
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

/// The resolution of color, compared with that of brightness (chroma subsampling).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chroma {
    /// None of it.
    #[serde(rename = "4:0:0")]
    Gray,
    /// A quarter, as nearly all video.
    #[serde(rename = "4:2:0")]
    C420,
    /// Half.
    #[serde(rename = "4:2:2")]
    C422,
    /// All of it.
    #[serde(rename = "4:4:4")]
    C444,
}

impl fmt::Display for Chroma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gray => "4:0:0",
            Self::C420 => "4:2:0",
            Self::C422 => "4:2:2",
            Self::C444 => "4:4:4",
        })
    }
}

/// A transfer function of high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hdr {
    /// SMPTE ST 2084, as HDR10 has it.
    Pq,
    /// Hybrid log-gamma.
    Hlg,
}

/// What was read from a file's headers. What they do not have, or what could not be read, is `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// The container, by content and never by name.
    pub container: Container,
    /// The major brand of an MP4 or MOV, such as `isom`, `mp42` or `qt`. Other containers have none.
    pub brand: Option<String>,
    /// The duration of video and audio.
    pub duration: Option<Duration>,
    /// The width in pixels as shown, after rotation.
    pub width: Option<u32>,
    /// The height in pixels as shown, after rotation.
    pub height: Option<u32>,
    /// How far the stored frames are rotated for display: 0, 90, 180 or 270 degrees clockwise.
    pub rotation: u16,
    /// The average frame rate.
    pub frame_rate: Option<f64>,
    /// How the video is coded.
    pub video_codec: Option<VideoCodec>,
    /// How the audio is coded. `None` of a video that was read: it is silent.
    pub audio_codec: Option<AudioCodec>,
    /// The chroma subsampling.
    pub chroma: Option<Chroma>,
    /// How many bits a sample of a frame has.
    pub bit_depth: Option<u8>,
    /// The transfer function, if it is of high dynamic range.
    pub hdr: Option<Hdr>,
    /// The audio's sample rate, in Hz.
    pub sample_rate: Option<u32>,
    /// How many channels the audio has.
    pub channels: Option<u16>,
    /// The file's length in bytes.
    pub size: u64,
    /// Whether it is a fragmented MP4.
    pub fragmented: bool,
}

impl VideoFacts {
    /// A file of which only this is known.
    #[must_use]
    pub fn unread(container: Container, size: u64) -> Self {
        Self {
            container,
            brand: None,
            duration: None,
            width: None,
            height: None,
            rotation: 0,
            frame_rate: None,
            video_codec: None,
            audio_codec: None,
            chroma: None,
            bit_depth: None,
            hdr: None,
            sample_rate: None,
            channels: None,
            size,
            fragmented: false,
        }
    }

    /// Width and height.
    #[must_use]
    pub fn sides(&self) -> Option<(u32, u32)> {
        self.width.zip(self.height)
    }

    /// Swaps the sides if the stored frames are rotated for display. `None`: they have no size.
    pub(super) fn turn(&mut self) -> Option<()> {
        let (width, height) = self.sides().filter(|&(width, height)| width > 0 && height > 0)?;
        if self.rotation % 180 == 90 {
            (self.width, self.height) = (Some(height), Some(width));
        }
        Some(())
    }

    /// Bits per second over the whole file.
    #[must_use]
    pub fn bit_rate(&self) -> Option<u64> {
        let bits = u128::from(self.size) * 8 * 1_000_000_000;
        u64::try_from(bits.checked_div(self.duration?.as_nanos())?).ok()
    }

    /// Whether the frames are wider than high.
    #[must_use]
    pub fn is_horizontal(&self) -> bool {
        self.sides().is_some_and(|(width, height)| width > height)
    }
}
