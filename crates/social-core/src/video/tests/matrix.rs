//! Our probe beside ffprobe and MediaInfo, over files that ffmpeg and other writers make on the spot.
//!
//! Requires `ffmpeg`, `gst-launch-1.0`, `mkvmerge`, `chromium` and `mediainfo`, as Debian has them; so it is run by
//! `./check`, and by `cargo test matrix -- --ignored`, and not by a plain `cargo test`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::rows::{Differs, ROWS, Row};
use super::server::{Request, Server, sources};
use super::truth::{self, Truth};
use crate::video::{AudioCodec, VideoCodec, VideoFacts, probe};

/// Quiet, alone, and over what is there.
const FFMPEG: &str = "-nostdin -v error -y -threads 1";

/// Where we differ from the others about the files of a folder, but for those of which we are right to.
fn differences_in(folder: &Path, differing: &[(&str, Differs)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        // Nothing but its container is known of a transport stream.
        if ["md", "ts"].contains(&file.extension().unwrap().to_str().unwrap()) {
            continue;
        }
        let differs = differing.iter().find(|(other, _)| *other == name);
        let differs = differs.map_or(&Differs::Not, |(_, differs)| differs);
        wrong.extend(differences(&file, differs).into_iter().map(|what| format!("{name}: {what}")));
    }
    wrong
}

#[test]
#[ignore = "wants ffmpeg and mediainfo: ./check runs it"]
fn files_of_real_writers_in_the_matrix_are_what_ffprobe_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/video");
    let differing = [
        (
            "w05-chromium-webm-remuxed-ffmpeg9.webm",
            Differs::NoRate("ffprobe believes a duration of one tick"),
        ),
        ("r02-chromium-webm-without-duration.webm", Differs::NoRate("nothing in the file has it")),
        // Its first frames are shown at 0.08 s, which ffprobe counts.
        ("fragmented_h264.mp4", Differs::Duration(4.0, "nothing is played before them")),
    ];
    let wrong = differences_in(&folder, &differing);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "wants Python and Node: ./check runs it"]
