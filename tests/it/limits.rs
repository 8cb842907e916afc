//! The tables of limits in the docs match the limits in the code.

use std::fs;
use std::time::Duration;

use social_core::platform::FACTS;
use social_core::video::{
    AudioCodec, Chroma, Container, Finding, Limits, Orientation, VideoCodec, VideoFacts, judge,
};

const NONE: &str = "–";

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds >= 3600 && seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| NONE.to_owned())
}

/// A format's row in the table of limits.
fn row(limits: &Limits) -> String {
    let most = span(limits.max_duration);
    let lasts = limits
        .min_duration
        .map_or_else(|| format!("up to {most}"), |least| format!("{} to {most}", span(least)));
    let sides = limits.min_sides.map(|(short, long)| format!("at least {short} × {long}"));
    let side = limits.max_side.map(|most| format!("a side at most {most}"));
    let width = limits.max_width.map(|most| format!("at most {most} wide"));
    let picture: Vec<String> = [sides, side, width].into_iter().flatten().collect();
    let ratio = |(width, height): (u32, u32)| format!("{width}:{height}");
    let cells = [
        limits.surface.to_owned(),
        lasts,
        or_none(limits.max_bytes.map(grouped)),
        or_none((!picture.is_empty()).then(|| picture.join(", "))),
        or_none(limits.aspect.map(|(narrow, wide)| format!("{} to {}", ratio(narrow), ratio(wide)))),
        or_none(limits.frame_rate.map(|(least, most)| format!("{least} to {most}"))),
        limits.containers.map_or_else(|| "any".to_owned(), list),
        limits.video_codecs.map_or_else(|| "any".to_owned(), list),
        limits.audio_codecs.map_or_else(|| "any".to_owned(), list),
    ];
    format!("| {} |", cells.join(" | "))
}

/// A format's row in the table of warnings.
fn wishes(limits: &Limits) -> String {
    let wishes = &limits.wishes;
    let not_among = |list: String| format!("not {list}");
    let found: Vec<String> = [
        (wishes.orientation == Orientation::VerticalPreferred).then(|| "wider than high".to_owned()),
        wishes.max_duration.map(|most| format!("over {}", span(most))),
        wishes.max_short_side.map(|most| format!("over {most} on the shorter side")),
        wishes.max_bit_rate.map(|most| format!("over {} Mbit/s", most / 1_000_000)),
        wishes.containers.map(list).map(not_among),
        wishes.video_codecs.map(list).map(not_among),
        wishes.chroma.map(|chroma| format!("not {chroma}; H.264 over 8 bits")),
        wishes.max_sample_rate.map(|most| format!("audio over {} kHz", most / 1_000)),
        wishes.max_channels.map(|most| format!("over {most} channels")),
        limits.frame_rate.map(|_| "frame rate unknown".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let found = if found.is_empty() { NONE.to_owned() } else { found.join("; ") };
    format!("| {} | {found} |", limits.surface)
}

#[test]
fn the_docs_tables_are_the_constants() {
    let docs = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/limits.md")).unwrap();
    let surfaces: Vec<&Limits> = FACTS.iter().flat_map(|facts| facts.surfaces).collect();
    assert!(surfaces.len() >= 7);
    let lines = |of: fn(&Limits) -> String| surfaces.iter().map(|limits| of(limits)).collect::<Vec<_>>();
    for (heading, expected) in
        [("| format | duration |", lines(row)), ("| format | warning if |", lines(wishes))]
    {
        let table = docs.lines().skip_while(|line| !line.starts_with(heading)).skip(2);
        let found: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        assert_eq!(found, expected, "the table should be:\n{}\n", expected.join("\n"));
    }
}

#[test]
fn what_we_cannot_read_is_for_youtube_to_judge_and_the_others_refuse_it_by_name() {
    let stream = VideoFacts::unread(Container::MpegTs, 1_000_000);
    let old = VideoFacts {
        duration: Some(Duration::from_secs(10)),
        width: Some(720),
        height: Some(1280),
        frame_rate: Some(30.0),
        video_codec: Some(VideoCodec::Other("mp4v".to_owned())),
        ..VideoFacts::unread(Container::Mp4, 1_000_000)
    };
    for limits in FACTS.iter().flat_map(|facts| facts.surfaces) {
        let codes = |findings: &[Finding]| findings.iter().map(|found| found.code).collect::<Vec<_>>();
        let of = |facts| judge(limits, facts, None);
        let (stream, old) = (of(&stream), of(&old));
        if limits.surface.starts_with("YouTube") {
            assert!(stream.passes() && old.passes(), "{}", limits.surface);
            assert_eq!(codes(&stream.warnings), ["video_facts_unknown", "video_container_converted"]);
            assert_eq!(codes(&old.warnings), ["video_codec_converted"]);
        } else {
            assert_eq!(codes(&stream.errors), ["video_container"], "{}", limits.surface);
            assert!(stream.errors[0].message.contains("is MPEG-TS"), "{}", stream.errors[0].message);
            assert!(stream.errors[0].message.contains("as H.264 in MP4"), "{}", stream.errors[0].message);
            assert_eq!(codes(&old.errors), ["video_codec"], "{}", limits.surface);
        }
    }
}

#[test]
fn more_color_and_sound_than_meta_names_earn_a_warning() {
    let fine = VideoFacts {
        duration: Some(Duration::from_secs(10)),
        width: Some(720),
        height: Some(1280),
        frame_rate: Some(30.0),
        video_codec: Some(VideoCodec::H264),
        audio_codec: Some(AudioCodec::Aac),
        chroma: Some(Chroma::C444),
        bit_depth: Some(8),
        sample_rate: Some(96_000),
        channels: Some(6),
        ..VideoFacts::unread(Container::Mp4, 1_000_000)
    };
    for limits in FACTS.iter().flat_map(|facts| facts.surfaces) {
        let verdict = judge(limits, &fine, None);
        assert!(verdict.passes(), "{}", limits.surface);
        let warned: Vec<_> = verdict.warnings.iter().map(|found| found.code).collect();
        let expected: &[&str] = match limits.surface {
            "Instagram Reels" | "Facebook Reels" => {
                &["video_pixel_format", "audio_sample_rate", "audio_channels"]
            }
            _ => &[],
        };
        assert_eq!(warned, expected, "{}", limits.surface);
    }
}
