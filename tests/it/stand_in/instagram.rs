//! The simulated Instagram.

use serde_json::json;
use social_sandbox::instagram::{AccountType, ENDPOINTS, Limits};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::{Facts, Published, StandIn, Way, meta};
use crate::source::video;

pub(super) struct Instagram;

/// The calls of publishing in the first way.
const CALLS: [&str; 5] = ["quota", "container", "upload", "container_status", "media_publish"];

const FACTS: Facts = Facts {
    platform: "instagram",
    last_call: "media_publish",
    endpoints: &ENDPOINTS,
    umbrellas: &[],
    reads: &["quota", "container_status", "media", "media_list"],
};

impl StandIn for Instagram {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.instagram().create_account(handle, AccountType::Business);
    }

    fn without_limits(&self, sandbox: &Sandbox) {
        sandbox.instagram().set_limits(Limits::unlimited());
    }

    fn ways(&self) -> Vec<Way> {
        let way = |is_pull| Way { options: json!({}), is_pull, may_doubt: false, video };
        vec![way(false), way(true)]
    }

    fn published(&self, sandbox: &Sandbox) -> Vec<Published> {
        let published = sandbox.instagram().published();
        published.into_iter().map(|one| Published { caption: one.caption, sha256: one.sha256 }).collect()
    }

    fn beginnings(&self, sandbox: &Sandbox) -> u64 {
        sandbox.instagram().calls("media_publish")
    }

    fn look(&self, _: &Way) -> Option<(&'static str, &'static str)> {
        Some(("container_status", "poll"))
    }

    fn publishes(&self, _: &Way, call: &str) -> bool {
        call == "media_publish"
    }

    fn written(&self, code: &str) -> Option<String> {
        meta::written(code)
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let mut faults = meta::passing_troubles("instagram", &CALLS);
        let blocked = FaultKind::StatusAfter { status: 400, code: "4/2207051".into() };
        faults.push(Fault::of("instagram", "media_publish", blocked));
        faults.push(Fault::of("instagram", "container_status", meta::hidden()).times(3));
        faults.push(Fault::of("instagram", "container", FaultKind::FailReason { reason: "2207082".into() }));
        faults.push(Fault::of("instagram", "container", FaultKind::SlowProcessing { polls: 20 }));
        faults.push(Fault::of("instagram", "container", FaultKind::UnknownStatus));
        faults
    }
}
