use std::time::Duration;

use bytes::Bytes;

use super::frugal::{atom, find};
use super::server::{Server, raw, sources};
use crate::video::sparse_buffer::{Pause, SparseBuffer};
use crate::video::{AudioCodec, Chroma, Container, VideoCodec, VideoFacts, probe};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/video/", $name)).as_slice()
    };
}

pub(super) use fixture;

struct Expected {
    name: &'static str,
    bytes: &'static [u8],
    facts: VideoFacts,
}

#[expect(clippy::too_many_arguments, reason = "a table's columns")]
fn row(
    name: &'static str,
    bytes: &'static [u8],
    container: Container,
    millis: u64,
    (width, height, rotation): (u32, u32, u16),
    frame_rate: f64,
    video_codec: VideoCodec,
    audio_codec: Option<AudioCodec>,
) -> Expected {
    // All of them are in mono or silent, and no VP8 or VP9 in WebM says how it is colored.
    let vp = matches!(video_codec, VideoCodec::Vp8 | VideoCodec::Vp9);
    let has_sound = audio_codec.is_some();
    let facts = VideoFacts {
        duration: Some(Duration::from_millis(millis)),
        width: Some(width),
        height: Some(height),
        rotation,
        frame_rate: Some(frame_rate),
        video_codec: Some(video_codec),
        audio_codec,
        chroma: (!vp).then_some(Chroma::C420),
        bit_depth: (!vp).then_some(8),
        channels: has_sound.then_some(1),
        fragmented: name.starts_with("fragmented"),
        ..VideoFacts::unread(container, bytes.len().try_into().unwrap())
    };
    Expected { name, bytes, facts }
}

/// What ffprobe 5.1 says of each: see the README beside the files.
fn fixtures() -> Vec<Expected> {
    use AudioCodec::{Aac, Opus, Vorbis};
    use Container::{Matroska, Mov, Mp4, Webm};
    use VideoCodec::{Av1, H264, H265, Vp8, Vp9};
    let ntsc = |frames: f64| frames * 1_000.0 / 1_001.0;
    vec![
        row(
            "faststart",
            fixture!("portrait_h264_faststart.mp4"),
            Mp4,
            3_500,
            (180, 320, 0),
            30.0,
            H264,
            Some(Aac),
        ),
        row(
            "rotated",
            fixture!("rotated_h264.mov"),
            Mov,
            3_204,
            (180, 320, 270),
            ntsc(30.0),
            H264,
            Some(Aac),
        ),
        row(
            "moov last",
            fixture!("silent_hevc_moov_last.mp4"),
            Mp4,
            4_004,
            (320, 240, 0),
            ntsc(24.0),
            H265,
            None,
        ),
        row("fragmented", fixture!("fragmented_h264.mp4"), Mp4, 4_000, (240, 320, 0), 25.0, H264, Some(Aac)),
        row("webm", fixture!("vp9_opus.webm"), Webm, 3_008, (180, 320, 0), 60.0, Vp9, Some(Opus)),
        row("live", fixture!("live_vp8.webm"), Webm, 3_000, (180, 320, 0), 25.0, Vp8, Some(Vorbis)),
        row("matroska", fixture!("av1.mkv"), Matroska, 3_000, (180, 320, 0), 25.0, Av1, None),
    ]
}

fn assert_same(found: &VideoFacts, expected: &Expected) {
    let name = expected.name;
    let (rate, right) = (found.frame_rate.expect(name), expected.facts.frame_rate.unwrap());
    assert!((rate - right).abs() < 0.05, "{name}: {rate} pictures per second");
    let apart = found.duration.unwrap().abs_diff(expected.facts.duration.unwrap());
    assert!(apart.as_secs_f64() <= 1.0 / right, "{name}: {:?}", found.duration);
    let brand = match found.container {
        Container::Mp4 => Some("isom"),
        Container::Mov => Some("qt"),
        _ => None,
    };
    let brand = if found.fragmented { Some("iso5") } else { brand };
    assert_eq!(found.brand.as_deref(), brand, "{name}");
    let told = expected.facts.clone();
    let rest = VideoFacts {
        frame_rate: told.frame_rate,
        duration: told.duration,
        brand: None,
        sample_rate: None,
        ..found.clone()
    };
    assert_eq!(rest, expected.facts, "{name}");
}

fn examine(buffer: &SparseBuffer) -> Result<VideoFacts, Pause> {
    let mut facts = None;
    crate::video::probe::examine(buffer, &mut facts)?;
    Ok(facts.unwrap())
}

fn buffered(bytes: &[u8]) -> SparseBuffer {
    let mut buffer = SparseBuffer::new(bytes.len().try_into().unwrap());
    buffer.add(0, Bytes::copy_from_slice(bytes));
    buffer
}

#[tokio::test]
async fn fixtures_are_what_ffprobe_says() {
    for expected in fixtures() {
        let server = Server::honest(expected.bytes);
        let file = sources().open(&server.url("/video.mp4")).await.unwrap();
        let found = probe(&sources(), &file).await.expect(expected.name);
        assert_same(&found, &expected);
        assert!(server.seen().len() <= 3, "{}: {} requests", expected.name, server.seen().len());
    }
}

