//! What several targets share: the product, the parts of a file in another order, and the checks of a file's facts.

pub mod product;
pub mod shuffle;
pub mod signature;

use std::time::Duration;

use social_core::video::VideoFacts;

/// Checks that the rules can compute with the facts.
///
/// # Panics
///
/// If they cannot.
pub fn assert_plausible(facts: &VideoFacts) {
    let is_plausible = |time: Duration| time > Duration::ZERO && time <= Duration::from_hours(366 * 24);
    assert!(facts.duration.is_none_or(is_plausible), "{facts:?}");
    assert!(facts.sides().is_none_or(|(width, height)| width > 0 && height > 0), "{facts:?}");
    assert!(facts.rotation % 90 == 0 && facts.rotation < 360, "{facts:?}");
    assert!(facts.frame_rate.is_none_or(|rate| rate.is_finite() && rate > 0.0), "{facts:?}");
    let text = format!("{:?} {:?}", facts.video_codec, facts.audio_codec);
    assert!(text.len() < 128 && text.is_ascii(), "{text}");
}
