//! The simulated Instagram.

use serde_json::json;
use social_sandbox::instagram::{AccountType, ENDPOINTS, Limits, SCOPES};
use social_sandbox::meta::{App, Proof};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::{CLIENT_ID, CLIENT_SECRET, Published, StandIn, Way, redirect_uri};
use crate::source::video;

pub(super) struct Instagram;

/// Returns our app, as registered with Meta for Instagram Login.
pub(super) fn app() -> App {
    App {
        id: CLIENT_ID.to_owned(),
        secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![redirect_uri("social-accounts-callback")],
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        proof: Proof::Optional,
    }
}

/// The calls of publishing in the first way.
const CALLS: [&str; 5] = ["quota", "container", "upload", "container_status", "media_publish"];

/// Returns a code of a table in Graph's format: publishing codes are subcodes, under any code.
pub(super) fn written(code: &str) -> Option<String> {
    match code.parse::<i64>() {
        Ok(1_000_000..) => Some(format!("9/{code}")),
        Ok(_) => Some(code.to_owned()),
        // A text of its own, and no code.
        Err(_) => code.split_once('/').filter(|(_, sub)| sub.parse::<i64>().is_ok()).map(|_| code.to_owned()),
    }
}

/// Returns temporary faults of any Graph call.
pub(super) fn passing_kinds() -> Vec<FaultKind> {
    let status =
        |status, code: &str, retry_after| FaultKind::Status { status, code: code.into(), retry_after };
    vec![
        status(500, "2", None),
        status(503, "1", Some(7)),
        status(400, "32", None),
        status(400, "4", Some(90)),
        status(429, "4", None),
        FaultKind::Html { status: 502 },
        FaultKind::Html { status: 200 },
        FaultKind::Truncated,
        FaultKind::HangUpBefore,
        FaultKind::HangUpAfter,
    ]
}

impl StandIn for Instagram {
    fn platform(&self) -> &'static str {
        "instagram"
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.instagram().create_account(handle, AccountType::Business);
    }

    fn allow(&self, handle: &str) -> String {
        format!("account={handle}&scope=all&decision=allow")
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

    fn last_call(&self) -> &'static str {
        "media_publish"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn reads(&self) -> &'static [&'static str] {
        &["quota", "container_status", "media", "media_list"]
    }

    fn look(&self, _: &Way) -> Option<(&'static str, &'static str)> {
        Some(("container_status", "poll"))
    }

    fn publishes(&self, _: &Way, call: &str) -> bool {
        call == "media_publish"
    }

    fn written(&self, code: &str) -> Option<String> {
        written(code)
    }

    fn passing_troubles(&self) -> Vec<Fault> {
        let kinds = passing_kinds();
        let at = |call: &&'static str| {
            let call = *call;
            kinds.iter().map(move |kind| Fault::of("instagram", call, kind.clone()))
        };
        let mut faults: Vec<Fault> = CALLS.iter().flat_map(at).collect();
        let blocked = FaultKind::StatusAfter { status: 400, code: "4/2207051".into() };
        faults.push(Fault::of("instagram", "media_publish", blocked));
        let hidden = FaultKind::Status { status: 400, code: "100/33".into(), retry_after: None };
        faults.push(Fault::of("instagram", "container_status", hidden).times(3));
        faults.push(Fault::of("instagram", "container", FaultKind::FailReason { reason: "2207082".into() }));
        faults.push(Fault::of("instagram", "container", FaultKind::SlowProcessing { polls: 20 }));
        faults.push(Fault::of("instagram", "container", FaultKind::UnknownStatus));
        faults
    }
}
