//! The refusals matrix. It runs every call of every way to publish, on every platform. Each call gets every
//! code of its platform's tables as its response, an unknown code, and bare statuses. In one case the call
//! had no effect. In the second it took effect. In the third the query of its outcome is rejected as well.
//! The test counts what was published at the platform.

use std::sync::Arc;

use serde_json::Value;
use social_core::platform::{Facts, find};
use social_sandbox::{Fault, FaultKind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::stand_in::{self, StandIn, Way};
use crate::world::{Setting, World};

/// Statuses that come with an unknown code, and with nothing at all.
const STATUSES: [u16; 8] = [400, 401, 403, 404, 409, 410, 429, 500];
/// How many worlds run in parallel.
const AT_ONCE: usize = 4;

/// The response to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// `None`: without a body.
    code: Option<String>,
}

impl Answer {
    fn kind(&self, truth: Truth) -> FaultKind {
        let status = self.status;
        match (self.code.clone(), truth) {
            (Some(code), Truth::DidNothing) => FaultKind::Status { status, code, retry_after: None },
            (Some(code), Truth::TookEffect | Truth::Unseen) => FaultKind::StatusAfter { status, code },
            (None, Truth::DidNothing) => FaultKind::Bare { status },
            (None, Truth::TookEffect | Truth::Unseen) => FaultKind::BareAfter { status },
        }
    }
}

/// The true effect of a rejected call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    DidNothing,
    TookEffect,
    /// It took effect, and the first query of its outcome gets the same error.
    Unseen,
}

/// Returns every possible response of a platform.
fn answers(stand_in: &dyn StandIn, facts: &Facts) -> Vec<Answer> {
    let codes = facts.codes().filter_map(|(code, ..)| stand_in.written(code));
    let mut answers: Vec<_> = codes.map(|code| Answer { status: 400, code: Some(code) }).collect();
    // A number where codes are numbers, otherwise a word.
    let unknown = stand_in.written("2207999").unwrap();
    for status in STATUSES {
        answers.push(Answer { status, code: Some(unknown.clone()) });
        answers.push(Answer { status, code: None });
    }
    answers
}

/// One world, in which one way is used again and again.
struct Stage {
    world: World,
    stand_in: &'static dyn StandIn,
    way: Way,
    account: String,
    url: String,
}

impl Stage {
    async fn new(stand_in: &'static dyn StandIn, way: Way) -> Self {
        // The source takes no time, so only the responses end calls.
        let setting = Setting { pull: way.is_pull, source: Some(1e12), ..Setting::default() };
        let world = World::with(setting).await;
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", (way.video)(300_000));
        Self { world, stand_in, way, account, url }
    }

    async fn connect(&self) {
        if self.world.scalar("select count(*) from social_accounts where status <> 'active'").await > 0 {
            self.world.connect_on(self.stand_in, "alice", "demokitchen").await;
        }
    }

    /// Publishes to the end, with any outcome; an account that must be reconnected is. Returns the outcome,
    /// and how often the video became public.
    async fn publish(&self) -> (String, Value, usize) {
        let Self { world, stand_in, way, account, url } = self;
        let before = stand_in.published(&world.sandbox).len();
        self.connect().await;
        let post = world.publish_on(*stand_in, "alice", account, url, &way.options).await;
        // Once for the rejected call, and once for the rejected query.
        for _ in 0..3 {
            world.run_to_the_end().await;
            if world.result("alice", &post).await["heldReason"] != "needsReconnect" {
                break;
            }
            self.connect().await;
        }
        let result = world.result("alice", &post).await;
        (post, result, stand_in.published(&world.sandbox).len() - before)
    }

    /// Returns the calls of this way without a fault, and the steps.
    async fn clean(&self) -> (Vec<&'static str>, Vec<String>) {
        let (platform, sandbox) = (self.stand_in.platform(), &self.world.sandbox);
        let counts = || self.stand_in.endpoints().iter().map(|name| sandbox.calls(platform, name));
        let before: Vec<u64> = counts().collect();
        let (post, result, times) = self.publish().await;
        assert_eq!(times, 1, "{platform}: {result}");
        let grown = counts().zip(before).map(|(now, before)| now > before);
        let names = self.stand_in.endpoints().iter().copied();
        let own = |name: &str| !self.stand_in.umbrellas().contains(&name);
        let calls: Vec<_> =
            names.zip(grown).filter(|(name, grown)| *grown && own(name)).map(|(name, _)| name).collect();
        assert!(calls.len() >= 2, "{platform}: {calls:?}");
        let steps = self.world.ledger("alice", &post).await.into_iter().map(|(step, _)| step).collect();
        (calls, steps)
    }

    /// Returns what is wrong with the outcome if one call gets this response. `looks`: how many queries come
    /// before.
    async fn wrong(&self, call: &str, answer: &Answer, truth: Truth, looks: u32) -> Option<String> {
        let Self { world, stand_in, way, .. } = self;
        let platform = stand_in.platform();
        world.sandbox.clear_faults();
        world.sandbox.fail(Fault::of(platform, call, answer.kind(truth)));
        if let (Truth::Unseen, Some((look, _))) = (truth, stand_in.look(way)) {
            world.sandbox.fail(Fault::of(platform, look, answer.kind(Truth::DidNothing)).after(looks));
        }
        let (post, result, times) = self.publish().await;
        let publishes = stand_in.publishes(way, call);
        let message = result["error"]["message"].as_str().unwrap_or_default();
        let is_fine = match result["state"].as_str().unwrap_or_default() {
            "published" | "deliveredToInbox" => times == 1,
            "failed" => times == 0 && (truth == Truth::DidNothing || !publishes),
            // Only if no query is possible; and the message must not suggest to post again, as a post may be
            // there.
            "inDoubt" => way.may_doubt && publishes && times <= 1 && !message.contains("again"),
            _ => false,
        };
        let ledger = world.ledger("alice", &post).await;
        let told = format!(
            "{platform} {} {call} {answer:?} {truth:?}: {times} times, {result} {ledger:?}",
            way.options
        );
        (!is_fine).then_some(told)
    }
}

