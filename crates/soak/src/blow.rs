//! The injected faults: errors of the platform, and processes killed in the middle of a call.

use std::time::Duration;

use social_sandbox::FaultKind;

use crate::dice::Dice;

/// The endpoints whose calls get faults, by the sandbox's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    Creator,
    Init,
    /// A chunk that is followed by others.
    Chunk,
    /// The chunk that completes the video.
    LastChunk,
    Status,
    /// Cancels a download.
    Cancel,
    Refresh,
}

impl Endpoint {
    /// Returns its name in the sandbox.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator_info",
            Self::Init => "init",
            Self::Chunk => "upload",
            Self::LastChunk => "upload_last",
            Self::Status => "status",
            Self::Cancel => "cancel",
            Self::Refresh => "token_refresh",
        }
    }
}

/// The fault of one call.
#[derive(Debug, Clone)]
pub(crate) enum Blow {
    /// An error of the platform.
    Fault(FaultKind),
    /// The caller is killed; the call never takes effect.
    KillBefore,
    /// The caller is killed some time after the call has arrived, while its body is being sent if that takes
    /// long.
    KillDuring(Duration),
    /// The call takes effect; the caller is killed before the response.
    KillAfter,
    /// The caller gets its response and is killed after this time: before, while or after it is saved.
    KillSoon(Duration),
    /// The caller gets its response, is frozen after the first time, and resumes after the second.
    Freeze(Duration, Duration),
    /// The call takes effect, and Postgres stops before the response arrives.
    Database,
}

/// One kind of fault.
struct Kind {
    name: &'static str,
    /// Its frequency in ten thousand calls of an endpoint.
    often: fn(Endpoint) -> u64,
    /// For how many seconds it delays other work. It is left out if the faults end sooner, so that the final
    /// phase is short.
    tail: u64,
    blow: fn(&mut Dice) -> Blow,
}

/// Calls of the API, which have codes for everything.
fn api(often: u64, at: Endpoint) -> u64 {
    if matches!(at, Endpoint::Creator | Endpoint::Init | Endpoint::Status | Endpoint::Cancel) {
        often
    } else {
        0
    }
}

/// Calls that may publish.
fn publishing(often: u64, at: Endpoint) -> u64 {
    if matches!(at, Endpoint::Init | Endpoint::LastChunk) { often } else { 0 }
}

fn only(wanted: Endpoint, often: u64, at: Endpoint) -> u64 {
    if at == wanted { often } else { 0 }
}

fn status(status: u16, code: &str, retry_after: Option<u64>) -> Blow {
    Blow::Fault(FaultKind::Status { status, code: code.to_owned(), retry_after })
}

fn fail(reason: &str) -> Blow {
    Blow::Fault(FaultKind::FailReason { reason: reason.to_owned() })
}

/// All kinds. About one call in six gets a fault, so most posts meet one and nearly all are published. Kills
/// are most frequent where they are most dangerous.
#[rustfmt::skip]
const KINDS: &[Kind] = &[
    Kind { name: "500", often: |_| 100, tail: 0, blow: |_| status(500, "internal_error", None) },
    Kind { name: "503 with Retry-After", often: |_| 100, tail: 0, blow: |_| status(503, "internal_error", Some(1)) },
    Kind { name: "429 with Retry-After", often: |at| api(80, at), tail: 10, blow: |_| status(429, "rate_limit_exceeded", Some(2)) },
    // Holds the account for a minute.
    Kind { name: "429", often: |at| api(20, at), tail: 90, blow: |_| status(429, "rate_limit_exceeded", None) },
    Kind { name: "401", often: |at| api(80, at), tail: 0, blow: |_| status(401, "access_token_invalid", None) },
    Kind { name: "html", often: |_| 120, tail: 0, blow: |_| Blow::Fault(FaultKind::Html { status: 502 }) },
    Kind { name: "truncated", often: |_| 120, tail: 0, blow: |_| Blow::Fault(FaultKind::Truncated) },
    Kind { name: "reset before", often: |_| 120, tail: 0, blow: |_| Blow::Fault(FaultKind::HangUpBefore) },
    Kind { name: "reset after", often: |_| 150, tail: 0, blow: |_| Blow::Fault(FaultKind::HangUpAfter) },
    Kind { name: "slow", often: |_| 200, tail: 0, blow: |dice| late(dice, 100, 2_000) },
    // Slower than the time limit of some invocations.
    Kind { name: "stalled", often: |_| 30, tail: 15, blow: |dice| late(dice, 6_000, 12_000) },
    Kind { name: "fails inside", often: |at| publishing(80, at), tail: 10, blow: |_| fail("internal") },
    Kind { name: "pull fails", often: |at| only(Endpoint::Init, 50, at), tail: 10, blow: |_| fail("video_pull_failed") },
    Kind { name: "declined", often: |at| publishing(50, at), tail: 0, blow: |_| fail("spam_risk") },
    Kind { name: "slow processing", often: |at| publishing(150, at), tail: 10, blow: |_| Blow::Fault(FaultKind::SlowProcessing { polls: 1 }) },
    Kind { name: "unknown status", often: |at| only(Endpoint::Status, 100, at), tail: 10, blow: |_| Blow::Fault(FaultKind::UnknownStatus) },
    Kind { name: "killed before", often: |_| 30, tail: 0, blow: |_| Blow::KillBefore },
    Kind { name: "killed during", often: |_| 30, tail: 0, blow: |dice| Blow::KillDuring(dice.millis(0, 60)) },
    Kind { name: "killed after", often: |at| 30 + publishing(200, at), tail: 0, blow: |_| Blow::KillAfter },
    Kind { name: "killed soon", often: |at| 30 + publishing(150, at), tail: 0, blow: |dice| Blow::KillSoon(dice.millis(0, 12)) },
    // Up to longer than a lease lasts: another process may have taken over before it resumes.
    Kind { name: "frozen", often: |at| api(60, at), tail: 30, blow: |dice| Blow::Freeze(dice.millis(0, 6), dice.millis(15_000, 25_000)) },
    Kind { name: "Postgres gone", often: |at| publishing(15, at), tail: 0, blow: |_| Blow::Database },
];

fn late(dice: &mut Dice, least: u64, most: u64) -> Blow {
    Blow::Fault(FaultKind::Delay { ms: least + dice.below(most - least) })
}

/// Draws the fault of a call, if enough time of the faulty phase is left.
pub(crate) fn draw(dice: &mut Dice, endpoint: Endpoint, left: Duration) -> Option<(&'static str, Blow)> {
    let mut at = dice.below(10_000);
    for kind in KINDS.iter().filter(|kind| kind.tail <= left.as_secs()) {
        let often = (kind.often)(endpoint);
        if at < often {
            return Some((kind.name, (kind.blow)(dice)));
        }
        at -= often;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_drawn_and_most_calls_pass() {
        let mut dice = Dice::new(1, "blows");
        let endpoints = [
            Endpoint::Creator,
            Endpoint::Init,
            Endpoint::Chunk,
            Endpoint::LastChunk,
            Endpoint::Status,
            Endpoint::Refresh,
        ];
        let hour = Duration::from_hours(1);
        let drawn: Vec<&str> =
            (0..60_000).filter_map(|turn| Some(draw(&mut dice, endpoints[turn % 6], hour)?.0)).collect();
        assert!(drawn.len() < 12_000, "{}", drawn.len());
        for kind in KINDS {
            assert!(drawn.contains(&kind.name), "{}", kind.name);
        }
    }
}
