//! The worker, and what waits for it or for a person.

use super::check::{Check, Verdict};
use crate::oauth::Flow;
use crate::store::{Diagnosis, Pulse};
use crate::webhooks::refused_endpoints;

/// Checks the worker's schedule, and what waits.
pub(super) fn examine(flow: &Flow, pulse: Pulse, found: &Diagnosis) -> Vec<Check> {
    let mut checks =
        vec![worker(pulse), due(pulse), undecided(found.in_doubt), reconnect(found.needs_reconnect)];
    checks.extend(webhooks(flow, found));
    checks
}

fn worker(pulse: Pulse) -> Check {
    // With nothing due, no harm is done yet.
    let missed = if pulse.status() == "stalled" { Verdict::Wrong } else { Verdict::Warning };
    let remedy =
        "Call social-post-worker every minute with WORKER_SECRET; `social-server serve` does so itself.";
    match pulse.since_last_call {
        None => Check::new("worker", missed, "The worker was never called.").remedy(remedy),
        Some(since) if since >= Pulse::LATE => {
            Check::new("worker", missed, format!("The worker was last called {since} s ago.")).remedy(remedy)
        }
        Some(since) => Check::ok("worker", format!("The worker was last called {since} s ago.")),
    }
}

fn due(pulse: Pulse) -> Check {
    match pulse.oldest_due {
        0 => Check::ok("due", "No result is waiting."),
        waited if waited < Pulse::LATE => {
            Check::ok("due", format!("The oldest due result has been waiting for {waited} s."))
        }
        waited => {
            let finding = format!("The oldest due result has been waiting for {waited} s.");
            Check::new("due", Verdict::Wrong, finding)
                .remedy("docs/monitor.md lists the causes of late and stalled.")
        }
    }
}

fn undecided(count: i64) -> Check {
    if count == 0 {
        return Check::ok("in_doubt", "No result is in doubt.");
    }
    Check::new("in_doubt", Verdict::Warning, format!("Results in doubt: {count}."))
        .remedy("Their owners decide, or `social-server resolve`: docs/resolve-in-doubt.md.")
}

fn reconnect(count: i64) -> Check {
    if count == 0 {
        return Check::ok("needs_reconnect", "No result waits for a reconnected account.");
    }
    let finding = format!("Results that wait until their owners reconnect an account: {count}.");
    Check::new("needs_reconnect", Verdict::Warning, finding)
        .remedy("Ask the owners to reconnect. If there are many, check the app at the platform.")
}

fn webhooks(flow: &Flow, found: &Diagnosis) -> Option<Check> {
    let endpoints = flow.config.webhooks.urls.len();
    if endpoints == 0 {
        return None;
    }
    let refused = refused_endpoints(&flow.config);
    if !refused.is_empty() {
        let finding = format!("WEBHOOK_URLS: {}.", refused.join("; "));
        let remedy = "Give each endpoint a public https:// address on port 443, without a user name.";
        return Some(Check::new("webhooks", Verdict::Wrong, finding).remedy(remedy));
    }
    let finding = format!(
        "Webhooks: {endpoints} endpoints, {} disabled, {} messages waiting.",
        found.disabled_endpoints, found.waiting_messages
    );
    Some(if found.disabled_endpoints == 0 {
        Check::ok("webhooks", finding)
    } else {
        Check::new("webhooks", Verdict::Warning, finding)
            .remedy("Repair the endpoint, then redeliver: docs/webhooks.md.")
    })
}
