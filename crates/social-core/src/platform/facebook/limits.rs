//! The video limits of Facebook ("Reels publishing", updated 2026-07-30; Page, videos).

use std::time::Duration;

use crate::video::{AudioCodec, Chroma, Container, Limits, Orientation, VideoCodec, Wishes};

/// The longest Reel.
pub(super) const LONGEST_REEL: Duration = Duration::from_secs(90);

/// 3 to 90 s, at least 540 × 960, and 9:16 to 16:9 (error 1363040 outside). 24 to 60 frames per second. H.264
/// or H.265 in 4:2:0, with VP9 and AV1 accepted; AAC in stereo at 48 kHz. MP4 is recommended. Meta states no
/// file size, so that of plain videos applies.
pub(super) const REEL: Limits = Limits {
    surface: "Facebook Reels",
    min_duration: Some(Duration::from_secs(3)),
    max_duration: LONGEST_REEL,
    max_bytes: Some(10_000_000_000),
    min_sides: Some((540, 960)),
    max_side: None,
    max_width: None,
    aspect: Some(((9, 16), (16, 9))),
    frame_rate: Some((24.0, 60.0)),
    containers: Some(&[Container::Mp4, Container::Mov]),
    video_codecs: Some(&[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp9, VideoCodec::Av1]),
    audio_codecs: Some(&[AudioCodec::Aac]),
    wishes: Wishes {
        orientation: Orientation::VerticalPreferred,
        containers: Some(&[Container::Mp4]),
        video_codecs: Some(&[VideoCodec::H264, VideoCodec::H265]),
        chroma: Some(Chroma::C420),
        max_sample_rate: Some(48_000),
        max_channels: Some(2),
        ..Wishes::NONE
    },
};

/// Every video that is no Reel: 9:16 to 16:9. 10 GB and 4 h come from other vendors; Meta's own page has no
/// numbers.
pub(super) const VIDEO: Limits = Limits {
    surface: "Facebook video",
    min_duration: None,
    max_duration: Duration::from_hours(4),
    min_sides: None,
    frame_rate: None,
    audio_codecs: None,
    wishes: Wishes::NONE,
    ..REEL
};
