//! How little of a large file is read.

use std::time::Duration;

use super::probing::fixture;
use super::server::{self, Server, partial_head, raw, sources};
use crate::video::{AudioCodec, Container, ProbeError, VideoCodec, VideoFacts, probe};

/// A file of any size: parts in a sea of zeros.
struct Sparse {
    size: u64,
    parts: Vec<(u64, Vec<u8>)>,
}

impl Sparse {
    fn read(&self, range: std::ops::Range<u64>) -> Vec<u8> {
        let mut out = vec![0; usize::try_from(range.end - range.start).unwrap()];
        for (start, part) in &self.parts {
            for (place, &byte) in (*start..).zip(part) {
                if range.contains(&place) {
                    out[usize::try_from(place - range.start).unwrap()] = byte;
                }
            }
        }
        out
    }

    /// Probes it over HTTP, and counts requests and bytes.
    async fn probe(self) -> (Result<VideoFacts, ProbeError>, usize, u64) {
        let server = Server::start(move |request| {
            let range = request.range_of(self.size).unwrap();
            let part = self.read(range.clone());
            raw(&partial_head(&range, self.size, "\"v1\""), &part)
        });
        let file = sources().open(&server.url("/big")).await.unwrap();
        let found = probe(&sources(), &file).await;
        let seen = server.seen();
        let bytes = seen.iter().filter_map(server::Request::range).map(|range| range.end - range.start).sum();
        (found, seen.len(), bytes)
    }
}

pub(super) fn atom(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind, body].concat()
}

pub(super) fn find(bytes: &[u8], kind: &[u8]) -> std::ops::Range<usize> {
    let at = bytes.windows(4).position(|window| window == kind).unwrap() - 4;
    at..at + usize::try_from(u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())).unwrap()
}

const GIB: u64 = 1 << 30;

/// `ftyp`, an `mdat` of almost 4 GiB, and at its end whatever is given.
fn four_gib(ftyp: &[u8], tail: Vec<u8>) -> Sparse {
    let mut start = ftyp.to_vec();
    let end = 4 * GIB - u64::try_from(tail.len()).unwrap();
    start.extend([0, 0, 0, 1]);
    start.extend(b"mdat");
    start.extend((end - u64::try_from(ftyp.len()).unwrap()).to_be_bytes());
    Sparse { size: 4 * GIB, parts: vec![(0, start), (end, tail)] }
}

fn assert_frugal(name: &str, requests: usize, bytes: u64) {
    println!("{name}: {requests} requests, {bytes} bytes");
    assert!(requests <= 6 && bytes < 1_000_000, "{name}: {requests} requests, {bytes} bytes");
}

