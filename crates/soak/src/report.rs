//! The report of a run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::time::Duration;

use social_core::clock::between;

use crate::evidence::Evidence;
use crate::plan::Plan;
use crate::trouble::Troubles;

/// How many findings are shown completely.
const SHOWN: usize = 20;

/// The figures that the evidence does not contain.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) blows: BTreeMap<&'static str, u64>,
    pub(crate) troubles: Troubles,
    pub(crate) reconnected: u64,
    /// How many webhooks were taken, and how often one arrived again, in a hard run.
    pub(crate) news: Option<(usize, u32)>,
    pub(crate) lasted: Duration,
    pub(crate) drained: Duration,
}

/// Returns the report of a run.
pub(crate) fn report(plan: &Plan, evidence: &Evidence, figures: &Figures, findings: &[String]) -> String {
    let mut text = format!("\nSoak of {} posts, seed {}\n", evidence.cases.len(), plan.seed);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<18} {value}");
    };
    line("faults, final phase", format!("{} s, {} s", figures.lasted.as_secs(), figures.drained.as_secs()));
    line("results", counts(evidence.results().map(|one| one.result.state.as_str())));
    line(
        "published",
        format!("{} at the platform", evidence.published.values().map(Vec::len).sum::<usize>()),
    );
    line("due to published", delays(evidence));
    line("kills", format!("{} with kill -9, of {} processes", evidence.kills.len(), plan.workers));
    line("frozen", format!("{} for longer than a lease or nearly", evidence.freezes.len()));
    line("Postgres stopped", counts(evidence.outages.iter().map(|(_, how)| *how)));
    line("handed on", format!("{} posts, worked on by more than one process", handed_on(evidence)));
    line(
        "grants",
        format!(
            "{} tokens expired, {} grants ended, {} accounts connected again",
            figures.troubles.expired_tokens, figures.troubles.ended_grants, figures.reconnected
        ),
    );
    if let Some((taken, again)) = figures.news {
        line("webhooks", format!("{taken} taken, {again} times one arrived again"));
    }
    line("calls by step", steps(evidence));
    let blows = figures.blows.iter().map(|(name, count)| format!("{name} {count}"));
    line("what befell calls", blows.collect::<Vec<_>>().join(", "));
    let doubts = evidence.results().filter(|one| one.result.state == "inDoubt");
    line("in doubt by", counts(doubts.filter_map(|one| Some(one.result.error.as_ref()?.code.as_str()))));
    for finding in findings.iter().take(SHOWN) {
        let _ = writeln!(text, "\nWRONG: {finding}");
    }
    if findings.is_empty() {
        text.push_str("\n0 lost, 0 doubled, 0 stuck, and no doubt without a reason.\n");
    } else {
        let _ = writeln!(text, "\n{} things are wrong; try again with --seed {}", findings.len(), plan.seed);
    }
    text
}

/// Returns `7 published, 2 failed`, the most frequent first.
pub(crate) fn counts<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut by_name: HashMap<&str, u64> = HashMap::new();
    for name in names {
        *by_name.entry(name).or_default() += 1;
    }
    listed(by_name.into_iter().collect())
}

/// Returns the same for given counts.
pub(crate) fn listed(mut counts: Vec<(&str, u64)>) -> String {
    counts.sort_unstable_by_key(|(name, count)| (u64::MAX - count, *name));
    let parts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{count} {name}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// Returns how long it took from the time a post was due.
fn delays(evidence: &Evidence) -> String {
    let mut delays: Vec<Duration> = evidence
        .results()
        .filter_map(|one| {
            let due = one.case.shown.publish_at.max(one.case.shown.created_at);
            Some(between(due, one.result.published_at?))
        })
        .collect();
    delays.sort_unstable();
    let at = |percent: usize| {
        let index = delays.len().saturating_sub(1).saturating_mul(percent) / 100;
        delays.get(index).copied().unwrap_or_default().as_secs_f64()
    };
    format!("half within {:.1} s, 95 % within {:.1} s, all within {:.1} s", at(50), at(95), at(100))
}

fn handed_on(evidence: &Evidence) -> usize {
    let by_several = |case: &&crate::evidence::Case| {
        let who: HashSet<_> = case.calls.iter().filter_map(|call| call.who).collect();
        who.len() > 1
    };
    evidence.cases.iter().filter(by_several).count()
}

/// Returns how many calls of each step the attempt log has, with their outcomes.
fn steps(evidence: &Evidence) -> String {
    let mut by_step: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for attempt in evidence.cases.iter().flat_map(|case| &case.attempts) {
        by_step.entry(&attempt.step).or_default().push(&attempt.outcome);
    }
    let parts = by_step
        .into_iter()
        .map(|(step, outcomes)| format!("{step} {} ({})", outcomes.len(), counts(outcomes.iter().copied())));
    parts.collect::<Vec<_>>().join("; ")
}
