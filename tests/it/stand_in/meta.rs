//! What the simulated Instagram and Facebook share: the errors of the Graph API.

use social_sandbox::{Fault, FaultKind};

use super::{at_every_call, status};

/// Returns a code of a table in Graph's format: publishing codes are subcodes, under any code.
pub(super) fn written(code: &str) -> Option<String> {
    match code.parse::<i64>() {
        Ok(1_000_000..) => Some(format!("9/{code}")),
        Ok(_) => Some(code.to_owned()),
        // A text of its own, and no code.
        Err(_) => code.split_once('/').filter(|(_, sub)| sub.parse::<i64>().is_ok()).map(|_| code.to_owned()),
    }
}

/// Returns the temporary faults of Graph, at every one of the calls.
pub(super) fn passing_troubles(platform: &str, calls: &[&str]) -> Vec<Fault> {
    let kinds = [
        status(500, "2", None),
        status(503, "1", Some(7)),
        status(400, "32", None),
        status(400, "4", Some(90)),
        status(429, "4", None),
    ];
    at_every_call(platform, calls, &kinds)
}

/// Returns the error of a node that is not visible yet.
pub(super) fn hidden() -> FaultKind {
    status(400, "100/33", None)
}
