//! Whether a video is what a surface takes.

use std::time::Duration;

use serde::Serialize;

use super::facts::{Container, VideoCodec, VideoFacts};
use super::limits::{Limits, Orientation, Wishes};

/// One property that a platform refuses or dislikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable name.
    pub code: &'static str,
    /// A sentence with what was found and what is allowed.
    pub message: String,
}

/// The result for one platform: errors stop the video, warnings do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Why the platform would refuse it.
    pub errors: Vec<Finding>,
    /// Remarks for its owner.
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

/// Rates are averages of rounded times: 60 frames per second may measure as 60.02.
const RATE_SLACK: f64 = 0.05;

/// Sides are whole and mostly even: 9:16 may measure as 404×720.
const ASPECT_SLACK: f64 = 0.01;

/// Checks a video against a surface's limits. `live_maximum` is the duration that the account itself is allowed now.
#[must_use]
pub fn judge(limits: &Limits, facts: &VideoFacts, live_maximum: Option<Duration>) -> Verdict {
    let mut verdict = Verdict::default();
    judge_reading(limits, facts, &mut verdict);
    judge_file(limits, facts, &mut verdict);
    judge_duration(limits, facts, live_maximum, &mut verdict);
    judge_picture(limits, facts, &mut verdict);
    judge_rate(limits, facts, &mut verdict);
    judge_wishes(limits.surface, &limits.wishes, facts, &mut verdict);
    verdict
}

/// Unknown facts are for the platform to judge: a guess could refuse a good video.
fn judge_reading(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let surface = limits.surface;
    let unknown: Vec<&str> = [
        facts.duration.is_none().then_some("length"),
        facts.sides().is_none().then_some("picture size"),
        facts.video_codec.is_none().then_some("video codec"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !unknown.is_empty() {
        verdict.warn(
            "video_facts_unknown",
            format!(
                "We can't tell this file's {}, so only {surface} can check the video. To be sure, {}.",
                unknown.join(", "),
                remedy(limits)
            ),
        );
    }
}

/// What its owner can do about a file that is not taken as it is.
fn remedy(limits: &Limits) -> &'static str {
    match limits.containers {
        Some(allowed) if !allowed.contains(&Container::Webm) => "export it as H.264 in MP4",
        _ => "record in WebM or export as H.264 in MP4",
    }
}

fn judge_file(limits: &Limits, facts: &VideoFacts, verdict: &mut Verdict) {
    let (surface, remedy) = (limits.surface, remedy(limits));
    if let Some(allowed) = limits.containers.filter(|allowed| !allowed.contains(&facts.container)) {
        let allowed = list(allowed);
        verdict.error(
            "video_container",
            format!(
                "The file is {}, but {surface} only accepts {allowed}. To fix it, {remedy}.",
                facts.container
            ),
        );
    }
    if let (Some(allowed), Some(found)) = (limits.video_codecs, &facts.video_codec)
        && !allowed.contains(found)
    {
        let allowed = list(allowed);
        verdict.error(
            "video_codec",
            format!("The video codec is {found}, but {surface} only accepts {allowed}. To fix it, {remedy}."),
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
    let Some(duration) = facts.duration else { return };
    let (surface, found) = (limits.surface, span(duration));
    if let Some(least) = limits.min_duration.filter(|&least| duration < least) {
        let least = span(least);
        verdict.error(
            "video_too_short",
            format!("The video is {found} long. {surface} needs at least {least}."),
        );
    }
    let live = live_maximum.filter(|&live| live < limits.max_duration);
    match live {
        Some(live) if duration > live => verdict.error(
            "video_too_long_for_account",
            format!("The video is {found} long. This account can post up to {}.", span(live)),
        ),
        None if duration > limits.max_duration => {
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
    let Some((width, height)) = facts.sides() else { return };
    let (short, long) = (width.min(height), width.max(height));
    let (surface, found) = (limits.surface, picture(width, height));
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
    if let Some(most) = limits.max_width.filter(|&most| width > most) {
        verdict.error("video_too_wide", format!("The video is {found}. {surface} allows up to {most} wide."));
    }
    let Some((narrowest, widest)) = limits.aspect else { return };
    let ratio = |(width, height)| f64::from(width) / f64::from(height);
    let aspect = ratio((width, height));
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
    // One frame more or less is no reason either.
    let picture = facts.duration.map_or(0.0, |duration| duration.as_secs_f64().recip());
    let slack = RATE_SLACK.max(picture);
    match facts.frame_rate {
        Some(rate) if rate < least - slack || rate > most + slack => verdict.error(
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
    if let Some((width, height)) = facts.sides() {
        let found = picture(width, height);
        if wishes.orientation == Orientation::VerticalPreferred && facts.is_horizontal() {
            verdict.warn(
                "video_horizontal",
                format!("The video is {found}, wider than it is tall. Vertical video fills the screen."),
            );
        }
        if let Some(most) = wishes.max_short_side.filter(|&most| width.min(height) > most) {
            verdict.warn(
                "video_scaled_down",
                format!(
                    "The video is {found}. {surface} scales down, or may refuse, videos with more than {most} on the shorter side."
                ),
            );
        }
    }
    if let (Some(most), Some(found)) = (wishes.max_duration, facts.duration)
        && found > most
    {
        let (found, most) = (span(found), span(most));
        verdict.warn(
            "video_shown_less",
            format!("The video is {found} long. {surface} shows it everywhere only up to {most}."),
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
    if let (Some(rather), Some(found)) = (wishes.video_codecs, &facts.video_codec)
        && !rather.contains(found)
    {
        let rather = list(rather);
        verdict.warn(
            "video_codec_converted",
            format!("The video codec is {found}. {surface} recommends {rather}."),
        );
    }
    judge_fineness(surface, wishes, facts, verdict);
}

/// More color, bits or audio than a surface's limits.
fn judge_fineness(surface: &str, wishes: &Wishes, facts: &VideoFacts, verdict: &mut Verdict) {
    if let (Some(wanted), Some(found)) = (wishes.chroma, facts.chroma) {
        let bits = facts.bit_depth.unwrap_or(8);
        // H.265 has ten bits in its main profiles, which every phone plays; H.264 has not.
        if found != wanted || bits > 8 && facts.video_codec == Some(VideoCodec::H264) {
            verdict.warn(
                "video_pixel_format",
                format!(
                    "The video's colors are {found} with {bits} bits. {surface} recommends {wanted} and may refuse or re-encode the video. Export it with 8 bits and {wanted} (yuv420p)."
                ),
            );
        }
    }
    if let (Some(most), Some(found)) = (wishes.max_sample_rate, facts.sample_rate)
        && found > most
    {
        verdict.warn(
            "audio_sample_rate",
            format!(
                "The audio has {}. {surface} recommends up to {} and may refuse or re-encode the video.",
                kilohertz(found),
                kilohertz(most)
            ),
        );
    }
    if let (Some(most), Some(found)) = (wishes.max_channels, facts.channels)
        && found > most
    {
        verdict.warn(
            "audio_channels",
            format!(
                "The audio has {found} channels. {surface} recommends up to {most} and may refuse or re-encode the video."
            ),
        );
    }
}

fn kilohertz(hertz: u32) -> String {
    format!("{} kHz", f64::from(hertz) / 1_000.0)
}

fn picture(width: u32, height: u32) -> String {
    format!("{width}×{height} pixels")
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
