//! What videos YouTube takes (YouTube Data API, `videos.insert`; YouTube Help 71673 and 15424877).

use std::time::Duration;

use crate::video::{Container, Limits, VideoCodec, VideoFacts, Wishes};

/// 256 GB and 12 hours, of which a channel that is not verified has 15 minutes. YouTube names no least length and no
/// sizes of picture, and takes whatever it can convert.
pub(super) const VIDEO: Limits = Limits {
    surface: "YouTube",
    min_duration: None,
    max_duration: Duration::from_hours(12),
    max_bytes: Some(274_877_906_944),
    min_sides: None,
    max_side: None,
    max_width: None,
    aspect: None,
    frame_rate: None,
    containers: &[Container::Mp4, Container::Mov, Container::Webm, Container::Matroska],
    video_codecs: &[
        VideoCodec::H264,
        VideoCodec::H265,
        VideoCodec::Vp8,
        VideoCodec::Vp9,
        VideoCodec::Av1,
        VideoCodec::ProRes,
    ],
    audio_codecs: None,
    wishes: Wishes::NONE,
};

/// Square or vertical, and at most three minutes: YouTube makes a Short of it, asked or not.
pub(super) const SHORT: Limits =
    Limits { surface: "YouTube Shorts", max_duration: Duration::from_mins(3), ..VIDEO };

/// Whether YouTube makes a Short of it.
pub(super) fn is_short(facts: &VideoFacts) -> bool {
    !facts.is_horizontal() && facts.duration <= SHORT.max_duration
}