#[tokio::test]
async fn four_gigabytes_are_probed_with_a_few_short_reads() {
    let hevc = fixture!("silent_hevc_moov_last.mp4");
    let (ftyp, moov) = (&hevc[find(hevc, b"ftyp")], hevc[find(hevc, b"moov")].to_vec());
    let (found, requests, bytes) = four_gib(ftyp, moov.clone()).probe().await;
    assert_eq!(found.unwrap().duration, Some(Duration::from_millis(4_004)));
    assert_frugal("4 GiB, moov last", requests, bytes);

    let start = [ftyp, &moov, &atom(b"free", b""), &[0, 0, 0, 0], b"mdat"].concat();
    let (found, requests, bytes) = Sparse { size: 4 * GIB, parts: vec![(0, start)] }.probe().await;
    assert_eq!(found.unwrap().video_codec, Some(VideoCodec::H265));
    assert_frugal("4 GiB, moov first", requests, bytes);

    let mkv = fixture!("vp9_opus.webm");
    let mut segment = mkv.to_vec();
    let at = segment.windows(4).position(|window| window == [0x18, 0x53, 0x80, 0x67]).unwrap() + 4;
    segment[at..at + 8].copy_from_slice(&[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    let (found, requests, bytes) = Sparse { size: 4 * GIB, parts: vec![(0, segment)] }.probe().await;
    assert_eq!(found.unwrap().video_codec, Some(VideoCodec::Vp9));
    assert_frugal("4 GiB, WebM", requests, bytes);
}

#[tokio::test]
async fn of_a_movie_header_of_megabytes_only_the_beginnings_are_read() {
    // A table of sizes as ten hours have it, put behind everything else of each track.
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    let moov = &mp4[find(mp4, b"moov")];
    let mut grown = Vec::new();
    let mut rest = &moov[8..];
    while rest.len() >= 8 {
        let size = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
        let (found, next) = rest.split_at(size);
        grown.extend(if &found[4..8] == b"trak" { grow(found, 4_000_000) } else { found.to_vec() });
        rest = next;
    }
    let moov = atom(b"moov", &grown);
    assert!(moov.len() > 8_000_000);
    let (found, requests, bytes) = four_gib(&mp4[find(mp4, b"ftyp")], moov).probe().await;
    let found = found.unwrap();
    assert_eq!((found.sides(), found.audio_codec), (Some((180, 320)), Some(AudioCodec::Aac)));
    assert_eq!(found.frame_rate.map(f64::round), Some(30.0));
    assert_frugal("4 GiB, moov of 8 MB last", requests, bytes);
}

/// A track with a table this much longer at its end.
fn grow(container: &[u8], by: usize) -> Vec<u8> {
    let mut out = container.to_vec();
    let end = find(&out, b"stbl").end;
    out.splice(end..end, atom(b"stsz", &vec![0; by]));
    for kind in [b"trak", b"mdia", b"minf", b"stbl"] {
        let at = find(container, kind).start;
        let size = u32::from_be_bytes(out[at..at + 4].try_into().unwrap()) + u32::try_from(by + 8).unwrap();
        out[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
    out
}

#[tokio::test]
async fn a_long_fragmented_file_is_measured_by_the_index_at_its_end() {
    let mp4 = fixture!("fragmented_h264.mp4");
    let moof = mp4.windows(4).rposition(|window| window == b"moof").unwrap() - 4;
    let first = mp4.windows(4).position(|window| window == b"moof").unwrap() - 4;
    // The last fragment and the index moved to the end of 4 GiB, with a hole of `free` before them.
    let mut tail = mp4[moof..].to_vec();
    let place = 4 * GIB - u64::try_from(tail.len()).unwrap();
    let index = find(&tail, b"mfra");
    let mut at = index.start + 8;
    while &tail[at + 4..at + 8] == b"tfra" {
        let size = usize::try_from(u32::from_be_bytes(tail[at..at + 4].try_into().unwrap())).unwrap();
        let stride = 19;
        tail[at + size - stride + 8..at + size - stride + 16].copy_from_slice(&place.to_be_bytes());
        at += size;
    }
    let mut start = mp4[..first].to_vec();
    let second = mp4[first..moof].to_vec();
    start.extend(&second[find(&second, b"moof")]);
    let hole = place - u64::try_from(start.len()).unwrap();
    start.extend([0, 0, 0, 1]);
    start.extend(b"mdat");
    start.extend(hole.to_be_bytes());
    let (found, requests, bytes) =
        Sparse { size: 4 * GIB, parts: vec![(0, start), (place, tail)] }.probe().await;
    let found = found.unwrap();
    assert_eq!((found.duration, found.fragmented), (Some(Duration::from_secs(4)), true));
    assert_frugal("4 GiB, fragmented", requests, bytes);
}

/// Beginning and end of a fragmented file: all but its last `count` fragments and what follows them, and those.
fn halves(mp4: &[u8], count: usize) -> (&[u8], &[u8]) {
    let places = mp4.windows(4).enumerate().filter(|(_, window)| *window == b"moof").map(|(at, _)| at - 4);
    let places: Vec<usize> = places.collect();
    mp4.split_at(places[places.len() - count])
}

/// `front`, eight boxes that make the file 4 GiB long, the last of them ending with `inside`, and `back`.
fn apart(front: &[u8], inside: &[u8], back: &[u8]) -> Sparse {
    let mut parts = vec![(0, front.to_vec())];
    let from = u64::try_from(front.len()).unwrap();
    let to = 4 * GIB - u64::try_from(back.len()).unwrap();
    let place = |at: u64| from + (to - from) / 8 * at + if at == 8 { (to - from) % 8 } else { 0 };
    for at in 0..8 {
        let length = place(at + 1) - place(at);
        parts.push((place(at), [[0, 0, 0, 1].as_slice(), b"mdat", &length.to_be_bytes()].concat()));
    }
    parts.push((to - u64::try_from(inside.len()).unwrap(), inside.to_vec()));
    parts.push((to, back.to_vec()));
    Sparse { size: 4 * GIB, parts }
}

#[tokio::test]
async fn without_an_index_the_last_fragments_are_found_by_their_looks() {
    let mp4 = fixture!("fragmented_h264.mp4");
    let mp4 = &mp4[..find(mp4, b"mfra").start];
    let (front, back) = halves(mp4, 2);
    let (found, requests, bytes) = apart(front, b"", back).probe().await;
    let found = found.unwrap();
    // What lies between was not seen: its rate would be a guess.
    assert_eq!((found.duration, found.frame_rate), (Some(Duration::from_secs(4)), None));
    assert_frugal("4 GiB, fragmented, no index", requests, bytes);

    // Media data that looks like fragments does not mislead.
    let (found, ..) = apart(front, b"\0\0\0\x08moof\0\0\0\x20moofmoof", back).probe().await;
    assert_eq!(found.unwrap().duration, Some(Duration::from_secs(4)));
}

#[tokio::test]
async fn a_last_fragment_of_gigabytes_without_an_index_leaves_the_length_to_the_platform() {
    let mp4 = fixture!("fragmented_h264.mp4");
    let (front, _) = halves(mp4, 1);
    let (found, requests, bytes) = apart(front, b"", b"").probe().await;
    let found = found.unwrap();
    assert_eq!((found.duration, found.frame_rate), (None, None));
    assert_eq!((found.sides(), found.video_codec), (Some((240, 320)), Some(VideoCodec::H264)));
    assert_frugal("4 GiB, fragmented, no index, long fragments", requests, bytes);
}

#[tokio::test]
async fn a_live_recording_of_gigabytes_is_measured_by_its_last_cluster() {
    let webm = fixture!("live_vp8.webm");
    let clusters = webm.windows(4).enumerate().filter(|(_, window)| *window == [0x1F, 0x43, 0xB6, 0x75]);
    let places: Vec<usize> = clusters.map(|(at, _)| at).collect();
    let last = *places.last().unwrap();
    // Between them a cluster's worth of zeros, which is never read.
    let at = 4 * GIB - u64::try_from(webm.len() - last).unwrap();
    let parts = vec![(0, webm[..last].to_vec()), (at, webm[last..].to_vec())];
    let (found, requests, bytes) = Sparse { size: 4 * GIB, parts }.probe().await;
    // 75 frames are 3.000 s, and the audio ends within a frame of that.
    let apart = found.unwrap().duration.unwrap().abs_diff(Duration::from_secs(3));
    assert!(apart < Duration::from_millis(40), "{apart:?}");
    assert_frugal("4 GiB, live WebM", requests, bytes);
}

#[tokio::test]
async fn boxes_before_the_movie_header_that_cost_a_read_each_leave_the_file_to_the_platform() {
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    let (ftyp, rest) = (&mp4[find(mp4, b"ftyp")], &mp4[find(mp4, b"moov").start..]);
    for (count, is_told) in [(2, true), (10, false)] {
        let mut parts = vec![(0, ftyp.to_vec())];
        let mut at = u64::try_from(ftyp.len()).unwrap();
        for _ in 0..count {
            parts.push((at, [200_000_u32.to_be_bytes().as_slice(), b"uuid"].concat()));
            at += 200_000;
        }
        parts.push((at, rest.to_vec()));
        let size = at + u64::try_from(rest.len()).unwrap();
        let (found, requests, bytes) = Sparse { size, parts }.probe().await;
        let found = found.unwrap();
        assert_eq!((found.container, found.brand.as_deref()), (Container::Mp4, Some("isom")), "{count}");
        assert_eq!((found.video_codec.is_some(), found.duration.is_some()), (is_told, is_told), "{count}");
        assert_frugal("boxes before the movie header", requests, bytes);
    }
}

#[tokio::test]
async fn of_large_tables_before_the_pictures_at_least_the_length_is_told() {
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    let moov = &mp4[find(mp4, b"moov")];
    let (mut first, mut traks) = (Vec::new(), Vec::new());
    let mut rest = &moov[8..];
    while rest.len() >= 8 {
        let size = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
        let (found, next) = rest.split_at(size);
        if &found[4..8] == b"trak" { &mut traks } else { &mut first }.push(found.to_vec());
        rest = next;
    }
    let sound = grow(&traks[1], 750_000);
    for (count, is_told) in [(1, true), (2, true), (9, false)] {
        let grown = [vec![sound.clone(); count].concat(), grow(&traks[0], 1_000_000)].concat();
        let moov = atom(b"moov", &[first.concat(), grown].concat());
        let (found, requests, bytes) = four_gib(&mp4[find(mp4, b"ftyp")], moov).probe().await;
        let found = found.unwrap();
        assert_eq!(found.duration, Some(Duration::from_millis(3_500)), "{count}");
        assert_eq!(found.video_codec.is_some(), is_told, "{count}");
        assert_frugal("4 GiB, sound first", requests, bytes);
    }
}