#[tokio::test]
async fn a_source_without_ranges_is_probed_from_its_beginning() {
    let expected = fixtures().remove(0);
    let bytes = expected.bytes;
    let server = Server::start(move |_| raw(&format!("200 OK\r\ncontent-length: {}", bytes.len()), bytes));
    let file = sources().open(&server.url("/video.mp4")).await.unwrap();
    assert!(!file.file.ranged);
    assert_same(&probe(&sources(), &file).await.unwrap(), &expected);
}

#[tokio::test]
async fn a_text_named_mp4_is_not_a_video() {
    for text in ["<!doctype html><title>Sign in</title>", "hello", "x", "\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let server = Server::honest(text.as_bytes());
        let file = sources().open(&server.url("/video.mp4")).await.unwrap();
        let error = probe(&sources(), &file).await.unwrap_err();
        assert_eq!(error.code(), "video_not_a_video", "{text}");
        assert!(error.message().contains("doesn't lead to a video"));
    }
}

#[test]
fn every_truncation_ends_in_an_error_or_in_facts() {
    for Expected { name, bytes, .. } in fixtures() {
        for length in (0..bytes.len()).step_by(7).chain(bytes.len().saturating_sub(64)..bytes.len()) {
            let result = examine(&buffered(&bytes[..length]));
            assert!(
                !matches!(result, Err(Pause::Need(_))),
                "{name} cut at {length} asks for more than there is"
            );
        }
    }
}

#[test]
fn no_mutation_panics_or_asks_for_bytes_outside_the_file() {
    // A fixed sequence (xorshift): the same mutations on every run.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for Expected { name, bytes, .. } in fixtures() {
        // Headers are where a change matters: they lie at either end.
        let edge = bytes.len().min(2_048);
        for round in 0..1_500 {
            let mut mutated = bytes.to_vec();
            for _ in 0..=next() % 4 {
                let place = usize::try_from(next() % u64::try_from(edge).unwrap()).unwrap();
                let place = if next() % 2 == 0 { place } else { bytes.len() - 1 - place };
                mutated[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, next().to_be_bytes()[0]][usize::try_from(next() % 6).unwrap()];
            }
            let size = u64::try_from(mutated.len()).unwrap();
            if let Err(Pause::Need(need)) = examine(&buffered(&mutated)) {
                panic!("{name}, round {round}: asks for {need:?} of {size} bytes, all of them read");
            }
        }
    }
}

#[test]
fn a_tail_full_of_look_alikes_does_not_cost_a_walk_each() {
    // A live recording's header, then half a megabyte of voids that each hold an endless cluster.
    let mut bytes = fixture!("live_vp8.webm").to_vec();
    bytes.truncate(bytes.windows(4).position(|window| window == [0x1F, 0x43, 0xB6, 0x75]).unwrap());
    bytes.extend([0xEC, 0x85, 0x1F, 0x43, 0xB6, 0x75, 0xFF].repeat(75_000));
    assert_eq!(examine(&buffered(&bytes)).unwrap().duration, None);
}

#[test]
fn hostile_headers_are_errors() {
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    let set = |kind: &[u8; 4], offset: usize, bytes: &[u8]| {
        let mut changed = mp4.to_vec();
        let at = find(&changed, kind).start + offset;
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let ftyp = &mp4[find(mp4, b"ftyp")];
    let table: &[(&str, Vec<u8>, &str)] = &[
        ("zero timescale", set(b"mdhd", 20, &[0; 4]), "video_malformed"),
        ("zero movie timescale", set(b"mvhd", 20, &[0; 4]), "video_malformed"),
        ("a table of 2^32 entries", set(b"stts", 12, &[0xFF; 4]), "video_malformed"),
        ("a box of size 4", set(b"trak", 0, &[0, 0, 0, 4]), "video_malformed"),
        ("a child longer than its parent", set(b"trak", 0, &[0x7F; 4]), "video_malformed"),
        ("a movie header of 2 GB", set(b"moov", 0, &[0x7F; 4]), "video_incomplete"),
        (
            "a box of 2^63",
            [ftyp, &[0, 0, 0, 1], b"mdat", &[0x80, 0, 0, 0, 0, 0, 0, 0], &[0; 64]].concat(),
            "video_incomplete",
        ),
        ("a box of 2^64", [ftyp, &[0, 0, 0, 1], b"free", &[0xFF; 8], &[0; 64]].concat(), "video_malformed"),
        ("no header at all", [ftyp, &atom(b"mdat", &[0; 64])].concat(), "video_incomplete"),
        ("sound only", set(b"hdlr", 16, b"meta"), "video_no_video_track"),
        (
            "an endless EBML header",
            [[0x1A, 0x45, 0xDF, 0xA3].as_slice(), &[0xFF; 64]].concat(),
            "video_malformed",
        ),
        (
            "an EBML header of petabytes",
            [[0x1A, 0x45, 0xDF, 0xA3, 0x01, 0x70].as_slice(), &[0; 64]].concat(),
            "video_incomplete",
        ),
    ];
    for (name, bytes, code) in table {
        match examine(&buffered(bytes)) {
            Err(Pause::Fail(error)) => assert_eq!(error.code(), *code, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}
