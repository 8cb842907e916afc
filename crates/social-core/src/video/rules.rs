//! What a platform takes, as data, and whether a video is that.

use std::time::Duration;

use serde::Serialize;

use super::facts::{Container, VideoCodec, VideoFacts};

/// Which way a platform likes its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orientation {
    /// Any way.
    Any,
    /// Higher than wide; a horizontal video earns a warning.
    VerticalPreferred,
}

/// What one surface of a platform takes. Each platform's file holds a constant of it, with sources.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The shortest video.
    pub min_duration: Duration,
    /// The longest video.
    pub max_duration: Duration,
    /// The largest file, in bytes.
    pub max_bytes: u64,
    /// The fewest pixels of either side.
    pub min_side: u32,
    /// The most pixels of either side.
    pub max_side: u32,
    /// The fewest pictures per second.
    pub min_frame_rate: f64,
    /// The most pictures per second.
    pub max_frame_rate: f64,
    /// The containers taken.
    pub containers: &'static [Container],
    /// The video codecs taken.
    pub video_codecs: &'static [VideoCodec],
    /// Which way the picture should stand.
    pub orientation: Orientation,
}

/// One thing that is not as a platform wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable name.
    pub code: &'static str,
    /// A sentence with what was found and what is allowed.
    pub message: String,
}

/// What a platform will say to a video: errors stop it, warnings do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Why the platform would refuse it.
    pub errors: Vec<Finding>,
    /// What its owner may want to know.
    pub warnings: Vec<Finding>,
}

impl Verdict {
    /// Whether nothing stops the video.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.errors.is_empty()
    }

    fn error(&mut self, code: &'static str, message: String) {
        self.errors.push(Finding { code, message });
    }

    fn warn(&mut self, code: &'static str, message: String) {
        self.warnings.push(Finding { code, message });
    }
}

/// Rates are averages of rounded times: 60 pictures a second may measure as 60.02.
const RATE_SLACK: f64 = 0.05;

/// Holds a video against a platform's limits; `live_maximum` is the duration the account itself is allowed now.
#[must_use]
pub fn judge(limits: &Limits, facts: &VideoFacts, live_maximum: Option<Duration>) -> Verdict {
    let mut verdict = Verdict::default();
    judge_file(limits, facts, &mut verdict);
    judge_duration(limits, facts, live_maximum, &mut verdict);
    judge_picture(limits, facts, &mut verdict);
    verdict
}

fn judge_file(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    if !limits.containers.contains(&facts.container) {
        let allowed = list(limits.containers);
        verdict.error("video_container", format!("The file is {}; allowed are {allowed}.", facts.container));
    }
    if !limits.video_codecs.contains(&facts.video_codec) {
        let allowed = list(limits.video_codecs);
        verdict.error(
            "video_codec",
            format!("The video is coded as {}; allowed are {allowed}.", facts.video_codec),
        );
    }
    if facts.size > limits.max_bytes {
        let (found, most) = (bytes(facts.size), bytes(limits.max_bytes));
        verdict.error("video_too_large", format!("The file has {found}; at most {most} are allowed."));
    }
}

fn judge_duration(
    limits: &Limits,
    facts: &VideoFacts,
    live_maximum: Option<Duration>,
    verdict: &mut Verdict,
) {
    let found = span(facts.duration);
    if facts.duration < limits.min_duration {
        let least = span(limits.min_duration);
        verdict.error("video_too_short", format!("The video lasts {found}; it must last at least {least}."));
    }
    let live = live_maximum.filter(|&live| live < limits.max_duration);
    match live {
        Some(live) if facts.duration > live => verdict.error(
            "video_too_long_for_account",
            format!("The video lasts {found}; this account may post at most {}.", span(live)),
        ),
        None if facts.duration > limits.max_duration => {
            let most = span(limits.max_duration);
            verdict.error("video_too_long", format!("The video lasts {found}; at most {most} are allowed."));
        }
        Some(_) | None => {}
    }
}

fn judge_picture(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let (short, long) = (facts.width.min(facts.height), facts.width.max(facts.height));
    let found = format!("{}×{} pixels", facts.width, facts.height);
    if short < limits.min_side {
        let least = limits.min_side;
        verdict
            .error("video_too_small", format!("The picture is {found}; each side needs at least {least}."));
    }
    if long > limits.max_side {
        let most = limits.max_side;
        verdict
            .error("video_too_wide", format!("The picture is {found}; each side may have at most {most}."));
    }
    let (least, most) = (limits.min_frame_rate, limits.max_frame_rate);
    match facts.frame_rate {
        Some(rate) if rate < least - RATE_SLACK || rate > most + RATE_SLACK => verdict.error(
            "video_frame_rate",
            format!("The video has {rate:.2} pictures per second; allowed are {least} to {most}."),
        ),
        Some(_) => {}
        None => verdict.warn(
            "video_frame_rate_unknown",
            format!(
                "The file does not tell its frame rate; allowed are {least} to {most} pictures per second."
            ),
        ),
    }
    if limits.orientation == Orientation::VerticalPreferred && facts.is_horizontal() {
        verdict.warn(
            "video_horizontal",
            format!("The picture is {found}, wider than high; vertical video fills the screen."),
        );
    }
}

