//! Checks the attempt log for consistency, and compares it with the calls that arrived at the platform.

use std::collections::HashSet;

use crate::blow::Endpoint;
use crate::evidence::{Attempt, Case, ResultCase};
use crate::wire::{Answer, Subject};

/// Reports whether a `once` call may have taken effect without a saved outcome.
pub(super) fn is_unclear(attempt: &Attempt) -> bool {
    let no_verdict = attempt.http_status.is_some_and(|status| status >= 500)
        || attempt.platform_code.as_deref() == Some("unreadable_reply");
    match attempt.outcome.as_str() {
        "crashed" | "noReply" => true,
        "refused" => no_verdict,
        _ => false,
    }
}

/// Checks the calls after an init with unknown outcome. An init has no id to query. So after one that may
/// have published, only reads may follow.
pub(super) fn wrong(one: &ResultCase<'_>) -> Vec<String> {
    let unclear = one
        .attempts
        .iter()
        .position(|attempt| attempt.step == "init" && attempt.effect == "once" && is_unclear(attempt));
    let after = unclear.and_then(|unclear| one.attempts.get(unclear + 1..)).unwrap_or_default();
    let sent = after.iter().filter(|attempt| !matches!(attempt.step.as_str(), "check" | "poll" | "find"));
    sent.map(|attempt| format!("{} was sent after an unclear init", attempt.step)).collect()
}

/// Checks the calls after a last chunk that may have arrived. Another one may follow only after TikTok
/// reported that it did not arrive. The check uses the wire, because the attempt log lacks the reads of
/// processes that were killed before they saved them.
pub(super) fn sent_blindly(case: &Case) -> Vec<String> {
    // By upload; a publish id ends in its upload's.
    let mut unclear: HashSet<&str> = HashSet::new();
    let mut wrong = Vec::new();
    for call in &case.calls {
        match (&call.subject, call.endpoint, call.answer) {
            (Subject::Upload(upload), Endpoint::LastChunk, answer) => {
                if !unclear.insert(upload) {
                    let number = case.made.wish.number();
                    let at = call.at.as_secs_f64();
                    wrong.push(format!(
                        "post {number}: its last chunk was sent again at {at:.3} s without a query"
                    ));
                }
                // It was cut off, by the end of its sender or its source.
                if answer == Answer::Whole(400) {
                    unclear.remove(upload.as_str());
                }
            }
            (Subject::Publish(id), Endpoint::Status, Answer::Whole(200)) => {
                unclear.remove(id.rsplit('.').next().unwrap_or_default());
            }
            _ => {}
        }
    }
    wrong
}

/// Checks that every init of a platform download that arrived has its row, whatever its sender's end.
pub(super) fn unwritten(one: &ResultCase<'_>) -> Option<String> {
    if !one.case.made.wish.is_pull {
        return None;
    }
    let arrived = one.calls.iter().filter(|call| call.endpoint == Endpoint::Init).count();
    let written =
        one.attempts.iter().filter(|attempt| attempt.step == "init" && attempt.outcome != "notSent");
    let written = written.count();
    (arrived > written).then(|| {
        format!("{arrived} inits that publish arrived at the platform, but the attempt log has {written}")
    })
}
