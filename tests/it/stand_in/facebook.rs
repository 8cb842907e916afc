//! The simulated Facebook.

use serde_json::json;
use social_sandbox::facebook::{ENDPOINTS, Limits, Role};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::{Facts, Published, StandIn, Way, meta};
use crate::source::{landscape, video};

pub(super) struct Facebook;

/// The calls of publishing in the first way.
const CALLS: [&str; 4] = ["reel_start", "upload", "status", "reel_finish"];

/// Returns the person who runs the Page of a handle.
fn person(handle: &str) -> String {
    format!("{handle}.boss")
}

const FACTS: Facts = Facts {
    platform: "facebook",
    last_call: "reel_finish",
    endpoints: &ENDPOINTS,
    umbrellas: &["finish"],
    reads: &["status"],
};

impl StandIn for Facebook {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.facebook().assign(&person(handle), handle, Role::Content);
    }

    fn allow(&self, handle: &str) -> String {
        format!("account={}&scope=all&page={handle}&decision=allow", person(handle))
    }

    fn without_limits(&self, sandbox: &Sandbox) {
        sandbox.facebook().set_limits(Limits::unlimited());
    }

    fn ways(&self) -> Vec<Way> {
        let way = |video| Way { options: json!({}), is_pull: false, may_doubt: false, video };
        vec![way(video), way(landscape)]
    }

    fn published(&self, sandbox: &Sandbox) -> Vec<Published> {
        let published = sandbox.facebook().published();
        published.into_iter().map(|one| Published { caption: one.description, sha256: one.sha256 }).collect()
    }

    fn beginnings(&self, sandbox: &Sandbox) -> u64 {
        sandbox.facebook().calls("finish")
    }

    fn look(&self, _: &Way) -> Option<(&'static str, &'static str)> {
        Some(("status", "check"))
    }

    fn publishes(&self, _: &Way, call: &str) -> bool {
        matches!(call, "finish" | "reel_finish" | "video_finish")
    }

    fn written(&self, code: &str) -> Option<String> {
        meta::written(code)
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let mut faults = meta::passing_troubles("facebook", &CALLS);
        faults.push(Fault::of("facebook", "status", meta::hidden()).times(3));
        faults.push(Fault::of("facebook", "reel_start", FaultKind::SlowProcessing { polls: 20 }));
        faults.push(Fault::of("facebook", "status", FaultKind::UnknownStatus));
        faults
    }
}
