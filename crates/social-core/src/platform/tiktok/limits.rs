//! The video limits of TikTok (Content Posting API, media transfer guide, "Video restrictions").

use std::time::Duration;

use crate::video::{Container, Limits, Orientation, VideoCodec, Wishes};

/// 4 GB, 23 to 60 frames per second, sides of 360 to 4096, MP4, `WebM`, MOV, and ten minutes, of which an
/// account may have less (`max_video_post_duration_sec`). TikTok's pages name no shortest duration:
/// publishers report 3 s. They name no aspect ratio, bit rate or audio codec.
pub(super) const DIRECT: Limits = Limits {
    surface: "TikTok",
    min_duration: Some(Duration::from_secs(3)),
    max_duration: Duration::from_mins(10),
    max_bytes: Some(4_294_967_296),
    min_sides: Some((360, 360)),
    max_side: Some(4096),
    max_width: None,
    aspect: None,
    frame_rate: Some((23.0, 60.0)),
    containers: Some(&[Container::Mp4, Container::Mov, Container::Webm]),
    video_codecs: Some(&[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp8, VideoCodec::Vp9]),
    audio_codecs: None,
    wishes: Wishes {
        orientation: Orientation::VerticalPreferred,
        // The guide names "1080p" as the maximum; publishers report it of the shorter side.
        max_short_side: Some(1080),
        // Both marked as preferred.
        containers: Some(&[Container::Mp4]),
        video_codecs: Some(&[VideoCodec::H264]),
        ..Wishes::NONE
    },
};

/// The limits of a draft. Its owner can cut it in the app, so the account's own duration does not apply.
pub(super) const INBOX: Limits = Limits { surface: "TikTok's inbox", ..DIRECT };
