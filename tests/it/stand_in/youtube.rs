//! The simulated YouTube.

use serde_json::json;
use social_sandbox::youtube::{App, ENDPOINTS, Limits, Publishing, SCOPES};
use social_sandbox::{Fault, FaultKind, Sandbox};

use super::{CLIENT_ID, CLIENT_SECRET, Published, StandIn, Way, redirect_uri};
use crate::source::video;

pub(super) struct YouTube;

/// Returns our app, as registered with Google.
pub(super) fn app() -> App {
    App {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![redirect_uri("social-accounts-callback")],
        scopes: SCOPES.map(str::to_owned).into(),
        publishing: Publishing::Production,
    }
}

/// The calls of publishing.
const CALLS: [&str; 4] = ["insert", "upload", "upload_last", "videos"];

fn status(status: u16, code: &str, retry_after: Option<u64>) -> FaultKind {
    FaultKind::Status { status, code: code.into(), retry_after }
}

impl StandIn for YouTube {
    fn platform(&self) -> &'static str {
        "youtube"
    }

    fn create_account(&self, sandbox: &Sandbox, handle: &str) {
        let _ = sandbox.youtube().create_channel(handle);
    }

    fn allow(&self, handle: &str) -> String {
        format!("account={handle}&scope=all&decision=allow")
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

    fn last_call(&self) -> &'static str {
        "upload_last"
    }

    fn endpoints(&self) -> &'static [&'static str] {
        &ENDPOINTS
    }

    fn umbrellas(&self) -> &'static [&'static str] {
        &["upload"]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["channels", "upload_status", "videos", "playlist_items"]
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
            FaultKind::Html { status: 502 },
            FaultKind::Html { status: 200 },
            FaultKind::Truncated,
            FaultKind::HangUpBefore,
            FaultKind::HangUpAfter,
        ];
        let on_all =
            CALLS.iter().flat_map(|call| kinds.iter().map(|kind| Fault::youtube(call, kind.clone())));
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
        on_all.chain(cuts).chain(others).collect()
    }
}
