//! How far two clocks are apart.

use chrono::TimeDelta;

use super::check::{Check, Verdict};
use crate::clock::Timestamp;

/// 30 s: users' tokens and webhooks are compared with this clock, and allow little more.
const MOST: TimeDelta = TimeDelta::seconds(30);

/// Compares this machine's clock with another.
pub(super) fn compare(check: impl Into<String>, whose: &str, ours: Timestamp, theirs: Timestamp) -> Check {
    let apart = (ours - theirs).abs();
    let finding = format!("This machine's clock and {whose} are {} s apart.", apart.num_seconds());
    if apart <= MOST {
        return Check::ok(check, finding);
    }
    Check::new(check, Verdict::Warning, finding)
        .remedy("Set both by NTP: a wrong clock refuses users' tokens and webhooks.")
}
