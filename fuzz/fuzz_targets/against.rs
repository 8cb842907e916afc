//! Our reading against libraries that read whole files: `mp4parse` and `matroska-demuxer`.
//!
//! The first byte chooses a fixture; the others put its boxes or elements in another order, with padding between. Our
//! reading must find the same facts as in the fixture, and so must the library, unless it refuses the file.
#![no_main]

use std::io::Cursor;

use matroska_demuxer::{MatroskaFile, TrackType as Kind};
use mp4parse::{CodecType, SampleEntry, TrackType};
use social_core::video::{AudioCodec, VideoCodec, VideoFacts, fuzzing};
use social_fuzz::shuffle::{Choices, boxes, elements};

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/video/", $name)).as_slice()
    };
}

const MP4: [&[u8]; 8] = [
    fixture!("portrait_h264_faststart.mp4"),
    fixture!("rotated_h264.mov"),
    fixture!("silent_hevc_moov_last.mp4"),
    fixture!("fragmented_h264.mp4"),
    fixture!("w01-chromium-mediarecorder-h264.mp4"),
    fixture!("w06-opencv-mp4v.mp4"),
    fixture!("w11-yuv444p-aac96k.mp4"),
    fixture!("r01-c2pa-signed-vfr-fragments.mp4"),
];
const MATROSKA: [&[u8]; 6] = [
    fixture!("av1.mkv"),
    fixture!("live_vp8.webm"),
    fixture!("vp9_opus.webm"),
    fixture!("w03-gstreamer-webmmux-vp8.webm"),
    fixture!("w05-chromium-webm-remuxed-ffmpeg9.webm"),
    fixture!("r02-chromium-webm-without-duration.webm"),
];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((&first, rest)) = input.split_first() else { return };
    let (choice, mut choices) = (usize::from(first) % (MP4.len() + MATROSKA.len()), Choices(rest));
    if let Some(file) = MP4.get(choice) {
        let shuffled = boxes(file, &mut choices);
        let ours = fuzzing::mp4(&shuffled).expect("a file in another order");
        assert_same(&ours, &fuzzing::mp4(file).expect("a fixture"));
        against_mp4parse(&shuffled, &ours);
    } else if let Some(file) = MATROSKA.get(choice - MP4.len()) {
        let shuffled = elements(file, &mut choices);
        let ours = fuzzing::matroska(&shuffled).expect("a file in another order");
        assert_same(&ours, &fuzzing::matroska(file).expect("a fixture"));
        against_demuxer(&shuffled, &ours);
    }
});

fn assert_same(ours: &VideoFacts, of_fixture: &VideoFacts) {
    assert_eq!(*ours, VideoFacts { size: ours.size, ..of_fixture.clone() });
}

/// The stored frame, before rotation.
fn stored(facts: &VideoFacts) -> Option<(u64, u64)> {
    let (width, height) = facts.sides()?;
    let turned = if facts.rotation % 180 == 90 { (height, width) } else { (width, height) };
    Some((turned.0.into(), turned.1.into()))
}

fn against_mp4parse(file: &[u8], ours: &VideoFacts) {
    let Ok(theirs) = mp4parse::read_mp4(&mut Cursor::new(file)) else { return };
    for track in &theirs.tracks {
        let Some(entry) = track.stsd.as_ref().and_then(|stsd| stsd.descriptions.first()) else { continue };
        match (&track.track_type, entry) {
            (TrackType::Video, SampleEntry::Video(entry)) => {
                assert_eq!(stored(ours), Some((entry.width.into(), entry.height.into())));
                let codec = match entry.codec_type {
                    CodecType::H264 => VideoCodec::H264,
                    CodecType::AV1 => VideoCodec::Av1,
                    CodecType::VP9 => VideoCodec::Vp9,
                    CodecType::MP4V => VideoCodec::Other("mp4v".to_owned()),
                    _ => continue,
                };
                assert_eq!(ours.video_codec, Some(codec));
            }
            (TrackType::Audio, SampleEntry::Audio(entry)) => {
                let codec = match entry.codec_type {
                    CodecType::AAC => AudioCodec::Aac,
                    CodecType::MP3 => AudioCodec::Mp3,
                    CodecType::Opus => AudioCodec::Opus,
                    _ => continue,
                };
                assert_eq!(ours.audio_codec, Some(codec));
                let rates = (ours.sample_rate.map(f64::from), entry.samplerate);
                assert!(rates.0.is_none_or(|rate| (rate - rates.1).abs() < 1.0 || rates.1 < 1.0), "{rates:?}");
            }
            _ => {}
        }
    }
}

fn against_demuxer(file: &[u8], ours: &VideoFacts) {
    let Ok(theirs) = MatroskaFile::open(Cursor::new(file)) else { return };
    let of = |kind: Kind| theirs.tracks().iter().find(move |track| track.track_type() == kind);
    if let Some(video) = of(Kind::Video).and_then(|track| track.video()) {
        assert_eq!(stored(ours), Some((video.pixel_width().get(), video.pixel_height().get())));
    }
    assert_eq!(of(Kind::Audio).is_some(), ours.audio_codec.is_some());
    if let (Some(ticks), Some(ours)) = (theirs.info().duration(), ours.duration) {
        let scale = f64::from(u32::try_from(theirs.info().timestamp_scale().get()).expect("a scale"));
        assert!((ticks * scale / 1e9 - ours.as_secs_f64()).abs() < 0.001, "{ticks} {ours:?}");
    }
}