fn files_of_libraries_in_the_matrix_are_what_ffprobe_says() {
    let folder = std::env::temp_dir().join(format!("social-writers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/writers/run");
    let written = Command::new(script).arg(&folder).output().unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let missing = || Differs::NoRate("the file does not have it");
    let differing = [
        ("ffmpeg9-remux.webm", Differs::NoRate("ffprobe believes a duration of one tick")),
        ("mediabunny.mkv", missing()),
        ("mediabunny-live.mkv", missing()),
        ("webm-muxer.webm", missing()),
        ("webm-muxer-live.webm", missing()),
        ("mux.mp4", Differs::Duration(4.032, "ffprobe believes a duration of all ones")),
    ];
    let wrong = differences_in(&folder, &differing);
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "wants ffmpeg and others: ./check runs it"]
fn a_matrix_of_files_is_what_ffprobe_says() {
    let folder = std::env::temp_dir().join(format!("social-matrix-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(row) = ROWS.get(next.fetch_add(1, Ordering::SeqCst)) {
            wrong.extend(disagreements(row, &folder).into_iter().map(|what| format!("{}: {what}", row.name)));
        }
        wrong
    };
    let wrong: Vec<String> = thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

/// Makes a row's file and returns where we and ffprobe differ, unless the row expects it.
fn disagreements(row: &Row, folder: &Path) -> Vec<String> {
    let file = match make(row, folder) {
        Ok(file) => file,
        Err(complaint) => return vec![complaint],
    };
    let wrong = differences(&file, &row.differs);
    std::fs::remove_file(file).unwrap();
    wrong
}

/// Where we differ from ffprobe and MediaInfo about a file.
pub(super) fn differences(file: &Path, differs: &Differs) -> Vec<String> {
    let truth = truth::by_ffprobe(file);
    let bytes = std::fs::read(file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (found, reads) = runtime.block_on(async {
        let server = Server::honest(&bytes);
        let opened = sources().open(&server.url("/video")).await.unwrap();
        (probe(&sources(), &opened).await, server.seen())
    });
    let read: u64 = reads.iter().filter_map(Request::range).map(|range| range.end - range.start).sum();
    let mut wrong = Vec::new();
    if reads.len() > 6 || read >= 1_000_000 {
        wrong.push(format!("{} requests of {read} bytes", reads.len()));
    }
    match found {
        Ok(found) => {
            wrong.extend(compare(&found, &truth, differs));
            wrong.extend(truth::against_mediainfo(file, &found));
        }
        Err(error) => wrong.push(format!("{error}; ffprobe: {} s", truth.seconds)),
    }
    wrong
}

fn compare(found: &VideoFacts, truth: &Truth, differs: &Differs) -> Vec<String> {
    let mut wrong = Vec::new();
    let seconds = match *differs {
        Differs::Not | Differs::NoRate(_) => truth.seconds,
        Differs::Duration(ours, why) => {
            let frame = 1.0 / truth.rate;
            assert!((ours - truth.seconds).abs() > frame, "they agree by now, in spite of: {why}");
            ours
        }
    };
    // A frame, and the error of rounding to milliseconds.
    let picture = 0.001 + if truth.rate > 0.0 { truth.rate.recip() } else { 0.05 };
    let is_near = |duration: Duration| (duration.as_secs_f64() - seconds).abs() <= picture;
    if !found.duration.is_some_and(is_near) {
        wrong.push(format!("{:?} long, not {seconds} s", found.duration));
    }
    // A rate may be off by less than the difference between 29.97 and 30.
    let near = |rate: f64| (rate - truth.rate).abs() / truth.rate < 0.000_5;
    let is_right = match differs {
        Differs::NoRate(why) => {
            assert!(found.frame_rate.is_none(), "it is told by now, in spite of: {why}");
            true
        }
        _ => found.frame_rate.is_some_and(near),
    };
    if !is_right {
        wrong.push(format!("{:?} pictures a second, not {}", found.frame_rate, truth.rate));
    }
    if found.brand != truth.brand {
        wrong.push(format!("brand {:?}, not {:?}", found.brand, truth.brand));
    }
    let picture = found.sides().map(|(width, height)| (width, height, found.rotation));
    if picture != Some(truth.picture) {
        wrong.push(format!("{picture:?}, not {:?}", truth.picture));
    }
    let codec = found.video_codec.as_ref().map(video_codec);
    if codec != Some(&truth.codec) {
        wrong.push(format!("{codec:?}, not {}", truth.codec));
    }
    let sound = found.audio_codec.as_ref().map(audio_codec);
    if sound != truth.sound.as_deref() {
        wrong.push(format!("sound {sound:?}, not {:?}", truth.sound));
    }
    // If headers describe colors and audio, they must be right. Not all of them do.
    let fine = (found.chroma.map(|chroma| chroma.to_string()), found.bit_depth);
    if fine.0.is_some() && fine != truth.pixels {
        wrong.push(format!("pixels {fine:?}, not {:?}", truth.pixels));
    }
    let told = [found.sample_rate, found.channels.map(u32::from)];
    for (what, ours, theirs) in [("Hz", told[0], truth.tone[0]), ("channels", told[1], truth.tone[1])] {
        if ours.is_some() && ours != theirs {
            wrong.push(format!("{ours:?} {what}, not {theirs:?}"));
        }
    }
    wrong
}

/// By ffprobe's names.
pub(super) fn video_codec(codec: &VideoCodec) -> &str {
    match codec {
        VideoCodec::H264 => "h264",
        VideoCodec::H265 => "hevc",
        VideoCodec::Vp8 => "vp8",
        VideoCodec::Vp9 => "vp9",
        VideoCodec::Av1 => "av1",
        VideoCodec::ProRes => "prores",
        VideoCodec::Other(name) if name == "mp4v" || name == "V_MPEG4_ISO_ASP" => "mpeg4",
        VideoCodec::Other(name) => name,
    }
}

fn audio_codec(codec: &AudioCodec) -> &str {
    match codec {
        AudioCodec::Aac => "aac",
        AudioCodec::Opus => "opus",
        AudioCodec::Vorbis => "vorbis",
        AudioCodec::Mp3 => "mp3",
        AudioCodec::Ac3 => "ac3",
        AudioCodec::Flac => "flac",
        AudioCodec::Pcm => "pcm_s16le",
        AudioCodec::Other(name) => name,
    }
}

/// Runs the row's commands one after the other; each but the last writes `FIRST`, which the next reads. What does not
/// begin with another tool's name are arguments of ffmpeg.
fn make(row: &Row, folder: &Path) -> Result<PathBuf, String> {
    let slug = row.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let first = folder.join(format!("{slug}.first.mp4"));
    let file = folder.join(format!("{slug}.{}", row.extension));
    let commands: Vec<&str> = row.made.split(" | ").collect();
    for (at, command) in commands.iter().enumerate() {
        let to = if at + 1 == commands.len() { &file } else { &first };
        let (tool, line) = match command.split_once(' ') {
            Some((tool @ ("gst-launch-1.0" | "mkvmerge"), line)) => (tool, super::rows::spelled_out(line)),
            _ => ("ffmpeg", format!("{FFMPEG} {} OUT", super::rows::spelled_out(command))),
        };
        let places = [("FIRST", first.to_str().unwrap()), ("OUT", to.to_str().unwrap())];
        let words = line.split_whitespace();
        let words = words
            .map(|word| places.iter().fold(word.to_owned(), |word, (name, place)| word.replace(name, place)));
        let made = Command::new(tool).args(words).output();
        let made = made.unwrap_or_else(|_| panic!("`{tool}`, which `.ci/run` installs"));
        // mkvmerge ends with 1 after a warning.
        if !(made.status.success() || tool == "mkvmerge" && made.status.code() == Some(1)) {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
    }
    let bytes = (row.then)(std::fs::read(&file).unwrap());
    std::fs::write(&file, bytes).unwrap();
    Ok(file)
}
