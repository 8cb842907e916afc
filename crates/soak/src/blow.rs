//! What may befall a call: the platform's faults, and the deaths of those who are in the middle of it.

use std::time::Duration;

use social_sandbox::FaultKind;

use crate::dice::Dice;

/// The endpoints of which calls are put into disorder, by the sandbox's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    Creator,
    Init,
    /// A chunk after which others follow.
    Chunk,
    /// The chunk that completes the video.
    LastChunk,
    Status,
    Refresh,
}

impl Endpoint {
    /// Its name among the sandbox's.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator_info",
            Self::Init => "init",
            Self::Chunk => "upload",
            Self::LastChunk => "upload_last",
            Self::Status => "status",
            Self::Refresh => "token_refresh",
        }
    }
}

/// What befalls one call.
#[derive(Debug, Clone)]
pub(crate) enum Blow {
    /// The platform's own trouble.
    Fault(FaultKind),
    /// The caller dies; the call never takes effect.
    KillBefore,
    /// The caller dies some time after the call has arrived, while its body is on the way if that takes long.
    KillDuring(Duration),
    /// The call takes effect; the caller dies without an answer.
    KillAfter,
    /// The caller gets its answer and dies so long after: before, while or after it is saved.
    KillSoon(Duration),
    /// The call takes effect, and Postgres is gone before the answer comes.
    Database,
}

/// One kind of blow: how often in ten thousand calls, and where.
struct Kind {
    name: &'static str,
    often: u64,
    /// How long it makes things wait: a kind is left out when the trouble ends sooner, so that the draining is short.
    tail: u64,
    befalls: fn(Endpoint) -> bool,
    blow: fn(&mut Dice) -> Blow,
}

fn any(_: Endpoint) -> bool {
    true
}

fn api(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Creator | Endpoint::Init | Endpoint::Status)
}

fn begins(endpoint: Endpoint) -> bool {
    endpoint == Endpoint::Init
}

fn completes(endpoint: Endpoint) -> bool {
    matches!(endpoint, Endpoint::Init | Endpoint::LastChunk)
}

fn asks(endpoint: Endpoint) -> bool {
    endpoint == Endpoint::Status
}

fn status(status: u16, code: &str, retry_after: Option<u64>) -> Blow {
    Blow::Fault(FaultKind::Status { status, code: code.to_owned(), retry_after })
}

fn fail(reason: &str) -> Blow {
    Blow::Fault(FaultKind::FailReason { reason: reason.to_owned() })
}

/// Every kind. About one call in six is hit, so that most posts meet something and nearly all get through.
const KINDS: &[Kind] = &[
    Kind { name: "500", often: 100, tail: 0, befalls: any, blow: |_| status(500, "internal_error", None) },
    Kind {
        name: "503 with Retry-After",
        often: 100,
        tail: 0,
        befalls: any,
        blow: |_| status(503, "internal_error", Some(1)),
    },
    Kind {
        name: "429 with Retry-After",
        often: 80,
        tail: 10,
        befalls: api,
        blow: |_| status(429, "rate_limit_exceeded", Some(2)),
    },
    // Holds the account for a minute.
    Kind {
        name: "429",
        often: 20,
        tail: 90,
        befalls: api,
        blow: |_| status(429, "rate_limit_exceeded", None),
    },
    Kind {
        name: "401",
        often: 80,
        tail: 0,
        befalls: api,
        blow: |_| status(401, "access_token_invalid", None),
    },
    Kind {
        name: "html",
        often: 120,
        tail: 0,
        befalls: any,
        blow: |_| Blow::Fault(FaultKind::Html { status: 502 }),
    },
    Kind {
        name: "truncated",
        often: 120,
        tail: 0,
        befalls: any,
        blow: |_| Blow::Fault(FaultKind::Truncated),
    },
    Kind {
        name: "reset before",
        often: 120,
        tail: 0,
        befalls: any,
        blow: |_| Blow::Fault(FaultKind::HangUpBefore),
    },
    Kind {
        name: "reset after",
        often: 150,
        tail: 0,
        befalls: any,
        blow: |_| Blow::Fault(FaultKind::HangUpAfter),
    },
    Kind {
        name: "slow",
        often: 200,
        tail: 0,
        befalls: any,
        blow: |dice| Blow::Fault(FaultKind::Delay { ms: 100 + dice.below(1_900) }),
    },
    // Slower than some invocations have time.
    Kind {
        name: "stalled",
        often: 30,
        tail: 15,
        befalls: any,
        blow: |dice| Blow::Fault(FaultKind::Delay { ms: 6_000 + dice.below(6_000) }),
    },
    Kind { name: "fails inside", often: 80, tail: 10, befalls: completes, blow: |_| fail("internal") },
    Kind { name: "pull fails", often: 50, tail: 10, befalls: begins, blow: |_| fail("video_pull_failed") },
    Kind { name: "declined", often: 50, tail: 0, befalls: completes, blow: |_| fail("spam_risk") },
    Kind {
        name: "slow processing",
        often: 150,
        tail: 10,
        befalls: completes,
        blow: |_| Blow::Fault(FaultKind::SlowProcessing { polls: 1 }),
    },
    Kind {
        name: "unknown status",
        often: 100,
        tail: 10,
        befalls: asks,
        blow: |_| Blow::Fault(FaultKind::UnknownStatus),
    },
    Kind { name: "killed before", often: 60, tail: 0, befalls: any, blow: |_| Blow::KillBefore },
    Kind {
        name: "killed during",
        often: 60,
        tail: 0,
        befalls: any,
        blow: |dice| Blow::KillDuring(dice.millis(0, 60)),
    },
    Kind { name: "killed after", often: 100, tail: 0, befalls: any, blow: |_| Blow::KillAfter },
    Kind {
        name: "killed soon",
        often: 100,
        tail: 0,
        befalls: any,
        blow: |dice| Blow::KillSoon(dice.millis(0, 12)),
    },
    Kind { name: "Postgres gone", often: 15, tail: 0, befalls: completes, blow: |_| Blow::Database },
];

/// Draws what befalls a call, with so many seconds of trouble left. The same draws are made whatever comes of them.
pub(crate) fn draw(dice: &mut Dice, endpoint: Endpoint, left: Duration) -> Option<(&'static str, Blow)> {
    let mut at = dice.below(10_000);
    for kind in KINDS.iter().filter(|kind| (kind.befalls)(endpoint) && kind.tail <= left.as_secs()) {
        if at < kind.often {
            return Some((kind.name, (kind.blow)(dice)));
        }
        at -= kind.often;
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