/// Returns the responses that a call gets for ever: outages, final errors, and those that our tables retry.
fn lasting_answers(stand_in: &dyn StandIn) -> Vec<Answer> {
    let codes = ["2207999", "2207027", "2207032", "6001", "internal_error"];
    let of_platform = codes.iter().filter_map(|code| stand_in.written(code));
    let mut answers: Vec<_> = of_platform.map(|code| Answer { status: 400, code: Some(code) }).collect();
    answers.extend([400, 404, 500].map(|status| Answer { status, code: None }));
    answers
}

/// The most calls for one result that never makes progress: status checks continue for half a day and longer.
const MOST_CALLS: u64 = 250;
/// The most calls that carry the video, or publish it.
const MOST_SENDS: u64 = 30;

impl Stage {
    /// Returns what is wrong with the outcome if every call of a name gets this response.
    async fn endless(&self, call: &str, answer: &Answer) -> Option<String> {
        let Self { world, stand_in, way, .. } = self;
        let (platform, sandbox) = (stand_in.platform(), &world.sandbox);
        sandbox.clear_faults();
        sandbox.fail(Fault::of(platform, call, answer.kind(Truth::DidNothing)).times(u32::MAX));
        let before = sandbox.calls(platform, call);
        let (post, result, times) = self.publish().await;
        let made = sandbox.calls(platform, call) - before;
        let message = result["error"]["message"].as_str().unwrap_or_default();
        // A finished result is not open for ever, and promises nothing.
        let is_over = match result["state"].as_str().unwrap_or_default() {
            "failed" => times == 0 && !message.is_empty(),
            "inDoubt" => times <= 1 && !message.is_empty() && !message.contains("again"),
            "published" | "deliveredToInbox" => times == 1,
            _ => false,
        };
        let most = if stand_in.reads().contains(&call) { MOST_CALLS } else { MOST_SENDS };
        let is_fine = is_over && made <= most && !message.contains("automatically");
        let ledger = world.ledger("alice", &post).await.len();
        let told = format!(
            "{platform} {} {call} {answer:?} for ever: {made} calls, {times} times, {result}, {ledger} rows",
            way.options
        );
        (!is_fine).then_some(told)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_for_ever_comes_to_an_end_with_a_sentence_that_is_true_of_it() {
    let mut wrong = Vec::new();
    for stand_in in stand_in::all() {
        for way in stand_in.ways() {
            let stage = Stage::new(stand_in, way).await;
            for call in stage.clean().await.0 {
                for answer in lasting_answers(stand_in) {
                    wrong.extend(stage.endless(call, &answer).await);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Tries all responses to one call. Returns the number of cases, and what is wrong.
async fn gone_through(
    stand_in: &'static dyn StandIn,
    way: usize,
    call: &'static str,
) -> (usize, Vec<String>) {
    let stage = Stage::new(stand_in, stand_in.ways().swap_remove(way)).await;
    let (_, steps) = stage.clean().await;
    let look = stand_in.look(&stage.way);
    let looks = look.map_or(0, |(_, step)| steps.iter().filter(|made| *made == step).count());
    let truths: &[Truth] =
        match (stand_in.reads().contains(&call), look, stand_in.publishes(&stage.way, call)) {
            (true, ..) => &[Truth::DidNothing],
            (false, Some(_), true) => &[Truth::DidNothing, Truth::TookEffect, Truth::Unseen],
            (false, ..) => &[Truth::DidNothing, Truth::TookEffect],
        };
    let (mut cases, mut wrong) = (0, Vec::new());
    for answer in answers(stand_in, find(stand_in.platform()).unwrap()) {
        let is_proof = stand_in.is_proof(&stage.way, call, answer.code.as_deref().unwrap_or_default());
        for truth in truths.iter().filter(|truth| !is_proof || **truth == Truth::DidNothing) {
            cases += 1;
            wrong.extend(stage.wrong(call, &answer, *truth, u32::try_from(looks).unwrap()).await);
        }
    }
    (cases, wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refusal_of_any_call_makes_a_video_public_twice_or_fails_one_that_is() {
    let (mut tasks, room) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for stand_in in stand_in::all() {
        for (way, what) in stand_in.ways().into_iter().enumerate() {
            for call in Stage::new(stand_in, what).await.clean().await.0 {
                let room = Arc::clone(&room);
                tasks.spawn(async move {
                    let _room = room.acquire().await.unwrap();
                    gone_through(stand_in, way, call).await
                });
            }
        }
    }
    let (mut cases, mut wrong) = (0, Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (some, of_them) = done.unwrap();
        cases += some;
        wrong.extend(of_them);
    }
    println!("{cases} cases");
    assert!(wrong.is_empty(), "{} of {cases} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases > 2500, "only {cases} cases");
}
