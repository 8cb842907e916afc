//! The simulated Facebook.

use serde_json::{Value, json};
use social_sandbox::facebook::{ENDPOINTS, Limits, Role, SCOPES};
use social_sandbox::meta::{App, Proof};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::instagram::{passing_kinds, written};
use super::{CLIENT_ID, CLIENT_SECRET, Published, StandIn, Way, redirect_uri};
use crate::source::{landscape, video};

pub(super) struct Facebook;

/// Returns our app, as registered with Meta for Facebook Login, with "Require App Secret" enabled.
pub(super) fn app() -> App {
    App {
        id: CLIENT_ID.to_owned(),
        secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![redirect_uri("social-accounts-callback")],
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        proof: Proof::Required,
    }
}

/// The calls of publishing in the first way.
const CALLS: [&str; 4] = ["reel_start", "upload", "status", "reel_finish"];

/// Returns the person who runs the Page of a handle.
fn person(handle: &str) -> String {
    format!("{handle}.boss")
}

impl StandIn for Facebook {
    fn platform(&self) -> &'static str {
        "facebook"
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.facebook().assign(&person(handle), handle, Role::Content);
    }

    fn allow(&self, handle: &str) -> String {
        format!("account={}&scope=all&page={handle}&decision=allow", person(handle))
    }

    fn is_account(&self, account: &Value, handle: &str) -> bool {
        account["username"] == handle
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

    fn last_call(&self) -> &'static str {
        "reel_finish"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn umbrellas(&self) -> &'static [&'static str] {
        &["finish"]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["status"]
    }

    fn look(&self, _: &Way) -> Option<(&'static str, &'static str)> {
        Some(("status", "check"))
    }

    fn publishes(&self, _: &Way, call: &str) -> bool {
        matches!(call, "finish" | "reel_finish" | "video_finish")
    }

    fn written(&self, code: &str) -> Option<String> {
        written(code)
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let kinds = passing_kinds();
        let at = |call: &&'static str| {
            let call = *call;
            kinds.iter().map(move |kind| Fault::of("facebook", call, kind.clone()))
        };
        let mut faults: Vec<Fault> = CALLS.iter().flat_map(at).collect();
        let hidden = FaultKind::Status { status: 400, code: "100/33".into(), retry_after: None };
        faults.push(Fault::of("facebook", "status", hidden).times(3));
        faults.push(Fault::of("facebook", "reel_start", FaultKind::SlowProcessing { polls: 20 }));
        faults.push(Fault::of("facebook", "status", FaultKind::UnknownStatus));
        faults
    }
}
