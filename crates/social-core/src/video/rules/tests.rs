use std::time::Duration;

use super::*;
use crate::video::{AudioCodec, Chroma, Container, VideoCodec};

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
    containers: Some(&[Container::Mp4, Container::Mov, Container::Webm]),
    video_codecs: Some(&[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp8, VideoCodec::Vp9]),
    audio_codecs: Some(&[AudioCodec::Aac]),
    wishes: Wishes {
        orientation: Orientation::VerticalPreferred,
        max_duration: Some(Duration::from_secs(90)),
        max_short_side: Some(1080),
        max_bit_rate: Some(25_000_000),
        containers: Some(&[Container::Mp4]),
        video_codecs: Some(&[VideoCodec::H264]),
        chroma: Some(Chroma::C420),
        max_sample_rate: Some(48_000),
        max_channels: Some(2),
    },
};

fn fine() -> VideoFacts {
    VideoFacts {
        brand: Some("isom".to_owned()),
        duration: Some(Duration::from_secs(30)),
        width: Some(1080),
        height: Some(1920),
        frame_rate: Some(29.97),
        video_codec: Some(VideoCodec::H264),
        audio_codec: Some(AudioCodec::Aac),
        chroma: Some(Chroma::C420),
        bit_depth: Some(8),
        sample_rate: Some(48_000),
        channels: Some(2),
        ..VideoFacts::unread(Container::Mp4, 20_000_000)
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
        let edge = VideoFacts {
            duration: Some(Duration::from_secs(seconds)),
            size,
            frame_rate: Some(rate),
            ..fine()
        };
        assert_eq!(codes(&edge, None), (vec![], vec![]));
    }
    for (width, height) in [(540, 960), (1080, 1920), (1080, 1080), (544, 960), (1081, 1922)] {
        assert_eq!(
            codes(&VideoFacts { width: Some(width), height: Some(height), ..fine() }, None).0,
            [""; 0],
            "{width}×{height}"
        );
    }
}

#[test]
fn each_limit_has_its_own_code() {
    let table = [
        (VideoFacts { duration: Some(Duration::from_millis(2_999)), ..fine() }, "video_too_short"),
        (VideoFacts { duration: Some(Duration::from_millis(600_001)), ..fine() }, "video_too_long"),
        (VideoFacts { size: 4_294_967_297, ..fine() }, "video_too_large"),
        (VideoFacts { width: Some(539), height: Some(958), ..fine() }, "video_too_small"),
        (VideoFacts { width: Some(540), height: Some(959), ..fine() }, "video_too_small"),
        (VideoFacts { width: Some(2304), height: Some(4097), ..fine() }, "video_too_wide"),
        (VideoFacts { width: Some(1922), height: Some(1920), ..fine() }, "video_too_wide"),
        (VideoFacts { width: Some(1080), height: Some(2340), ..fine() }, "video_aspect"),
        (VideoFacts { width: Some(1920), height: Some(800), ..fine() }, "video_aspect"),
        (VideoFacts { frame_rate: Some(15.0), ..fine() }, "video_frame_rate"),
        (VideoFacts { frame_rate: Some(120.0), ..fine() }, "video_frame_rate"),
        (VideoFacts { container: Container::Matroska, ..fine() }, "video_container"),
        (VideoFacts { video_codec: Some(VideoCodec::Av1), ..fine() }, "video_codec"),
        (VideoFacts { audio_codec: Some(AudioCodec::Opus), ..fine() }, "audio_codec"),
    ];
    for (facts, code) in table {
        assert!(codes(&facts, None).0.contains(&code), "{code}: {:?}", codes(&facts, None));
    }
}

