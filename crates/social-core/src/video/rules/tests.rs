use std::time::Duration;

use super::*;
use crate::video::{AudioCodec, Container, VideoCodec};

const LIMITS: Limits = Limits {
    surface: "The stage",
    min_duration: Some(Duration::from_secs(3)),
    max_duration: Duration::from_mins(10),
    max_bytes: Some(4_294_967_296),
    min_sides: Some((540, 960)),
    max_side: Some(4096),
    max_width: Some(1920),
    aspect: Some(((9, 16), (16, 9))),
    frame_rate: Some((23.0, 60.0)),
    containers: &[Container::Mp4, Container::Mov, Container::Webm],
    video_codecs: &[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp8, VideoCodec::Vp9],
    audio_codecs: Some(&[AudioCodec::Aac]),
    wishes: Wishes {
        orientation: Orientation::VerticalPreferred,
        max_duration: Some(Duration::from_secs(90)),
        max_short_side: Some(1080),
        max_bit_rate: Some(25_000_000),
        containers: Some(&[Container::Mp4]),
        video_codecs: Some(&[VideoCodec::H264]),
    },
};

fn fine() -> VideoFacts {
    VideoFacts {
        container: Container::Mp4,
        brand: Some("isom".to_owned()),
        duration: Duration::from_secs(30),
        width: 1080,
        height: 1920,
        rotation: 0,
        frame_rate: Some(29.97),
        video_codec: VideoCodec::H264,
        audio_codec: Some(AudioCodec::Aac),
        size: 20_000_000,
        fragmented: false,
    }
}

fn codes(facts: &VideoFacts, live: Option<u64>) -> (Vec<&'static str>, Vec<&'static str>) {
    let verdict = judge(&LIMITS, facts, live.map(Duration::from_secs));
    let of = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.code).collect();
    (of(verdict.errors), of(verdict.warnings))
}

#[test]
fn a_fine_video_passes_and_so_does_one_at_the_limits() {
    assert_eq!(codes(&fine(), None), (vec![], vec![]));
    assert_eq!(codes(&VideoFacts { audio_codec: None, ..fine() }, None), (vec![], vec![]), "silent");
    for (seconds, size, rate) in [(3, 1, 23.0), (90, 281_000_000, 60.02)] {
        let edge =
            VideoFacts { duration: Duration::from_secs(seconds), size, frame_rate: Some(rate), ..fine() };
        assert_eq!(codes(&edge, None), (vec![], vec![]));
    }
    for (width, height) in [(540, 960), (1080, 1920), (1080, 1080), (544, 960), (1081, 1922)] {
        assert_eq!(codes(&VideoFacts { width, height, ..fine() }, None).0, [""; 0], "{width}×{height}");
    }
}

#[test]
fn each_limit_has_its_own_code() {
    let table = [
        (VideoFacts { duration: Duration::from_millis(2_999), ..fine() }, "video_too_short"),
        (VideoFacts { duration: Duration::from_millis(600_001), ..fine() }, "video_too_long"),
        (VideoFacts { size: 4_294_967_297, ..fine() }, "video_too_large"),
        (VideoFacts { width: 539, height: 958, ..fine() }, "video_too_small"),
        (VideoFacts { width: 540, height: 959, ..fine() }, "video_too_small"),
        (VideoFacts { width: 2304, height: 4097, ..fine() }, "video_too_wide"),
        (VideoFacts { width: 1922, height: 1920, ..fine() }, "video_too_wide"),
        (VideoFacts { width: 1080, height: 2340, ..fine() }, "video_aspect"),
        (VideoFacts { width: 1920, height: 800, ..fine() }, "video_aspect"),
        (VideoFacts { frame_rate: Some(15.0), ..fine() }, "video_frame_rate"),
        (VideoFacts { frame_rate: Some(120.0), ..fine() }, "video_frame_rate"),
        (VideoFacts { container: Container::Matroska, ..fine() }, "video_container"),
        (VideoFacts { video_codec: VideoCodec::Av1, ..fine() }, "video_codec"),
        (VideoFacts { audio_codec: Some(AudioCodec::Opus), ..fine() }, "audio_codec"),
    ];
    for (facts, code) in table {
        assert!(codes(&facts, None).0.contains(&code), "{code}: {:?}", codes(&facts, None));
    }
}

#[test]
fn each_wish_has_its_own_warning_and_stops_nothing() {
    let table = [
        (VideoFacts { width: 1920, height: 1080, ..fine() }, "video_horizontal"),
        (VideoFacts { frame_rate: None, ..fine() }, "video_frame_rate_unknown"),
        (VideoFacts { duration: Duration::from_millis(90_001), ..fine() }, "video_shown_less"),
        (VideoFacts { width: 1440, height: 2560, ..fine() }, "video_scaled_down"),
        (VideoFacts { size: 93_750_004, ..fine() }, "video_bit_rate"),
        (VideoFacts { container: Container::Mov, ..fine() }, "video_container_converted"),
        (VideoFacts { video_codec: VideoCodec::H265, ..fine() }, "video_codec_converted"),
    ];
    for (facts, code) in table {
        assert_eq!(codes(&facts, None), (vec![], vec![code]));
    }
}

#[test]
fn what_a_surface_does_not_limit_is_not_judged() {
    let free = Limits {
        min_duration: None,
        max_bytes: None,
        min_sides: None,
        max_side: None,
        max_width: None,
        aspect: None,
        frame_rate: None,
        audio_codecs: None,
        wishes: Wishes::NONE,
        ..LIMITS
    };
    let odd = VideoFacts {
        duration: Duration::from_millis(1),
        width: 2,
        height: 100_000,
        frame_rate: None,
        audio_codec: Some(AudioCodec::Pcm),
        size: u64::MAX,
        ..fine()
    };
    assert_eq!(judge(&free, &odd, None), Verdict::default());
}

#[test]
fn the_accounts_own_maximum_is_stricter_and_never_laxer() {
    let long = VideoFacts { duration: Duration::from_secs(200), ..fine() };
    assert_eq!(codes(&long, Some(180)).0, ["video_too_long_for_account"]);
    assert_eq!(codes(&long, Some(200)).0, [""; 0]);
    let longer = VideoFacts { duration: Duration::from_secs(601), ..fine() };
    assert_eq!(codes(&longer, Some(3_600)).0, ["video_too_long"]);
}

#[test]
fn messages_name_what_was_found_and_what_is_allowed() {
    let long = VideoFacts {
        duration: Duration::from_millis(605_500),
        size: 5_250_000_000,
        width: 300,
        height: 700,
        frame_rate: Some(12.5),
        ..fine()
    };
    let verdict = judge(&LIMITS, &long, None);
    let messages: Vec<_> =
        verdict.errors.iter().chain(&verdict.warnings).map(|finding| finding.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "The file is 5.25 GB. The stage allows up to 4.29 GB.",
            "The video is 10 min 5.500 s long. The stage allows up to 10 min.",
            "The video is 300×700 pixels. The stage needs at least 540×960.",
            "The video is 300×700 pixels. The stage needs an aspect ratio from 9:16 to 16:9.",
            "The video has 12.50 frames per second. The stage needs 23 to 60.",
            "The video is 10 min 5.500 s long. The stage shows it everywhere only up to 1 min 30 s.",
            "The bit rate is 69.3 Mbit/s. The stage recommends up to 25.0 Mbit/s and may refuse or re-encode the video.",
        ]
    );
}
