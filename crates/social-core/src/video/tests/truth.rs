//! What others say of a file.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::matrix::video_codec;
use crate::video::VideoFacts;

/// What ffprobe says of a file.
pub(super) struct Truth {
    pub(super) seconds: f64,
    /// Width and height as shown, and how far the stored frames are rotated clockwise.
    pub(super) picture: (u32, u32, u16),
    pub(super) brand: Option<String>,
    pub(super) rate: f64,
    pub(super) codec: String,
    pub(super) sound: Option<String>,
    /// Chroma and bits.
    pub(super) pixels: (Option<String>, Option<u8>),
    /// Samples per second, and channels.
    pub(super) tone: [Option<u32>; 2],
}

fn ffprobe(file: &Path, asked: &[&str]) -> Value {
    let command = Command::new("ffprobe").args(["-v", "error", "-of", "json"]).args(asked).arg(file).output();
    serde_json::from_slice(&command.expect("ffprobe: `apt-get install ffmpeg`").stdout).unwrap()
}

/// What ffprobe says of the first video stream that is neither disabled nor a cover.
pub(super) fn by_ffprobe(file: &Path) -> Truth {
    let said = ffprobe(file, &["-show_format", "-show_streams"]);
    let streams = said["streams"].as_array().unwrap();
    let is_shown =
        |stream: &Value| stream["codec_name"] != "mjpeg" && stream["disposition"]["attached_pic"] == 0;
    let of = |kind: &str| {
        let mut streams = streams.iter().filter(|stream| stream["codec_type"] == kind);
        streams.clone().find(|stream| is_shown(stream)).or(streams.next())
    };
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
        // If the container has no duration, its packets do.
        seconds: number(&said["format"]["duration"])
            .unwrap_or_else(|| by_packets(&ffprobe(file, &["-show_packets"])["packets"])),
        picture: (width, height, rotation),
        brand: said["format"]["tags"]["major_brand"].as_str().map(|brand| brand.trim_end().to_owned()),
        rate: pictures.parse::<f64>().unwrap() / seconds.parse::<f64>().unwrap(),
        codec: video["codec_name"].as_str().unwrap().to_owned(),
        sound: of("audio").map(|stream| stream["codec_name"].as_str().unwrap().to_owned()),
        pixels: pixels(video["pix_fmt"].as_str().unwrap_or_default()),
        tone: [
            of("audio").and_then(|stream| stream["sample_rate"].as_str()?.parse().ok()),
            of("audio").and_then(|stream| u32::try_from(stream["channels"].as_u64()?).ok()),
        ],
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

/// Chroma and bits by ffmpeg's name for a way to keep pixels.
fn pixels(format: &str) -> (Option<String>, Option<u8>) {
    let chroma = [("420", "4:2:0"), ("422", "4:2:2"), ("444", "4:4:4"), ("gbr", "4:4:4"), ("gray", "4:0:0")];
    let chroma =
        chroma.iter().find(|(name, _)| format.contains(name)).map(|(_, chroma)| (*chroma).to_owned());
    (
        chroma,
        Some(if format.contains("10le") {
            10
        } else if format.contains("12le") {
            12
        } else {
            8
        }),
    )
}

/// Where we and MediaInfo differ.
pub(super) fn against_mediainfo(file: &Path, found: &VideoFacts) -> Vec<String> {
    let said = Command::new("mediainfo").arg("--Output=JSON").arg(file).output();
    let said = said.expect("`mediainfo`, which `.ci/run` installs").stdout;
    let said: Value = serde_json::from_slice(&said).unwrap();
    let tracks = said["media"]["track"].as_array().unwrap();
    let covers = [Some("JPEG"), Some("V_MJPEG")];
    let of = |kind: &str| {
        tracks.iter().find(|track| track["@type"] == kind && !covers.contains(&track["Format"].as_str()))
    };
    let video = of("Video").unwrap_or_else(|| panic!("no pictures in {}", file.display()));
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let mut wrong = Vec::new();
    let (width, height) = found.sides().unwrap_or_default();
    let stored = if found.rotation % 180 == 90 { (height, width) } else { (width, height) };
    let theirs = [number(&video["Width"]), number(&video["Height"])];
    if theirs != [Some(stored.0.into()), Some(stored.1.into())] {
        wrong.push(format!("MediaInfo: {theirs:?}, not {stored:?}"));
    }
    let turned = number(&video["Rotation"]).unwrap_or(0.0);
    if (turned - f64::from(found.rotation)).abs() > 0.5 {
        wrong.push(format!("MediaInfo: turned by {turned}, not {}", found.rotation));
    }
    let codec = match video["Format"].as_str().unwrap() {
        "AVC" => "h264".to_owned(),
        "MPEG-4 Visual" => "mpeg4".to_owned(),
        "vp09" => "vp9".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    if found.video_codec.as_ref().map(video_codec) != Some(&codec) {
        wrong.push(format!("MediaInfo: {codec}, not {:?}", found.video_codec));
    }
    if of("Audio").is_some() != found.audio_codec.is_some() {
        wrong.push(format!("MediaInfo: {:?}, not {:?}", of("Audio"), found.audio_codec));
    }
    // It counts neither the last frame's duration nor the encoder's delay.
    let seconds = number(&tracks[0]["Duration"]);
    if let (Some(ours), Some(theirs)) = (found.duration, seconds)
        && (ours.as_secs_f64() - theirs).abs() > 0.1
    {
        wrong.push(format!("MediaInfo: {theirs} s, not {ours:?}"));
    }
    wrong
}
