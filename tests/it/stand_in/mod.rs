//! The simulated platforms, and how tests use them. The tests that every platform must pass (the crash
//! matrix, faults at every call, two workers at once) run for all of them. A platform without an entry here
//! fails those tests.

mod facebook;
mod instagram;
mod meta;
mod tiktok;
mod youtube;

use std::collections::HashMap;

use bytes::Bytes;
use http::header;
use serde_json::{Value, json};
use social_core::platform::FACTS;
use social_core::web::platform_vars;
use social_sandbox::{Apps, Fault, FaultKind, Registration, Sandbox, Settings};
use url::Url;

use crate::world::{APP_URL, World};

/// The client's id and secret at every platform.
pub(crate) const CLIENT_ID: &str = "awtests";
pub(crate) const CLIENT_SECRET: &str = "cs-canary-client-secret";

/// One way to publish on a platform.
pub(crate) struct Way {
    /// The platform's options.
    pub(crate) options: Value,
    /// Whether the platform downloads the video itself.
    pub(crate) is_pull: bool,
    /// Whether a lost call may leave a doubt that only a person can resolve.
    pub(crate) may_doubt: bool,
    /// A video of this size for this way.
    pub(crate) video: fn(usize) -> Bytes,
}

/// A published video at a platform.
#[derive(Debug)]
pub(crate) struct Published {
    /// The caption; empty if the way has none.
    pub(crate) caption: String,
    /// The SHA-256 of the bytes, in hex.
    pub(crate) sha256: String,
}

/// What is constant at a platform. Calls have the names of the sandbox.
pub(crate) struct Facts {
    /// The platform's name, as in the list of platforms.
    platform: &'static str,
    /// The call that publishes in the first way.
    last_call: &'static str,
    /// The names of all calls.
    endpoints: &'static [&'static str],
    /// Those that are only another name for a call with a name of its own.
    umbrellas: &'static [&'static str],
    /// Those that change nothing.
    reads: &'static [&'static str],
}

pub(crate) trait StandIn: Sync {
    /// Returns what is constant.
    fn facts(&self) -> &'static Facts;
    /// Returns the platform's name.
    fn platform(&self) -> &'static str {
        self.facts().platform
    }
    /// Creates an account (or a person with one) of that handle, if missing.
    fn create_account(&self, sandbox: &Sandbox, handle: &str);
    /// Returns the form that the owner sends from the consent page to allow everything.
    fn allow(&self, handle: &str) -> String {
        format!("account={handle}&scope=all&decision=allow")
    }
    /// Reports whether a connected account has that handle.
    fn is_account(&self, account: &Value, handle: &str) -> bool {
        account["username"] == handle
    }
    /// Removes all limits but those a test sets.
    fn without_limits(&self, sandbox: &Sandbox);
    /// Returns every way to publish.
    fn ways(&self) -> Vec<Way>;
    /// Returns what was published, oldest first.
    fn published(&self, sandbox: &Sandbox) -> Vec<Published>;
    /// Returns how many calls started to publish.
    fn beginnings(&self, sandbox: &Sandbox) -> u64;
    /// Returns the call that publishes in the first way.
    fn last_call(&self) -> &'static str {
        self.facts().last_call
    }
    /// Returns the names of all calls.
    fn endpoints(&self) -> &'static [&'static str] {
        self.facts().endpoints
    }
    /// Returns those that are only another name for a call with a name of its own.
    fn umbrellas(&self) -> &'static [&'static str] {
        self.facts().umbrellas
    }
    /// Returns those that change nothing.
    fn reads(&self) -> &'static [&'static str] {
        self.facts().reads
    }
    /// Reports whether, with this way, a call may make the video public.
    fn publishes(&self, way: &Way, call: &str) -> bool;
    /// Returns the call that queries the outcome of that one, and the step that makes the same call before
    /// it. `None`: no query is possible.
    fn look(&self, way: &Way) -> Option<(&'static str, &'static str)>;
    /// Returns a code of our table in the format of the platform's errors; `None`: it is no error code.
    fn written(&self, code: &str) -> Option<String> {
        Some(code.to_owned())
    }
    /// Reports whether the platform documents that a call rejected with this code had no effect.
    fn is_proof(&self, _way: &Way, _call: &str, _code: &str) -> bool {
        false
    }
    /// Returns every kind of temporary fault, at every call of the first way.
    fn passing_troubles(&self) -> Vec<Fault>;
}

/// One line for each platform.
const ALL: &[&dyn StandIn] =
    &[&tiktok::TikTok, &youtube::YouTube, &instagram::Instagram, &facebook::Facebook];