fn list<T: ToString>(allowed: &[T]) -> String {
    allowed.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn bytes(count: u64) -> String {
    let [kilo, mega, giga] = [1_000, 1_000_000, 1_000_000_000_u64];
    let scaled = |unit: u64, name: &str| format!("{}.{:02} {name}", count / unit, count % unit * 100 / unit);
    match count {
        _ if count >= giga => scaled(giga, "GB"),
        _ if count >= mega => scaled(mega, "MB"),
        _ => scaled(kilo, "kB"),
    }
}

fn span(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds}{fraction} s"),
        (minutes, 0) if millis == 0 => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds}{fraction} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        min_duration: Duration::from_secs(3),
        max_duration: Duration::from_mins(10),
        max_bytes: 4_294_967_296,
        min_side: 360,
        max_side: 4096,
        min_frame_rate: 23.0,
        max_frame_rate: 60.0,
        containers: &[Container::Mp4, Container::Mov, Container::Webm],
        video_codecs: &[VideoCodec::H264, VideoCodec::H265, VideoCodec::Vp8, VideoCodec::Vp9],
        orientation: Orientation::VerticalPreferred,
    };

    fn fine() -> VideoFacts {
        VideoFacts {
            container: Container::Mp4,
            brand: Some("isom".to_owned()),
            duration: Duration::from_secs(30),
            width: 1080,
            height: 1920,
            rotation: 0,
            frame_rate: Some(29.97),
            video_codec: VideoCodec::H264,
            audio_codec: None,
            size: 20_000_000,
            fragmented: false,
        }
    }

    fn codes(facts: &VideoFacts, live: Option<u64>) -> (Vec<&'static str>, Vec<&'static str>) {
        let verdict = judge(&LIMITS, facts, live.map(Duration::from_secs));
        let of = |findings: Vec<Finding>| findings.into_iter().map(|finding| finding.code).collect();
        (of(verdict.errors), of(verdict.warnings))
    }

    #[test]
    fn a_fine_video_passes_at_the_limits_too() {
        assert!(judge(&LIMITS, &fine(), None).passes());
        for (seconds, size, rate) in [(3, 1, 23.0), (600, 4_294_967_296, 60.02)] {
            let edge =
                VideoFacts { duration: Duration::from_secs(seconds), size, frame_rate: Some(rate), ..fine() };
            assert_eq!(codes(&edge, None), (vec![], vec![]));
        }
    }

    #[test]
    fn each_limit_has_its_own_code() {
        let table = [
            (VideoFacts { duration: Duration::from_millis(2_999), ..fine() }, "video_too_short"),
            (VideoFacts { duration: Duration::from_millis(600_001), ..fine() }, "video_too_long"),
            (VideoFacts { size: 4_294_967_297, ..fine() }, "video_too_large"),
            (VideoFacts { width: 359, ..fine() }, "video_too_small"),
            (VideoFacts { height: 4097, ..fine() }, "video_too_wide"),
            (VideoFacts { frame_rate: Some(15.0), ..fine() }, "video_frame_rate"),
            (VideoFacts { frame_rate: Some(120.0), ..fine() }, "video_frame_rate"),
            (VideoFacts { container: Container::Matroska, ..fine() }, "video_container"),
            (VideoFacts { video_codec: VideoCodec::Av1, ..fine() }, "video_codec"),
        ];
        for (facts, code) in table {
            assert_eq!(codes(&facts, None), (vec![code], vec![]));
        }
    }

    #[test]
    fn the_accounts_own_maximum_is_stricter_and_never_laxer() {
        let long = VideoFacts { duration: Duration::from_secs(200), ..fine() };
        assert_eq!(codes(&long, Some(180)).0, ["video_too_long_for_account"]);
        assert_eq!(codes(&long, Some(200)).0, [""; 0]);
        let longer = VideoFacts { duration: Duration::from_secs(601), ..fine() };
        assert_eq!(codes(&longer, Some(3_600)).0, ["video_too_long"]);
    }

    #[test]
    fn messages_name_what_was_found_and_what_is_allowed() {
        let long = VideoFacts { duration: Duration::from_millis(605_500), size: 5_250_000_000, ..fine() };
        let verdict = judge(&LIMITS, &long, None);
        let messages: Vec<_> = verdict.errors.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "The file has 5.25 GB; at most 4.29 GB are allowed.",
                "The video lasts 10 min 5.500 s; at most 10 min are allowed.",
            ]
        );
    }

    #[test]
    fn a_horizontal_or_unclocked_video_only_warns() {
        let wide = VideoFacts { width: 1920, height: 1080, frame_rate: None, ..fine() };
        assert_eq!(codes(&wide, None), (vec![], vec!["video_frame_rate_unknown", "video_horizontal"]));
    }
}
