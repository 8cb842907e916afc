//! Checks the attempt log for consistency, and compares it with the calls that arrived at the platform.

use std::collections::HashMap;

use crate::blow::Endpoint;
use crate::evidence::{Attempt, Case, ResultCase};
use crate::wire::{Answer, CallRecord, Subject};

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
/// reported that it did not arrive, or if the worker withheld its end. The check uses the wire, because the
/// attempt log lacks the reads of processes that were killed before they saved them.
pub(super) fn sent_blindly(case: &Case) -> Vec<String> {
    let withheld = case
        .attempts
        .iter()
        .filter(|attempt| attempt.step == "upload" && attempt.outcome == "sourceFailed")
        .count();
    let number = case.made.wish.number();
    let blind = blind_chunks(&case.calls, withheld).into_iter().map(|call| {
        let at = call.at.as_secs_f64();
        format!("post {number}: its last chunk was sent again at {at:.3} s without a query")
    });
    blind.collect()
}

/// Returns the last chunks that followed another one without a query. `withheld` of them may follow one without
/// a response: so often the source had not confirmed the video before the connection broke, and the worker had
/// not passed on the end.
fn blind_chunks(calls: &[CallRecord], mut withheld: usize) -> Vec<&CallRecord> {
    // By upload; a publish id ends in its upload's.
    let mut unclear: HashMap<&str, Answer> = HashMap::new();
    let mut blind = Vec::new();
    for call in calls {
        match (&call.subject, call.endpoint, call.answer) {
            (Subject::Upload(upload), Endpoint::LastChunk, answer) => {
                match unclear.insert(upload, answer) {
                    None => {}
                    Some(Answer::None) if withheld > 0 => withheld -= 1,
                    Some(_) => blind.push(call),
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
    blind
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn call(endpoint: Endpoint, subject: Subject, answer: Answer) -> CallRecord {
        let (at, took) = (Duration::ZERO, Duration::ZERO);
        CallRecord { at, took, endpoint, subject, handle: None, who: None, blow: None, answer }
    }

    fn chunk(answer: Answer) -> CallRecord {
        call(Endpoint::LastChunk, Subject::Upload("7".to_owned()), answer)
    }

    #[test]
    fn a_last_chunk_may_follow_another_after_a_query_a_cut_or_a_withheld_end() {
        let query = call(Endpoint::Status, Subject::Publish("v_pub.7".to_owned()), Answer::Whole(200));
        let blind = |calls: &[CallRecord], withheld| blind_chunks(calls, withheld).len();
        let (lost, whole) = (chunk(Answer::None), chunk(Answer::Whole(201)));
        assert_eq!(blind(&[lost.clone(), whole.clone()], 0), 1);
        assert_eq!(blind(&[lost.clone(), whole.clone()], 1), 0);
        assert_eq!(blind(&[lost.clone(), lost.clone(), whole.clone()], 1), 1);
        assert_eq!(blind(&[lost.clone(), query, whole.clone()], 0), 0);
        assert_eq!(blind(&[chunk(Answer::Whole(400)), whole.clone()], 0), 0);
        assert_eq!(blind(&[whole.clone(), whole], 1), 1, "an end that was confirmed was not withheld");
    }
}