/// Returns the simulator of one platform.
pub(crate) fn of(platform: &str) -> &'static dyn StandIn {
    all().find(|stand_in| stand_in.platform() == platform).unwrap()
}

/// Returns the simulators of all platforms.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn StandIn> {
    FACTS.iter().map(|facts| {
        let platform = facts.id.to_string();
        let found = ALL.iter().copied().find(|stand_in| stand_in.platform() == platform);
        found.unwrap_or_else(|| panic!("{platform} is in the registry: say in stand_in how its tests go"))
    })
}

/// Returns the sandbox's settings, with our app registered at every platform.
pub(crate) fn settings(base: &str, verified_url_prefixes: &[String]) -> Settings {
    let callbacks: HashMap<_, _> =
        platform_vars().into_iter().map(|vars| (vars.platform, vars.callback)).collect();
    let apps = Apps::registered(|platform| Registration {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        redirect_uris: vec![format!("{APP_URL}/.netlify/functions/{}", callbacks[platform])],
        webhook_url: None,
        verified_url_prefixes: verified_url_prefixes.to_vec(),
    });
    Settings { base_url: Url::parse(base).unwrap(), storage: None, apps }
}

/// Returns the functions' variables for it.
pub(crate) fn vars(base: &str) -> Vec<(&'static str, String)> {
    let of = |vars: social_core::config::PlatformVars| {
        let urls = vars.urls.iter().map(move |(name, _)| (*name, format!("{base}/{}", vars.platform)));
        let client = [(vars.client_id, CLIENT_ID), (vars.client_secret, CLIENT_SECRET)];
        client.map(|(name, value)| (name, value.to_owned())).into_iter().chain(urls).collect::<Vec<_>>()
    };
    platform_vars().into_iter().flat_map(of).collect()
}

/// Returns a fault in the platform's own format.
fn status(status: u16, code: &str, retry_after: Option<u64>) -> FaultKind {
    FaultKind::Status { status, code: code.into(), retry_after }
}

/// Returns these faults, and those of every HTTP call, at every one of the calls.
fn at_every_call(platform: &str, calls: &[&str], own: &[FaultKind]) -> Vec<Fault> {
    let of_http = [
        FaultKind::Html { status: 502 },
        FaultKind::Html { status: 200 },
        FaultKind::Truncated,
        FaultKind::HangUpBefore,
        FaultKind::HangUpAfter,
    ];
    let kinds = [own, &of_http].concat();
    calls.iter().flat_map(|call| kinds.iter().map(|kind| Fault::of(platform, call, kind.clone()))).collect()
}

impl World {
    /// Connects an account as its owner would: popup, consent, callback. Returns its id in the product.
    pub(crate) async fn connect_on(&self, stand_in: &dyn StandIn, owner: &str, handle: &str) -> String {
        stand_in.create_account(&self.sandbox, handle);
        let platform = stand_in.platform();
        let path = format!("/social-accounts-connect?platform={platform}");
        let (callback, cookie) = self.allow_at(&path, owner, stand_in.allow(handle)).await;
        let landed = self.callback(&callback, &cookie).await;
        let landed = landed.headers()[header::LOCATION].to_str().unwrap();
        assert!(landed.contains("social=connected"), "{landed}");
        let accounts = self.get("/social-accounts?limit=100", owner).await.1;
        let of_platform = |account: &&Value| account["platform"] == platform;
        let mut accounts = accounts["accounts"].as_array().unwrap().iter().filter(of_platform);
        let account = accounts.find(|account| stand_in.is_account(account, handle));
        account.unwrap_or_else(|| panic!("{handle} was not connected"))["id"].as_str().unwrap().to_owned()
    }

    /// Creates a post for one account and returns its id.
    pub(crate) async fn publish_on(
        &self,
        stand_in: &dyn StandIn,
        owner: &str,
        account: &str,
        url: &str,
        options: &Value,
    ) -> String {
        let result = json!({"accountId": account, stand_in.platform(): options});
        let body = json!({"videoUrl": url, "caption": "hello #world", "title": "Hello", "results": [result]});
        let (status, post) = self.post("/social-posts", owner, body).await;
        assert_eq!(status, http::StatusCode::ACCEPTED, "{post}");
        post["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn every_platform_has_its_simulator_and_at_least_one_way() {
    for stand_in in all() {
        assert!(!stand_in.ways().is_empty() && !stand_in.passing_troubles().is_empty());
    }
}
