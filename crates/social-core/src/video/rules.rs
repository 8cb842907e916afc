//! Whether a video is what a surface takes.

use std::time::Duration;

use serde::Serialize;

use super::facts::VideoFacts;
use super::limits::{Limits, Orientation, Wishes};

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

/// Sides are whole and mostly even: 9:16 may measure as 404×720.
const ASPECT_SLACK: f64 = 0.01;

/// Holds a video against a surface's limits; `live_maximum` is the duration the account itself is allowed now.
#[must_use]
pub fn judge(limits: &Limits, facts: &VideoFacts, live_maximum: Option<Duration>) -> Verdict {
    let mut verdict = Verdict::default();
    judge_file(limits, facts, &mut verdict);
    judge_duration(limits, facts, live_maximum, &mut verdict);
    judge_picture(limits, facts, &mut verdict);
    judge_rate(limits, facts, &mut verdict);
    judge_wishes(limits.surface, &limits.wishes, facts, &mut verdict);
    verdict
}

fn judge_file(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let surface = limits.surface;
    if !limits.containers.contains(&facts.container) {
        let allowed = list(limits.containers);
        verdict.error(
            "video_container",
            format!("The file is {}, but {surface} only accepts {allowed}.", facts.container),
        );
    }
    if !limits.video_codecs.contains(&facts.video_codec) {
        let allowed = list(limits.video_codecs);
        verdict.error(
            "video_codec",
            format!("The video codec is {}, but {surface} only accepts {allowed}.", facts.video_codec),
        );
    }
    if let (Some(allowed), Some(found)) = (limits.audio_codecs, &facts.audio_codec)
        && !allowed.contains(found)
    {
        let allowed = list(allowed);
        verdict.error(
            "audio_codec",
            format!("The audio codec is {found}, but {surface} only accepts {allowed}."),
        );
    }
    if let Some(most) = limits.max_bytes.filter(|&most| facts.size > most) {
        let (found, most) = (bytes(facts.size), bytes(most));
        verdict.error("video_too_large", format!("The file is {found}. {surface} allows up to {most}."));
    }
}

fn judge_duration(
    limits: &Limits,
    facts: &VideoFacts,
    live_maximum: Option<Duration>,
    verdict: &mut Verdict,
) {
    let (surface, found) = (limits.surface, span(facts.duration));
    if let Some(least) = limits.min_duration.filter(|&least| facts.duration < least) {
        let least = span(least);
        verdict.error(
            "video_too_short",
            format!("The video is {found} long. {surface} needs at least {least}."),
        );
    }
    let live = live_maximum.filter(|&live| live < limits.max_duration);
    match live {
        Some(live) if facts.duration > live => verdict.error(
            "video_too_long_for_account",
            format!("The video is {found} long. This account can post up to {}.", span(live)),
        ),
        None if facts.duration > limits.max_duration => {
            let most = span(limits.max_duration);
            verdict.error(
                "video_too_long",
                format!("The video is {found} long. {surface} allows up to {most}."),
            );
        }
        Some(_) | None => {}
    }
}

fn judge_picture(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let (short, long) = (facts.width.min(facts.height), facts.width.max(facts.height));
    let (surface, found) = (limits.surface, picture(facts));
    if let Some((least, least_long)) =
        limits.min_sides.filter(|&(least, least_long)| short < least || long < least_long)
    {
        verdict.error(
            "video_too_small",
            format!("The video is {found}. {surface} needs at least {least}×{least_long}."),
        );
    }
    if let Some(most) = limits.max_side.filter(|&most| long > most) {
        verdict.error(
            "video_too_wide",
            format!("The video is {found}. {surface} allows up to {most} on each side."),
        );
    }
    if let Some(most) = limits.max_width.filter(|&most| facts.width > most) {
        verdict.error("video_too_wide", format!("The video is {found}. {surface} allows up to {most} wide."));
    }
    let Some((narrowest, widest)) = limits.aspect else { return };
    let ratio = |(width, height)| f64::from(width) / f64::from(height);
    let aspect = ratio((facts.width, facts.height));
    if aspect < ratio(narrowest) * (1.0 - ASPECT_SLACK) || aspect > ratio(widest) * (1.0 + ASPECT_SLACK) {
        let shown = |(width, height): (u32, u32)| format!("{width}:{height}");
        verdict.error(
            "video_aspect",
            format!(
                "The video is {found}. {surface} needs an aspect ratio from {} to {}.",
                shown(narrowest),
                shown(widest)
            ),
        );
    }
}

fn judge_rate(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let Some((least, most)) = limits.frame_rate else { return };
    let surface = limits.surface;
    match facts.frame_rate {
        Some(rate) if rate < least - RATE_SLACK || rate > most + RATE_SLACK => verdict.error(
            "video_frame_rate",
            format!("The video has {rate:.2} frames per second. {surface} needs {least} to {most}."),
        ),
        Some(_) => {}
        None => verdict.warn(
            "video_frame_rate_unknown",
            format!(
                "The file doesn't state its frame rate. {surface} needs {least} to {most} frames per second."
            ),
        ),
    }
}

fn judge_wishes(surface: &str, wishes: &Wishes, facts: &VideoFacts, verdict: &mut Verdict) {
    if wishes.orientation == Orientation::VerticalPreferred && facts.is_horizontal() {
        verdict.warn(
            "video_horizontal",
            format!(
                "The video is {}, wider than it is tall. Vertical video fills the screen.",
                picture(facts)
            ),
        );
    }
    if let Some(most) = wishes.max_duration.filter(|&most| facts.duration > most) {
        let (found, most) = (span(facts.duration), span(most));
        verdict.warn(
            "video_shown_less",
            format!("The video is {found} long. {surface} shows it everywhere only up to {most}."),
        );
    }
    let short = facts.width.min(facts.height);
    if let Some(most) = wishes.max_short_side.filter(|&most| short > most) {
        verdict.warn(
            "video_scaled_down",
            format!(
                "The video is {}. {surface} scales down, or may refuse, videos with more than {most} on the shorter side.",
                picture(facts)
            ),
        );
    }
    if let (Some(most), Some(found)) = (wishes.max_bit_rate, facts.bit_rate())
        && found > most
    {
        verdict.warn(
            "video_bit_rate",
            format!(
                "The bit rate is {}. {surface} recommends up to {} and may refuse or re-encode the video.",
                bits(found),
                bits(most)
            ),
        );
    }
    if let Some(rather) = wishes.containers.filter(|rather| !rather.contains(&facts.container)) {
        let rather = list(rather);
        verdict.warn(
            "video_container_converted",
            format!("The file is {}. {surface} recommends {rather}.", facts.container),
        );
    }
    if let Some(rather) = wishes.video_codecs.filter(|rather| !rather.contains(&facts.video_codec)) {
        let rather = list(rather);
        verdict.warn(
            "video_codec_converted",
            format!("The video codec is {}. {surface} recommends {rather}.", facts.video_codec),
        );
    }
}

fn picture(facts: &VideoFacts) -> String {
    format!("{}×{} pixels", facts.width, facts.height)
}

fn bits(count: u64) -> String {
    format!("{}.{} Mbit/s", count / 1_000_000, count % 1_000_000 / 100_000)
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
mod tests;
