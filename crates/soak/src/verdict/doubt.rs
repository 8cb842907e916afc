//! Checks whether a result is in doubt for a reason.

use std::time::Duration;

use super::ledger::is_unclear;
use crate::evidence::{Evidence, ResultCase};
use crate::timeline::Span;
use crate::wire::Answer;

/// 12 s: within this time after a call, its sender has saved the response or given up saving it.
const SAVED_WITHIN: Duration = Duration::from_secs(12);
/// 2 s: how long a call may wait in the socket of a busy machine.
const LOOKED_AT_WITHIN: Duration = Duration::from_secs(2);
/// A slower invocation may have run out of time while it waited.
const SLOW: Duration = Duration::from_secs(2);

/// Checks that a doubt has a reason. The last `once` call must have no final outcome in the attempt log, and
/// an event must explain that. Its response was incomplete or inconclusive, its sender was killed or frozen
/// before it could save it, or Postgres was stopped.
pub(super) fn without_reason(one: &ResultCase<'_>, evidence: &Evidence) -> Vec<String> {
    let last = one.attempts.iter().rev().find(|attempt| attempt.effect == "once");
    match last {
        None => vec!["is in doubt, but the attempt log has no call that could publish".to_owned()],
        Some(last) if !is_unclear(last) => {
            vec![format!("is in doubt, but the attempt log says that its {} is {}", last.step, last.outcome)]
        }
        Some(_) if is_explained(one, evidence) => Vec::new(),
        Some(_) => vec!["is in doubt, and nothing happened that explains it".to_owned()],
    }
}

fn is_explained(one: &ResultCase<'_>, evidence: &Evidence) -> bool {
    let publishing = one.calls.iter().filter(|call| call.can_publish(one.case.made.wish.is_pull));
    let mut arrived = false;
    for call in publishing {
        arrived = true;
        // Its sender may have been killed before the call was read.
        let saving =
            Span { from: call.at.saturating_sub(LOOKED_AT_WITHIN), to: call.at + call.took + SAVED_WITHIN };
        let no_verdict = match call.answer {
            Answer::None | Answer::Part => true,
            Answer::Whole(status) => status >= 500,
        };
        let hit = |who, span: &Span| call.who.is_none_or(|sender| sender == who) && saving.meets(span);
        let sender_died = evidence.kills.iter().any(|(who, at)| hit(*who, &Span { from: *at, to: *at }));
        let sender_frozen = evidence.freezes.iter().any(|(who, span)| hit(*who, span));
        let postgres_away = evidence.outages.iter().any(|(span, _)| saving.meets(span));
        if no_verdict || sender_died || sender_frozen || postgres_away || call.took >= SLOW {
            return true;
        }
    }
    // The in-flight record was saved and the call never arrived: its sender was killed in between.
    let happened = evidence.kills.len() + evidence.freezes.len() + evidence.outages.len();
    !arrived && happened > 0
}
