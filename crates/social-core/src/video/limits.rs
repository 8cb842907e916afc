//! What the surfaces of platforms take, as data. The numbers themselves stand with each platform, with their sources.

use std::time::Duration;

use super::facts::{AudioCodec, Chroma, Container, VideoCodec};

/// What one surface of a platform takes. `None`: the platform names no limit, or none that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The surface, by the name its owner knows.
    pub surface: &'static str,
    /// The shortest video.
    pub min_duration: Option<Duration>,
    /// The longest video.
    pub max_duration: Duration,
    /// The largest file, in bytes.
    pub max_bytes: Option<u64>,
    /// The fewest pixels of the shorter and of the longer side.
    pub min_sides: Option<(u32, u32)>,
    /// The most pixels of either side.
    pub max_side: Option<u32>,
    /// The most pixels from left to right.
    pub max_width: Option<u32>,
    /// The narrowest and the widest aspect ratio, as width by height.
    pub aspect: Option<((u32, u32), (u32, u32))>,
    /// The lowest and the highest frame rate.
    pub frame_rate: Option<(f64, f64)>,
    /// The containers taken.
    pub containers: Option<&'static [Container]>,
    /// The video codecs taken.
    pub video_codecs: Option<&'static [VideoCodec]>,
    /// The audio codecs taken.
    pub audio_codecs: Option<&'static [AudioCodec]>,
    /// What it takes but likes less.
    pub wishes: Wishes,
}

/// What a surface would rather have: a video that is otherwise is taken, and its owner warned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wishes {
    /// The orientation it prefers.
    pub orientation: Orientation,
    /// The longest video that is shown everywhere.
    pub max_duration: Option<Duration>,
    /// The most pixels of the shorter side.
    pub max_short_side: Option<u32>,
    /// The most bits per second, audio included.
    pub max_bit_rate: Option<u64>,
    /// The containers it would rather have.
    pub containers: Option<&'static [Container]>,
    /// The video codecs it would rather have.
    pub video_codecs: Option<&'static [VideoCodec]>,
    /// The chroma subsampling it requires. H.264 must have eight bits then.
    pub chroma: Option<Chroma>,
    /// The highest sample rate of the audio.
    pub max_sample_rate: Option<u32>,
    /// The most channels of audio.
    pub max_channels: Option<u16>,
}

impl Wishes {
    /// None at all.
    pub const NONE: Self = Self {
        orientation: Orientation::Any,
        max_duration: None,
        max_short_side: None,
        max_bit_rate: None,
        containers: None,
        video_codecs: None,
        chroma: None,
        max_sample_rate: None,
        max_channels: None,
    };
}

/// The orientation that a platform prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// Any.
    Any,
    /// Higher than wide; a horizontal video earns a warning.
    VerticalPreferred,
}
