//! The ledger against itself, and against what arrived at the platform.

use std::collections::HashMap;

use crate::blow::Endpoint;
use crate::evidence::{Attempt, ResultCase};

/// Whether a call of effect `once` may have taken effect, and nobody was told.
pub(super) fn is_unclear(attempt: &Attempt) -> bool {
    let no_verdict = attempt.http_status.is_some_and(|status| status >= 500)
        || attempt.platform_code.as_deref() == Some("unreadable_reply");
    match attempt.outcome.as_str() {
        "crashed" | "noReply" => true,
        "refused" => no_verdict,
        _ => false,
    }
}

/// After a `once` call that may have taken effect no other is sent before the platform has been asked. An init has no
/// name to ask by, so after an unclear one nothing is sent but looks at what has become of it.
pub(super) fn wrong(one: &ResultCase<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut unclear: Option<&Attempt> = None;
    for attempt in &one.attempts {
        let asks = matches!(attempt.step.as_str(), "check" | "poll" | "find");
        if let Some(before) = unclear
            && !asks
            && (before.step == "init" || attempt.effect == "once")
        {
            wrong.push(format!("{} was sent after an unclear {}", attempt.step, before.step));
        }
        if asks && attempt.outcome == "ok" {
            unclear = None;
        }
        if attempt.effect == "once" && is_unclear(attempt) {
            unclear = Some(attempt);
        }
    }
    wrong
}

/// Counts, by post, the inits that arrived at the platform and those that the ledger has: for pulls, where init is
/// a `once` call and must leave a row whatever becomes of its sender.
pub(super) fn count_inits(one: &ResultCase<'_>, inits: &mut HashMap<u32, (usize, usize)>) {
    let wish = &one.case.made.wish;
    if !wish.is_pull {
        return;
    }
    let arrived = one.case.calls.iter().filter(|call| call.endpoint == Endpoint::Init).count();
    let written =
        one.attempts.iter().filter(|attempt| attempt.step == "init" && attempt.outcome != "notSent");
    let counts = inits.entry(wish.number()).or_default();
    // The wire knows the post, the ledger the result.
    counts.0 = arrived;
    counts.1 += written.count();
}

/// Calls that no row tells of.
pub(super) fn unwritten(inits: &HashMap<u32, (usize, usize)>) -> Vec<String> {
    let missing = inits.iter().filter(|(_, (arrived, written))| arrived > written);
    missing
        .map(|(number, (arrived, written))| {
            format!("post {number}: {arrived} inits that publish arrived at the platform, and the ledger has {written}")
        })
        .collect()
}