#[test]
fn each_wish_has_its_own_warning_and_stops_nothing() {
    let table = [
        (VideoFacts { width: Some(1920), height: Some(1080), ..fine() }, "video_horizontal"),
        (VideoFacts { frame_rate: None, ..fine() }, "video_frame_rate_unknown"),
        (VideoFacts { duration: Some(Duration::from_millis(90_001)), ..fine() }, "video_shown_less"),
        (VideoFacts { width: Some(1440), height: Some(2560), ..fine() }, "video_scaled_down"),
        (VideoFacts { size: 93_750_004, ..fine() }, "video_bit_rate"),
        (VideoFacts { container: Container::Mov, ..fine() }, "video_container_converted"),
        (VideoFacts { video_codec: Some(VideoCodec::H265), ..fine() }, "video_codec_converted"),
        (VideoFacts { chroma: Some(Chroma::C444), ..fine() }, "video_pixel_format"),
        (VideoFacts { chroma: Some(Chroma::C422), ..fine() }, "video_pixel_format"),
        (VideoFacts { bit_depth: Some(10), ..fine() }, "video_pixel_format"),
        (VideoFacts { sample_rate: Some(96_000), ..fine() }, "audio_sample_rate"),
        (VideoFacts { channels: Some(6), ..fine() }, "audio_channels"),
        (VideoFacts { duration: None, ..fine() }, "video_facts_unknown"),
        (VideoFacts { width: None, ..fine() }, "video_facts_unknown"),
        (VideoFacts { video_codec: None, ..fine() }, "video_facts_unknown"),
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
        duration: Some(Duration::from_millis(1)),
        width: Some(2),
        height: Some(100_000),
        frame_rate: None,
        audio_codec: Some(AudioCodec::Pcm),
        size: u64::MAX,
        ..fine()
    };
    assert_eq!(judge(&free, &odd, None), Verdict::default());
}

#[test]
fn a_picture_more_or_less_is_within_a_limit() {
    let short =
        |rate| VideoFacts { duration: Some(Duration::from_secs(4)), frame_rate: Some(rate), ..fine() };
    assert_eq!(codes(&short(60.25), None).0, [""; 0]);
    assert_eq!(codes(&short(22.75), None).0, [""; 0]);
    assert_eq!(codes(&short(60.26), None).0, ["video_frame_rate"]);
}

#[test]
fn what_is_refused_by_name_says_what_to_do() {
    let of = |containers, facts| {
        judge(&Limits { containers, ..LIMITS }, &facts, None).errors.pop().unwrap().message
    };
    let avi = VideoFacts { container: Container::Avi, ..fine() };
    assert_eq!(
        of(LIMITS.containers, avi.clone()),
        "The file is AVI, but The stage only accepts MP4, MOV, WebM. To fix it, record in WebM or export as H.264 in MP4."
    );
    assert_eq!(
        of(Some(&[Container::Mp4, Container::Mov]), avi),
        "The file is AVI, but The stage only accepts MP4, MOV. To fix it, export it as H.264 in MP4."
    );
    let old = VideoFacts { video_codec: Some(VideoCodec::Other("mp4v".to_owned())), ..fine() };
    assert_eq!(
        of(LIMITS.containers, old),
        "The video codec is mp4v, but The stage only accepts H.264, H.265, VP8, VP9. To fix it, record in WebM or export as H.264 in MP4."
    );
}

#[test]
fn the_accounts_own_maximum_is_stricter_and_never_laxer() {
    let long = VideoFacts { duration: Some(Duration::from_secs(200)), ..fine() };
    assert_eq!(codes(&long, Some(180)).0, ["video_too_long_for_account"]);
    assert_eq!(codes(&long, Some(200)).0, [""; 0]);
    let longer = VideoFacts { duration: Some(Duration::from_secs(601)), ..fine() };
    assert_eq!(codes(&longer, Some(3_600)).0, ["video_too_long"]);
}

#[test]
fn messages_name_what_was_found_and_what_is_allowed() {
    let long = VideoFacts {
        duration: Some(Duration::from_millis(605_500)),
        size: 5_250_000_000,
        width: Some(300),
        height: Some(700),
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
