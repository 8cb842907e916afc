//! Files of real writers (`tests/fixtures/video/README.md` says which), and the ways in which writers differ.

use std::time::Duration;

use super::frugal::{atom, find};
use super::probing::fixture;
use super::truncation::probed;
use crate::video::{AudioCodec, Chroma, Container, VideoCodec, VideoFacts};

fn told(file: &[u8]) -> VideoFacts {
    probed(file).0.unwrap()
}

const CONTAINERS: [&[u8]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];

/// The boxes with those of each container in the opposite order.
fn backwards(boxes: &[u8]) -> Vec<u8> {
    let mut parts = Vec::new();
    let mut rest = boxes;
    while rest.len() >= 8 {
        let size = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
        let (found, next) = rest.split_at(size);
        let (kind, body) = (&found[4..8], &found[8..]);
        parts.push(if CONTAINERS.contains(&kind) { atom(kind, &backwards(body)) } else { found.to_vec() });
        rest = next;
    }
    parts.reverse();
    parts.concat()
}

#[test]
fn boxes_come_in_any_order() {
    for file in [fixture!("portrait_h264_faststart.mp4"), fixture!("rotated_h264.mov")] {
        let moov = find(file, b"moov");
        let turned = [&file[..moov.start], &backwards(&file[moov.clone()]), &file[moov.end..]].concat();
        assert_ne!(turned, file);
        assert_eq!(told(&turned), told(file));
    }
}

#[test]
fn a_recording_of_chromium_is_read() {
    let found = told(fixture!("w01-chromium-mediarecorder-h264.mp4"));
    assert_eq!((found.container, found.video_codec.clone()), (Container::Mp4, Some(VideoCodec::H264)));
    assert_eq!((found.sides(), found.audio_codec), (Some((540, 960)), None));
    assert!((found.frame_rate.unwrap() - 29.2).abs() < 0.05, "{:?}", found.frame_rate);
    assert!((found.duration.unwrap().as_secs_f64() - 3.63).abs() < 0.04, "{:?}", found.duration);
}

#[test]
fn a_track_without_sample_description_is_malformed() {
    let file = fixture!("portrait_h264_faststart.mp4");
    let stsd = find(file, b"stsd");
    for (name, at, bytes) in
        [("no box", stsd.start + 4, b"free".as_slice()), ("no entry", stsd.start + 16, &[0, 0, 0, 4])]
    {
        let mut changed = file.to_vec();
        changed[at..at + 4].copy_from_slice(bytes);
        assert_eq!(probed(&changed).0.unwrap_err().code(), "video_malformed", "{name}");
    }
}

#[test]
fn strings_of_matroska_end_at_the_first_nul() {
    let found = told(fixture!("w03-gstreamer-webmmux-vp8.webm"));
    assert_eq!((found.container, found.video_codec), (Container::Webm, Some(VideoCodec::Vp8)));
    // With audio, and a document type that ends in NUL.
    let file = fixture!("vp9_opus.webm").to_vec();
    let with = |from: &[u8], to: &[u8]| {
        let at = file.windows(from.len()).position(|window| window == from).unwrap();
        [&file[..at], to, &file[at + from.len()..]].concat()
    };
    assert_eq!(told(&with(b"A_OPUS", b"A_AAC\0")).audio_codec, Some(AudioCodec::Aac));
    assert_eq!(told(&with(b"webm", b"web\0")).container, Container::Matroska);
    assert_eq!(told(&with(b"V_VP9", b"V_\0P9")).video_codec, Some(VideoCodec::Other("V_".to_owned())));
}

#[test]
fn a_default_duration_that_is_no_rate_is_not_told() {
    let found = told(fixture!("w05-chromium-webm-remuxed-ffmpeg9.webm"));
    assert_eq!((found.video_codec, found.frame_rate), (Some(VideoCodec::Vp8), None));
}

