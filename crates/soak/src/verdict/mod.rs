//! The checks. Each finding is a sentence about one post, with all its data.

mod doubt;
mod ledger;

use std::collections::HashSet;
use std::fmt::Write as _;

use social_sandbox::tiktok::Mode;

use crate::evidence::{Evidence, ResultCase};
use crate::post::Goal;
use crate::wire::CallRecord;

/// The problems, one sentence each, with the data of the post below.
pub(crate) type Findings = Vec<String>;

/// Checks everything that was accepted, and everything that was published.
pub(crate) fn reach(evidence: &Evidence) -> Findings {
    let mut findings = lost(evidence);
    findings.extend(strangers(evidence));
    for case in &evidence.cases {
        let wrong = ledger::sent_blindly(case);
        findings.extend(wrong.into_iter().map(|wrong| format!("{wrong}{}", seen(case.calls.iter()))));
    }
    for one in evidence.results() {
        let mut wrong = published_as_told(&one);
        wrong.extend(ledger::wrong(&one));
        if one.result.state == "inDoubt" {
            wrong.extend(doubt::without_reason(&one, evidence));
        }
        wrong.extend(ledger::unwritten(&one));
        findings.extend(wrong.into_iter().map(|wrong| format!("{wrong}\n{}", known(&one))));
    }
    findings
}

/// Checks that every accepted post exists once, with all its results.
fn lost(evidence: &Evidence) -> Findings {
    let mut findings = Vec::new();
    for case in &evidence.cases {
        let number = case.made.wish.number();
        let listed = evidence.listed.get(&number.to_string()).map_or(0, Vec::len);
        if listed != 1 {
            findings
                .push(format!("post {number} was accepted as {} and is listed {listed} times", case.made.id));
        }
        if case.shown.id != case.made.id || case.shown.results.len() != case.made.results {
            findings.push(format!("post {number} ({}) has lost a result", case.made.id));
        }
        if case.made.edited && case.shown.caption != case.made.wish.changed_caption() {
            findings.push(format!("post {number} ({}) has lost the change of its caption", case.made.id));
        }
    }
    let accepted: HashSet<String> =
        evidence.cases.iter().map(|case| case.made.wish.number().to_string()).collect();
    for (number, ids) in evidence.listed.iter().filter(|(number, _)| !accepted.contains(*number)) {
        findings.push(format!("post {number} is listed as {ids:?} and was never accepted"));
    }
    findings
}

/// Checks that every published video belongs to a result.
fn strangers(evidence: &Evidence) -> Findings {
    let known: HashSet<&str> =
        evidence.results().flat_map(|one| one.published).map(|one| one.publish_id.as_str()).collect();
    let strange =
        evidence.published.values().flatten().filter(|one| !known.contains(one.publish_id.as_str()));
    strange.map(|one| format!("{} is published but belongs to no result: {one:?}", one.publish_id)).collect()
}

/// Checks that the state matches the platform, and the platform matches the request.
fn published_as_told(one: &ResultCase<'_>) -> Findings {
    let mut wrong = Vec::new();
    let wish = &one.case.made.wish;
    let count = one.published.len();
    if count > 1 {
        wrong.push(format!("published {count} times"));
    }
    let live = one.begun.iter().filter(|begun| begun.failed.is_none() && !begun.awaits_bytes).count();
    if live > 1 {
        wrong.push(format!("{live} publications of it are alive at the platform"));
    }
    match one.result.state.as_str() {
        "published" | "deliveredToInbox" if count == 0 => {
            wrong.push("is called published and is not".to_owned());
        }
        "failed" | "cancelled" | "expired" if count > 0 => {
            wrong.push(format!("is {} and was published", one.result.state));
        }
        "published" | "deliveredToInbox" | "failed" | "cancelled" | "expired" | "inDoubt" => {}
        state => wrong.push(format!("is stuck: {state} at {:?}", one.result.step)),
    }
    for published in &one.published {
        if published.sha256 != wish.film.sha256() {
            wrong.push(format!("other bytes were published: {} of them", published.size));
        }
        let is_draft = published.mode == Mode::Inbox;
        if is_draft != (wish.goal == Goal::Draft) {
            wrong.push(format!("went the wrong way: {:?}", published.mode));
        }
        if !is_draft && published.caption != one.case.shown.caption {
            wrong.push(format!(
                "was published as {:?} and not {:?}",
                published.caption, one.case.shown.caption
            ));
        }
        let told = one.result.publish_id.as_deref();
        if ["published", "deliveredToInbox"].contains(&one.result.state.as_str())
            && told != Some(published.publish_id.as_str())
        {
            wrong.push(format!("names {told:?}, and {} was published", published.publish_id));
        }
    }
    wrong
}

/// Returns all data of a result: its state, its attempt log, the wire, and the platform.
fn known(one: &ResultCase<'_>) -> String {
    let mut text = format!(
        "    post {} ({}), result {} on @{}: {}",
        one.case.made.wish.number(),
        one.case.made.id,
        one.result.id,
        one.handle,
        one.result.state
    );
    if let Some(error) = &one.result.error {
        let _ = write!(text, ", {}", error.code);
    }
    for attempt in &one.attempts {
        let _ = write!(
            text,
            "\n      ledger   {} {} ({}): {} {} {}",
            attempt.at.format("%T%.3f"),
            attempt.step,
            attempt.effect,
            attempt.outcome,
            attempt.http_status.map_or_else(String::new, |status| status.to_string()),
            attempt.platform_code.as_deref().unwrap_or_default(),
        );
    }
    text.push_str(&seen(one.calls.iter().copied()));
    for begun in &one.begun {
        let _ = write!(text, "\n      platform {begun:?}");
    }
    text
}

/// Returns the calls on the wire.
fn seen<'a>(calls: impl Iterator<Item = &'a CallRecord>) -> String {
    let mut text = String::new();
    for call in calls {
        let _ = write!(
            text,
            "\n      wire     {:.3} s {:?} by {:?}: {:?} after {:.3} s{}",
            call.at.as_secs_f64(),
            call.endpoint,
            call.who.map(|who| (who.worker, who.nth)),
            call.answer,
            call.took.as_secs_f64(),
            call.blow.map_or_else(String::new, |blow| format!(" [{blow}]")),
        );
    }
    text
}
