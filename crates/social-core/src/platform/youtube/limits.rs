//! The video limits of YouTube (YouTube Data API, `videos.insert`; YouTube Help 71673 and 15424877).

use std::time::Duration;

use crate::video::{Container, Limits, VideoCodec, VideoFacts, Wishes};

/// Only verified channels may publish longer videos (YouTube Help 71673).
pub(super) const LONG: Duration = Duration::from_mins(15);

/// 256 GB and 12 hours, or 15 minutes for a channel that is not verified. YouTube names no shortest duration
/// and no frame sizes. It accepts any `video/*` and converts it. Unusual or unreadable properties only cause
/// a warning.
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
    containers: None,
    video_codecs: None,
    audio_codecs: None,
    wishes: Wishes {
        containers: Some(&[Container::Mp4, Container::Mov, Container::Webm, Container::Matroska]),
        video_codecs: Some(&[
            VideoCodec::H264,
            VideoCodec::H265,
            VideoCodec::Vp8,
            VideoCodec::Vp9,
            VideoCodec::Av1,
            VideoCodec::ProRes,
        ]),
        ..Wishes::NONE
    },
};

/// Square or vertical, and at most three minutes: YouTube turns it into a Short, requested or not.
pub(super) const SHORT: Limits =
    Limits { surface: "YouTube Shorts", max_duration: Duration::from_mins(3), ..VIDEO };

/// Reports whether YouTube turns it into a Short.
pub(super) fn is_short(facts: &VideoFacts) -> bool {
    let is_vertical = facts.sides().is_some_and(|(width, height)| width <= height);
    is_vertical && facts.duration.is_some_and(|duration| duration <= SHORT.max_duration)
}