#[test]
fn a_picture_that_lasts_no_time_is_not_counted() {
    // 105 frames of 512 ticks at 15360: the last one's duration becomes 0, as some recorders write.
    let file = fixture!("portrait_h264_faststart.mp4");
    let stts = find(file, b"stts");
    assert_eq!(file[stts.start + 12..stts.end], [0, 0, 0, 1, 0, 0, 0, 105, 0, 0, 2, 0]);
    let table = [0_u32, 2, 104, 512, 1, 0].map(u32::to_be_bytes).concat();
    let grown = atom(b"stts", &table);
    let mut changed = file.to_vec();
    changed.splice(stts.clone(), grown);
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"stbl"] {
        let at = find(file, kind).start;
        let size = u32::from_be_bytes(changed[at..at + 4].try_into().unwrap()) + 8;
        changed[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    assert_eq!(told(&changed).frame_rate, Some(30.0));
}

#[test]
fn a_stray_header_at_the_end_is_no_missing_end() {
    let stray: &[&[u8]] = &[
        &[0, 0, 0, 1, b'm', b'd', b'a', b't', 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF],
        &[0x7F, 0, 0, 0, b'm', b'd', b'a', b't'],
    ];
    for stray in stray {
        for file in [fixture!("fragmented_h264.mp4"), fixture!("portrait_h264_faststart.mp4")] {
            assert_eq!(told(&[file, stray].concat()).duration, told(file).duration);
        }
        // Behind fragments without an index, too.
        let file = fixture!("fragmented_h264.mp4");
        let file = &file[..find(file, b"mfra").start];
        assert_eq!(told(&[file, stray].concat()).duration, told(file).duration);
    }
}

#[test]
fn padding_and_tags_may_stand_before_the_brand() {
    let file = fixture!("portrait_h264_faststart.mp4");
    for kind in [b"free", b"skip", b"uuid", b"styp"] {
        let padded = [&atom(kind, &[0; 40]), file].concat();
        let size = padded.len().try_into().unwrap();
        assert_eq!(told(&padded), VideoFacts { size, ..told(file) });
    }
    for text in [b"For free video, see".as_slice(), b"the skip list", b"\0\0\x10\0free but not there"] {
        assert_eq!(probed(text).0.unwrap_err().code(), "video_not_a_video");
    }
}

#[test]
fn a_poster_that_is_switched_off_is_not_the_video() {
    let found = told(fixture!("w10-disabled-poster-track-first.mov"));
    assert_eq!((found.sides(), found.video_codec), (Some((540, 960)), Some(VideoCodec::H264)));
}

/// A file whose tracks are these, in this order.
fn with_tracks(file: &[u8], tracks: &[Vec<u8>]) -> Vec<u8> {
    let moov = find(file, b"moov");
    let mvhd = &file[find(file, b"mvhd")];
    let tracks = tracks.concat();
    [&file[..moov.start], &atom(b"moov", &[mvhd, &tracks].concat()), &file[moov.end..]].concat()
}

/// The movie header's tracks: video, audio.
fn tracks(file: &[u8]) -> Vec<Vec<u8>> {
    let moov = &file[find(file, b"moov")];
    let places = moov.windows(4).enumerate().filter(|(_, window)| *window == b"trak").map(|(at, _)| at - 4);
    places.map(|at| moov[at..][find(&moov[at..], b"trak")].to_vec()).collect()
}

fn changed(mut bytes: Vec<u8>, kind: [u8; 4], at: usize, to: &[u8]) -> Vec<u8> {
    let start = find(&bytes, &kind).start + at;
    bytes[start..start + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn the_first_enabled_track_counts_or_else_the_first() {
    let file = fixture!("portrait_h264_faststart.mp4");
    let [pictures, sound] = tracks(file).try_into().unwrap();
    let is_told = |tracks: &[Vec<u8>]| {
        let found = told(&with_tracks(file, tracks));
        (found.video_codec.unwrap(), found.audio_codec.unwrap())
    };
    let off = |track: Vec<u8>| changed(track, *b"tkhd", 11, &[0]);
    let hevc = changed(pictures.clone(), *b"avc1", 4, b"hvc1");
    let opus = changed(sound.clone(), *b"mp4a", 4, b"Opus");
    assert_eq!(
        is_told(&[hevc.clone(), opus.clone(), pictures.clone(), sound.clone()]),
        (VideoCodec::H265, AudioCodec::Opus)
    );
    let first_off = [off(hevc.clone()), off(opus.clone()), pictures.clone(), sound.clone()];
    assert_eq!(is_told(&first_off), (VideoCodec::H264, AudioCodec::Aac));
    let all_off = [off(hevc), off(opus), off(pictures.clone()), off(sound.clone())];
    assert_eq!(is_told(&all_off), (VideoCodec::H265, AudioCodec::Opus));
    // A cover of one frame, though it is enabled.
    let cover = changed(pictures.clone(), *b"avc1", 4, b"jpeg");
    let cover = changed(cover, *b"stts", 19, &[1]);
    assert_eq!(is_told(&[cover, pictures, sound]), (VideoCodec::H264, AudioCodec::Aac));
}

#[test]
fn chapters_and_subtitles_do_not_make_a_video_longer() {
    let file = fixture!("portrait_h264_faststart.mp4");
    let [pictures, sound] = tracks(file).try_into().unwrap();
    let nine = 9_000_u32.to_be_bytes();
    let text = changed(changed(sound.clone(), *b"hdlr", 16, b"text"), *b"tkhd", 28, &nine);
    let longer = changed(with_tracks(file, &[pictures.clone(), sound.clone(), text]), *b"mvhd", 24, &nine);
    assert_eq!(told(&longer).duration, told(file).duration);
    // Audio does.
    let sound = changed(sound, *b"tkhd", 28, &nine);
    let longer = changed(with_tracks(file, &[pictures, sound]), *b"mvhd", 24, &nine);
    assert_eq!(told(&longer).duration, Some(Duration::from_secs(9)));
}

#[test]
fn a_protected_track_is_told_as_that() {
    let file = fixture!("portrait_h264_faststart.mp4");
    let [pictures, sound] = tracks(file).try_into().unwrap();
    for tracks in [
        [changed(pictures.clone(), *b"stsd", 20, b"encv"), sound.clone()],
        [pictures, changed(sound, *b"stsd", 20, b"enca")],
    ] {
        let error = probed(&with_tracks(file, &tracks)).0.unwrap_err();
        assert_eq!(error.code(), "video_protected");
    }
}

#[test]
fn colors_and_sound_are_told_as_finely_as_the_headers_have_them() {
    let found = told(fixture!("w11-yuv444p-aac96k.mp4"));
    assert_eq!((found.chroma, found.bit_depth), (Some(Chroma::C444), Some(8)));
    assert_eq!((found.sample_rate, found.channels), (Some(96_000), Some(2)));
    let found = told(fixture!("vp9_opus.webm"));
    assert_eq!((found.sample_rate, found.channels), (Some(48_000), Some(1)));
}

#[test]
fn a_container_we_cannot_read_is_named() {
    let ts = fixture!("w08-ffmpeg-h264-aac.ts");
    let m2ts: Vec<u8> = ts.chunks(188).flat_map(|packet| [&[0; 4], packet].concat()).collect();
    for (file, container) in [
        (ts, Container::MpegTs),
        (&m2ts, Container::MpegTs),
        (b"RIFF\xFF\xFF\0\0AVI LIST....", Container::Avi),
        (b"FLV\x01\x05\0\0\0\x09\0\0\0\0", Container::Flv),
        (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\0\xAA\0\x62\xCE\x6C", Container::WindowsMedia),
        (b"\0\0\x01\xBA\x44\0\x04\0\x04\x01\0\0", Container::MpegPs),
        (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x2A\x80theora", Container::Ogg),
    ] {
        let size = u64::try_from(file.len()).unwrap();
        assert_eq!(told(file), VideoFacts::unread(container, size));
    }
    for (file, code) in [
        (b"RIFF\xFF\xFF\0\0WAVEfmt ".as_slice(), "video_container_unsupported"),
        (b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x1E\x01vorbis", "video_no_video_track"),
        (b"\x89PNG\r\n\x1A\n", "video_container_unsupported"),
    ] {
        assert_eq!(probed(file).0.unwrap_err().code(), code);
    }
}

#[test]
fn an_old_codec_in_a_container_we_read_is_named() {
    let found = told(fixture!("w06-opencv-mp4v.mp4"));
    assert_eq!(found.video_codec, Some(VideoCodec::Other("mp4v".to_owned())));
    assert_eq!(found.sides(), Some((360, 640)));
}

#[test]
fn what_was_right_stays_right() {
    let found = told(fixture!("r01-c2pa-signed-vfr-fragments.mp4"));
    assert_eq!((found.frame_rate, found.duration.unwrap().as_millis()), (Some(23.596), 5_933));
    let found = told(fixture!("r02-chromium-webm-without-duration.webm"));
    assert_eq!((found.frame_rate, found.duration.unwrap().as_millis()), (None, 3_696));
}

#[test]
fn an_index_that_leads_astray_is_ignored() {
    // A longer title moves all that lies behind it, and the index stays as it was.
    let file = fixture!("fragmented_h264.mp4");
    let [moov, mfra] = [b"moov", b"mfra"].map(|kind| find(file, kind));
    let title = atom(b"free", &[7; 3_000]);
    let data = atom(b"free", &vec![7; 300_000]).repeat(6);
    let moved = [&file[..moov.end], &title, &file[moov.end..mfra.start], &file[mfra.clone()]].concat();
    assert_eq!(told(&moved).duration, told(file).duration);
    // And so in a file that is not read whole, whose last fragment lies in the end that is.
    let last = file.windows(4).rposition(|window| window == b"moof").unwrap() - 4;
    let long = [&file[..moov.end], &title, &file[moov.end..last], &data, &file[last..]].concat();
    assert_eq!(told(&long).duration, told(file).duration);
    let without = changed(long, *b"tfra", 4, b"free");
    assert_eq!(told(&without).duration, told(file).duration);
}

#[test]
fn the_rate_of_fragments_that_were_not_seen_is_not_told() {
    let file = fixture!("fragmented_h264.mp4");
    let places: Vec<usize> =
        file.windows(4).enumerate().filter(|(_, window)| *window == b"moof").map(|(at, _)| at - 4).collect();
    assert_eq!(told(file).frame_rate, Some(25.0));
    // Boxes in the middle that are never read.
    let hole = atom(b"mdat", &vec![0; 300_000]).repeat(6);
    let apart = [&file[..places[1]], &hole, &file[places[2]..]].concat();
    let found = told(&apart);
    assert_eq!((found.frame_rate, found.duration), (None, told(file).duration));
}

/// A `WebM` of thirty frames that come every so many ticks, in a track with this default duration.
fn recorded(every: u64, default_duration: u32, scale: u32) -> Vec<u8> {
    let element = |id: &[u8], body: &[u8]| {
        let size = u16::try_from(body.len()).unwrap() | 0x4000;
        [id, &size.to_be_bytes(), body].concat()
    };
    let told = element(&[0x2A, 0xD7, 0xB1], &scale.to_be_bytes());
    let picture = element(&[0xE0], &[element(&[0xB0], &[100]), element(&[0xBA], &[100])].concat());
    let entry = [
        element(&[0xD7], &[1]),
        element(&[0x83], &[1]),
        element(&[0x86], b"V_VP8"),
        element(&[0x23, 0xE3, 0x83], &default_duration.to_be_bytes()),
        picture,
    ];
    let blocks: Vec<u8> = (0..30)
        .flat_map(|at| {
            let time = u16::try_from(at * every).unwrap().to_be_bytes();
            element(&[0xA3], &[&[0x81], time.as_slice(), &[0x80, 0]].concat())
        })
        .collect();
    let segment = [
        element(
            &[0x15, 0x49, 0xA9, 0x66],
            &[told, element(&[0x44, 0x89], &3_000.0_f32.to_be_bytes())].concat(),
        ),
        element(&[0x16, 0x54, 0xAE, 0x6B], &element(&[0xAE], &entry.concat())),
        element(&[0x1F, 0x43, 0xB6, 0x75], &[element(&[0xE7], &[0]), blocks].concat()),
    ];
    let head = element(&[0x1A, 0x45, 0xDF, 0xA3], &element(&[0x42, 0x82], b"webm"));
    [head, element(&[0x18, 0x53, 0x80, 0x67], &segment.concat())].concat()
}

#[test]
fn a_rate_that_the_pictures_contradict_is_not_told() {
    assert_eq!(told(&recorded(40, 40_000_000, 1_000_000)).frame_rate, Some(25.0));
    // 60 a second, it says, of a recording of 20.
    assert_eq!(told(&recorded(49, 16_666_667, 1_000_000)).frame_rate, None);
    // A rounded 59.94 is still 59.94.
    assert_eq!(told(&recorded(17, 16_683_333, 1_000_000)).frame_rate, Some(59.94));
    // One tick is what is written for want of anything better, however long it is.
    assert_eq!(told(&recorded(1, 20_000_000, 20_000_000)).frame_rate, None);
    assert_eq!(told(&recorded(2, 40_000_000, 20_000_000)).frame_rate, Some(25.0));
    for absurd in [1_000_000, 1, 1_000_000_001, 4_000_000] {
        assert_eq!(told(&recorded(40, absurd, 1_000_000)).frame_rate, None, "{absurd}");
    }
}
