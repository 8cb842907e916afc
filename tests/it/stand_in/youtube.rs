//! The simulated YouTube.

use serde_json::json;
use social_sandbox::youtube::{ENDPOINTS, Limits};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::{Facts, Published, StandIn, Way, at_every_call, status};
use crate::source::video;

pub(super) struct YouTube;

/// The calls of publishing.
const CALLS: [&str; 4] = ["insert", "upload", "upload_last", "videos"];

const FACTS: Facts = Facts {
    platform: "youtube",
    last_call: "upload_last",
    endpoints: &ENDPOINTS,
    umbrellas: &["upload"],
    reads: &["channels", "upload_status", "videos", "playlist_items"],
};

impl StandIn for YouTube {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.youtube().create_channel(handle);
    }

    fn without_limits(&self, sandbox: &Sandbox) {
        sandbox.youtube().set_limits(Limits::unlimited());
    }

    fn ways(&self) -> Vec<Way> {
        let options = json!({"privacyStatus": "public", "selfDeclaredMadeForKids": false});
        vec![Way { options, is_pull: false, may_doubt: false, video }]
    }

    fn published(&self, sandbox: &Sandbox) -> Vec<Published> {
        let published = sandbox.youtube().published();
        published.into_iter().map(|one| Published { caption: one.description, sha256: one.sha256 }).collect()
    }

    fn beginnings(&self, sandbox: &Sandbox) -> u64 {
        sandbox.youtube().calls("insert")
    }

    fn look(&self, _: &Way) -> Option<(&'static str, &'static str)> {
        Some(("upload_status", "ask"))
    }

    fn publishes(&self, _: &Way, call: &str) -> bool {
        call == "upload_last"
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let kinds = [
            status(500, "backendError", None),
            status(503, "backendError", Some(7)),
            status(403, "rateLimitExceeded", None),
            status(429, "userRateLimitExceeded", Some(90)),
            status(401, "authError", None),
            status(403, "quotaExceeded", None),
            status(400, "uploadLimitExceeded", None),
        ];
        let mut faults = at_every_call("youtube", &CALLS, &kinds);
        let cut = |call: &str, bytes| Fault::youtube(call, FaultKind::Cut { bytes });
        let cuts = [cut("upload", 0), cut("upload", 3_000_000), cut("upload_last", 1_000_000)];
        let others = [
            Fault::youtube("upload", FaultKind::Moved),
            Fault::youtube("upload", status(400, "badRequest", None)),
            Fault::youtube("upload", status(404, "notFound", None)),
            Fault::youtube("upload", status(410, "gone", None)),
            Fault::youtube("videos", FaultKind::UnknownStatus),
            Fault::youtube("insert", FaultKind::SlowProcessing { polls: 40 }),
        ];
        faults.extend(cuts.into_iter().chain(others));
        faults
    }
}
