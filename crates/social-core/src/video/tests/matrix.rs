//! Our probe beside ffprobe, over files that ffmpeg makes on the spot.
//!
//! Wants `ffmpeg` and `ffprobe`, 5.1 or newer, with the encoders that Debian's have; so it is run by `./check`, and by
//! `cargo test matrix -- --ignored`, and not by a plain `cargo test`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use super::rows::{Differs, ROWS, Row};
use super::server::{Request, Server, sources};
use crate::video::{AudioCodec, VideoCodec, VideoFacts, probe};

/// What ffprobe says of a file.
struct Truth {
    seconds: f64,
    /// Width and height as shown, and how far the stored picture is turned clockwise.
    picture: (u32, u32, u16),
    brand: Option<String>,
    rate: f64,
    codec: String,
    sound: Option<String>,
}

#[test]
#[ignore = "wants ffmpeg: ./check runs it"]
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
        let hands = [scope.spawn(work), scope.spawn(work)];
        hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
    });
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), ROWS.len(), wrong.join("\n"));
}

/// Makes a row's file and tells where we and ffprobe differ, unless the row says that we must.
fn disagreements(row: &Row, folder: &Path) -> Vec<String> {
    let file = match make(row, folder) {
        Ok(file) => file,
        Err(complaint) => return vec![complaint],
    };
    let truth = truth(&file);
    let bytes = std::fs::read(&file).unwrap();
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
        Ok(found) => wrong.extend(compare(&found, &truth, &row.differs)),
        Err(error) => wrong.push(format!("{error}; ffprobe: {} s", truth.seconds)),
    }
    wrong
}

fn compare(found: &VideoFacts, truth: &Truth, differs: &Differs) -> Vec<String> {
    let mut wrong = Vec::new();
    let seconds = match *differs {
        Differs::Not => truth.seconds,
        Differs::Duration(ours, why) => {
            let frame = 1.0 / truth.rate;
            assert!((ours - truth.seconds).abs() > frame, "they agree by now, in spite of: {why}");
            ours
        }
    };
    if (found.duration.as_secs_f64() - seconds).abs() > 1.0 / truth.rate {
        wrong.push(format!("{:?} long, not {seconds} s", found.duration));
    }
    // A rate may be off by less than what tells 29.97 from 30.
    let near = |rate: f64| (rate - truth.rate).abs() / truth.rate < 0.000_5;
    if !found.frame_rate.is_some_and(near) {
        wrong.push(format!("{:?} pictures a second, not {}", found.frame_rate, truth.rate));
    }
    if found.brand != truth.brand {
        wrong.push(format!("brand {:?}, not {:?}", found.brand, truth.brand));
    }
    let picture = (found.width, found.height, found.rotation);
    if picture != truth.picture {
        wrong.push(format!("{picture:?}, not {:?}", truth.picture));
    }
    let codec = video_codec(&found.video_codec);
    if codec != truth.codec {
        wrong.push(format!("{codec}, not {}", truth.codec));
    }
    let sound = found.audio_codec.as_ref().map(audio_codec);
    if sound != truth.sound.as_deref() {
        wrong.push(format!("sound {sound:?}, not {:?}", truth.sound));
    }
    wrong
}

/// By ffprobe's names.
fn video_codec(codec: &VideoCodec) -> &str {
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

/// Runs the row's commands one after the other; each but the last writes `first`, which the next reads.
fn make(row: &Row, folder: &Path) -> Result<PathBuf, String> {
    let slug = row.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let first = folder.join(format!("{slug}.first.mp4"));
    let file = folder.join(format!("{slug}.{}", row.ending));
    let commands: Vec<&str> = row.made.split(" | ").collect();
    for (at, command) in commands.iter().enumerate() {
        let to = if at + 1 == commands.len() { &file } else { &first };
        let line = super::rows::spelled_out(command);
        let words =
            line.split_whitespace().map(|word| if word == "FIRST" { first.to_str().unwrap() } else { word });
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-threads", "1"])
            .args(words)
            .arg(to)
            .output()
            .expect("ffmpeg: `apt-get install ffmpeg`");
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
    }
    let bytes = (row.then)(std::fs::read(&file).unwrap());
    std::fs::write(&file, bytes).unwrap();
    Ok(file)
}

fn ffprobe(file: &Path, asked: &[&str]) -> Value {
    let command = Command::new("ffprobe").args(["-v", "error", "-of", "json"]).args(asked).arg(file).output();
    serde_json::from_slice(&command.expect("ffprobe: `apt-get install ffmpeg`").stdout).unwrap()
}

fn truth(file: &Path) -> Truth {
    let said = ffprobe(file, &["-show_format", "-show_streams"]);
    let streams = said["streams"].as_array().unwrap();
    let of = |kind: &str| streams.iter().find(|stream| stream["codec_type"] == kind);
    let video = of("video").unwrap_or_else(|| panic!("no pictures in {}: {said}", file.display()));
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let side = |stream: &Value| u32::try_from(stream.as_u64().unwrap()).unwrap();
    let (width, height) = (side(&video["width"]), side(&video["height"]));
    // ffprobe counts anticlockwise.
    let mut turns = video["side_data_list"].as_array().into_iter().flatten();
    let turned = turns.find_map(|data| data["rotation"].as_i64()).unwrap_or(0);
    let rotation = u16::try_from((-turned).rem_euclid(360)).unwrap();
    let (width, height) = if rotation % 180 == 90 { (height, width) } else { (width, height) };
    let (pictures, seconds) = video["avg_frame_rate"].as_str().unwrap().split_once('/').unwrap();
    Truth {
        // Where the container tells no length, its packets do.
        seconds: number(&said["format"]["duration"])
            .unwrap_or_else(|| by_packets(&ffprobe(file, &["-show_packets"])["packets"])),
        picture: (width, height, rotation),
        brand: said["format"]["tags"]["major_brand"].as_str().map(|brand| brand.trim_end().to_owned()),
        rate: pictures.parse::<f64>().unwrap() / seconds.parse::<f64>().unwrap(),
        codec: video["codec_name"].as_str().unwrap().to_owned(),
        sound: of("audio").map(|stream| stream["codec_name"].as_str().unwrap().to_owned()),
    }
}

fn by_packets(packets: &Value) -> f64 {
    let packets = packets.as_array().unwrap();
    let time = |packet: &Value, name: &str| packet[name].as_str().and_then(|text| text.parse::<f64>().ok());
    let starts = packets.iter().filter_map(|packet| time(packet, "pts_time"));
    let ends = packets
        .iter()
        .filter_map(|packet| Some(time(packet, "pts_time")? + time(packet, "duration_time").unwrap_or(0.0)));
    ends.fold(0.0, f64::max) - starts.fold(f64::MAX, f64::min)
}
