//! The video limits of Instagram (content publishing, "Reel specifications").

use std::time::Duration;

use crate::video::{AudioCodec, Chroma, Container, Limits, Orientation, VideoCodec, Wishes};

/// MP4 or MOV; H.264 or HEVC in 4:2:0; AAC of at most 48 kHz in mono or stereo. 3 s to 15 min, and at most
/// 300 MB. 23 to 60 frames per second, at most 1920 columns, and an aspect ratio of 0.01:1 to 10:1. Above 90
/// s a Reel may not appear in the Reels tab. Above 25 Mbit/s it exceeds the recommendation. Stories are not
/// offered: no query tells whether a lost one was published.
pub(super) const REEL: Limits = Limits {
    surface: "Instagram Reels",
    min_duration: Some(Duration::from_secs(3)),
    max_duration: Duration::from_mins(15),
    max_bytes: Some(300_000_000),
    min_sides: None,
    max_side: None,
    max_width: Some(1920),
    aspect: Some(((1, 100), (10, 1))),
    frame_rate: Some((23.0, 60.0)),
    containers: Some(&[Container::Mp4, Container::Mov]),
    video_codecs: Some(&[VideoCodec::H264, VideoCodec::H265]),
    audio_codecs: Some(&[AudioCodec::Aac]),
    wishes: Wishes {
        orientation: Orientation::VerticalPreferred,
        max_duration: Some(Duration::from_secs(90)),
        max_bit_rate: Some(25_000_000),
        chroma: Some(Chroma::C420),
        max_sample_rate: Some(48_000),
        max_channels: Some(2),
        ..Wishes::NONE
    },
};
