//! What videos TikTok takes (Content Posting API, media transfer guide, "Video restrictions").

use std::time::Duration;

use crate::video::{Container, Limits, Orientation, VideoCodec, Wishes};

/// 4 GB, 23 to 60 pictures a second, sides of 360 to 4096, MP4, `WebM`, MOV, and ten minutes, of which an account may
/// have less (`max_video_post_duration_sec`). The least duration stands on none of TikTok's pages: 3 s is what
/// publishers report. No aspect, bit rate or audio codec is named.
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
        // "1080p" is the most by the guide's words; publishers report it of the shorter side.
        max_short_side: Some(1080),
        // Both marked as preferred.
        containers: Some(&[Container::Mp4]),
        video_codecs: Some(&[VideoCodec::H264]),
        ..Wishes::NONE
    },
};

/// The same for a draft; its owner can cut it in the app, so the account's own duration does not bind it.
pub(super) const INBOX: Limits = Limits { surface: "TikTok's inbox", ..DIRECT };
