//! Files of which the end is missing.

use std::ops::Range;

use super::frugal::{atom, find};
use super::probing::fixture;
use crate::video::ProbeError;
use crate::video::facts::VideoFacts;
use crate::video::probe::{Next, Probing};

/// Probes a file, and counts the reads.
pub(super) fn probed(bytes: &[u8]) -> (Result<VideoFacts, ProbeError>, u32) {
    let range = |range: &Range<u64>| -> Range<usize> {
        range.start.try_into().unwrap()..range.end.try_into().unwrap()
    };
    let mut probing = Probing::new(bytes.len().try_into().unwrap());
    let mut reads = 0;
    loop {
        match probing.next() {
            Ok(Next::Done(facts)) => return (Ok(facts), reads),
            Err(error) => return (Err(error), reads),
            Ok(Next::Read(wanted)) => {
                reads += 1;
                probing.add(wanted.start, bytes[range(&wanted)].to_vec().into());
            }
        }
    }
}

fn code(bytes: &[u8]) -> &'static str {
    probed(bytes).0.map_or_else(|error| error.code(), |_| "whole")
}

/// `ftyp` and a movie header, to be followed by what is given.
fn begun(rest: &[&[u8]]) -> Vec<u8> {
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    [&[&mp4[find(mp4, b"ftyp")], &mp4[find(mp4, b"moov")]], rest].concat().concat()
}

#[test]
fn a_file_cut_anywhere_behind_its_movie_header_is_incomplete() {
    let mp4 = fixture!("portrait_h264_faststart.mp4");
    assert_eq!(code(mp4), "whole");
    for length in (find(mp4, b"moov").end..mp4.len()).step_by(61).chain([mp4.len() - 1]) {
        assert_eq!(code(&mp4[..length]), "video_incomplete", "cut at {length} of {}", mp4.len());
    }
}

#[test]
fn media_data_may_reach_to_the_end_and_junk_may_follow() {
    let data = atom(b"mdat", &[7; 4_000]);
    let wide = [&[0, 0, 0, 1], b"mdat".as_slice(), &4_016_u64.to_be_bytes(), &[7; 4_000]].concat();
    let endless = [&[0, 0, 0, 0], b"mdat".as_slice(), &[7; 99]].concat();
    let far = atom(b"free", &vec![0; 300_000]);
    for (name, rest, expected) in [
        ("to the end of the file", vec![&endless[..]], "whole"),
        ("padding between", vec![&far, &data], "whole"),
        ("64 bits of length", vec![&wide], "whole"),
        ("junk behind", vec![&data, &[0xFF; 40]], "whole"),
        ("zeros behind", vec![&data, &[0; 40]], "whole"),
        ("64 bits of length, cut", vec![&wide[..4_000]], "video_incomplete"),
        ("cut after the padding", vec![&far, &data[..12]], "video_incomplete"),
        ("cut in the padding", vec![&far[..9_000]], "video_incomplete"),
        ("no data at all", vec![], "video_incomplete"),
        ("a second stretch of data, cut", vec![&data, &data[..300]], "video_incomplete"),
    ] {
        let (found, reads) = probed(&begun(&rest));
        assert_eq!(found.map_or_else(|error| error.code(), |_| "whole"), expected, "{name}");
        assert!(reads <= 3, "{name}: {reads} reads");
    }
}

#[test]
fn a_recording_that_breaks_off_within_a_cluster_of_known_length_is_incomplete() {
    let webm = fixture!("live_vp8.webm");
    assert_eq!(code(webm), "whole");
    assert_eq!(code(&webm[..webm.len() - 20]), "video_incomplete");
}
