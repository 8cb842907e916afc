//! The refusals matrix: on every platform of the registry, every call of every way to publish is answered with every
//! code of its tables, with one that nobody knows, and with bare statuses; though it took effect, and without effect.
//! What was published is counted at the platform.

use std::sync::Arc;

use serde_json::Value;
use social_core::platform::{AnyWorker, find};
use social_sandbox::{Fault, FaultKind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::stand_in::{self, StandIn, Way};
use crate::world::{Setting, World};

/// Statuses that come with a code nobody knows, and with nothing at all.
const STATUSES: [u16; 8] = [400, 401, 403, 404, 409, 410, 429, 500];
/// How many worlds there are at once.
const AT_ONCE: usize = 4;

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// `None`: without a body.
    code: Option<String>,
}

impl Answer {
    fn kind(&self, took_effect: bool) -> FaultKind {
        let status = self.status;
        match (self.code.clone(), took_effect) {
            (Some(code), true) => FaultKind::StatusAfter { status, code },
            (Some(code), false) => FaultKind::Status { status, code, retry_after: None },
            (None, true) => FaultKind::BareAfter { status },
            (None, false) => FaultKind::Bare { status },
        }
    }
}

/// Everything that a platform might answer.
fn answers(stand_in: &dyn StandIn, worker: &dyn AnyWorker) -> Vec<Answer> {
    let codes = worker.errors().iter().copied().flatten().filter_map(|(code, ..)| stand_in.written(code));
    let mut answers: Vec<_> = codes.map(|code| Answer { status: 400, code: Some(code) }).collect();
    // A number, where codes are numbers, and elsewhere a word.
    let unknown = stand_in.written("2207999").unwrap_or_default();
    for status in STATUSES {
        answers.push(Answer { status, code: Some(unknown.clone()) });
        answers.push(Answer { status, code: None });
    }
    answers
}

/// One world, in which one way is gone again and again.
struct Stage {
    world: World,
    stand_in: &'static dyn StandIn,
    way: Way,
    account: String,
    url: String,
}

impl Stage {
    async fn new(stand_in: &'static dyn StandIn, way: Way) -> Self {
        // A source in no time: nothing ends but by the answers.
        let setting = Setting { pull: way.is_pull, source: Some(1e12), ..Setting::default() };
        let world = World::with(setting).await;
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", (way.video)(300_000));
        Self { world, stand_in, way, account, url }
    }

    /// Publishes to the end, whatever comes; an account that has to be connected again is. How it ended, and how often
    /// the video became public.
    async fn publish(&self) -> (String, Value, usize) {
        let Self { world, stand_in, way, account, url } = self;
        let before = stand_in.published(&world.sandbox).len();
        let post = world.publish_on(*stand_in, "alice", account, url, &way.options).await;
        for _ in 0..3 {
            world.run_to_the_end().await;
            if world.result("alice", &post).await["heldReason"] != "needsReconnect" {
                break;
            }
            world.connect_on(*stand_in, "alice", "demokitchen").await;
        }
        let result = world.result("alice", &post).await;
        (post, result, stand_in.published(&world.sandbox).len() - before)
    }

    /// The calls that this way makes where nothing is amiss.
    async fn calls(&self) -> Vec<&'static str> {
        let (platform, sandbox) = (self.stand_in.platform(), &self.world.sandbox);
        let counts = || self.stand_in.endpoints().iter().map(|name| sandbox.calls(platform, name));
        let before: Vec<u64> = counts().collect();
        let (_, result, times) = self.publish().await;
        assert_eq!(times, 1, "{platform}: {result}");
        let grown = counts().zip(before).map(|(now, before)| now > before);
        let names = self.stand_in.endpoints().iter().copied();
        names.zip(grown).filter(|(_, grown)| *grown).map(|(name, _)| name).collect()
    }

    /// What is wrong with how it ends that one call is answered so.
    async fn wrong(&self, call: &str, answer: &Answer, took_effect: bool) -> Option<String> {
        let Self { world, stand_in, way, .. } = self;
        world.sandbox.clear_faults();
        world.sandbox.fail(Fault::of(stand_in.platform(), call, answer.kind(took_effect)));
        let (post, result, times) = self.publish().await;
        let publishes = stand_in.publishes(way, call);
        let state = result["state"].as_str().unwrap_or_default();
        let message = result["error"]["message"].as_str().unwrap_or_default();
        let is_fine = match state {
            "published" | "deliveredToInbox" => times == 1,
            "failed" => times == 0 && !(publishes && took_effect),
            // Only where there is nothing to ask by; and nobody is told to post again what may be there.
            "inDoubt" => way.may_doubt && publishes && times <= 1 && !message.contains("again"),
            _ => false,
        };
        let ledger = world.ledger("alice", &post).await;
        let (platform, options) = (stand_in.platform(), &way.options);
        let told = format!(
            "{platform} {options} {call} {answer:?} effect {took_effect}: {times} times, {result} {ledger:?}"
        );
        (!is_fine).then_some(told)
    }
}

/// Goes through all answers to one call.
async fn gone_through(
    stand_in: &'static dyn StandIn,
    way: usize,
    call: &'static str,
) -> (usize, Vec<String>) {
    let stage = Stage::new(stand_in, stand_in.ways().swap_remove(way)).await;
    let (mut cases, mut wrong) = (0, Vec::new());
    for answer in answers(stand_in, find(stand_in.platform()).unwrap()) {
        for took_effect in [true, false] {
            let code = answer.code.as_deref().unwrap_or_default();
            if took_effect && stand_in.is_proof(&stage.way, call, code) {
                continue;
            }
            cases += 1;
            wrong.extend(stage.wrong(call, &answer, took_effect).await);
        }
    }
    (cases, wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_refusal_of_any_call_makes_a_video_public_twice_or_fails_one_that_is() {
    let (mut tasks, room) = (JoinSet::new(), Arc::new(Semaphore::new(AT_ONCE)));
    for stand_in in stand_in::all() {
        for (way, what) in stand_in.ways().into_iter().enumerate() {
            let calls = Stage::new(stand_in, what).await.calls().await;
            assert!(calls.len() >= 3, "{}: {calls:?}", stand_in.platform());
            for call in calls {
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
    assert!(cases > 3000, "only {cases} cases");
}
