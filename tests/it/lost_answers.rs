//! Postgres does what it was told, and its answer is lost: at every round trip of a post's life, on every platform.
//! The worker lives, so it knows what it sent: nothing is doubled, nothing lost, and nothing in doubt.

use std::time::Duration;

use bytes::Bytes;
use social_core::clock::Deadline;
use social_core::model::{AccountId, OwnerId};
use social_core::oauth::RefreshFailed;
use social_core::web::{Arrival, Functions};
use social_sandbox::{Fault, FaultKind};

use crate::line::Line;
use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn, Way};
use crate::webhook;
use crate::world::{Setting, WORKER_SECRET, World, answer, tiktok_id};

/// The results that have not ended yet.
const UNDER_WAY: &str =
    "select count(*) from post_results where state in ('queued', 'held', 'publishing', 'processing')";

/// Calls that may not be sent twice, and are in the ledger twice.
const DOUBLED: &str = "select count(*) from (
    select from publish_attempts where effect = 'once' group by result_id, step having count(*) > 1
) doubled";

/// One invocation, whatever it says: one that cannot hear its database does not end well.
async fn invoke(app: &Functions) {
    let request = http::Request::post("/.netlify/functions/social-post-worker")
        .header("authorization", format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::new())
        .unwrap();
    answer(app, request, Arrival::default()).await;
}

/// One way to publish, again and again, behind a line that is cut each time.
struct Trial<'a> {
    world: World,
    line: Line,
    stand_in: &'a dyn StandIn,
    way: &'a Way,
    account: String,
    /// Connected directly, to observe the results.
    onlooker: std::sync::Arc<Functions>,
    published: usize,
    /// The calls of the last post.
    calls: u64,
}

impl<'a> Trial<'a> {
    async fn of(stand_in: &'a dyn StandIn, way: &'a Way, slots: &'static str) -> Self {
        let mut world = World::with(Setting { pull: way.is_pull, ..Setting::default() }).await;
        world.set("WORKER_CONCURRENCY", slots);
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let onlooker = world.another_app();
        let (line, url) = Line::start(world.database_url());
        world.set("DATABASE_URL", &url);
        Self { world, line, stand_in, way, account, onlooker, published: 0, calls: 0 }
    }

    /// Runs one post, losing the `nth` answer. Says whether there was one to lose.
    async fn loses(&mut self, nth: u64) -> bool {
        let Self { world, line, stand_in, way, account, onlooker, published, calls } = self;
        let through = std::mem::replace(&mut world.app, std::sync::Arc::clone(onlooker));
        let bytes = video(500_000);
        let url = world.videos.put(&format!("{nth}.mp4"), bytes.clone());
        let post = world.publish_on(*stand_in, "alice", account, &url, &way.options).await;
        line.lose_answer(nth);
        for _ in 0..30 {
            invoke(&through).await;
            if world.scalar(UNDER_WAY).await == 0 {
                break;
            }
            world.advance(Duration::from_secs(61)).await;
        }
        let was_lost = line.was_cut();
        let (result, ledger) = (world.result("alice", &post).await, world.ledger("alice", &post).await);
        let what = format!("{} answer {nth}, {}: {result} {ledger:?}", stand_in.platform(), way.options);
        let arrived = stand_in.published(&world.sandbox);
        *published += 1;
        *calls = u64::try_from(ledger.len()).unwrap();
        assert_eq!(arrived.len(), *published, "{what}");
        assert!(arrived.iter().all(|one| one.sha256 == sha256(&bytes)), "{what}");
        assert!(["published", "deliveredToInbox"].contains(&result["state"].as_str().unwrap()), "{what}");
        // The ledger has each call once, however often its save was made.
        assert_eq!(world.scalar(DOUBLED).await, 0, "{what}");
        // What else there is to know of it is not asked among the next one's calls.
        world
            .execute(
                "update post_results set due_at = null where state in ('published', 'delivered_to_inbox')",
            )
            .await;
        world.app = through;
        was_lost
    }
}

/// A worker with one slot saves with its next claim.
async fn matrix(stand_in: &dyn StandIn, ways: impl Fn(&Way) -> bool) {
    for way in stand_in.ways().into_iter().filter(ways) {
        for slots in ["8", "1"] {
            let mut trial = Trial::of(stand_in, &way, slots).await;
            let mut nth = 1;
            while trial.loses(nth).await {
                nth += 1;
            }
            // A claim, the video's facts, a mark, and a save for each of the first two calls at least.
            assert!(
                nth > 3 + trial.calls.min(2),
                "{} said nothing to its database: {nth}",
                stand_in.platform()
            );
        }
    }
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_in_an_upload_loses_doubles_and_doubts_nothing() {
    for stand_in in stand_in::all() {
        matrix(stand_in, |way| !way.is_pull).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_in_a_pull_loses_doubles_and_doubts_nothing() {
    matrix(stand_in::of("tiktok"), |way| way.is_pull).await;
}

/// Loses each answer of the database to what is asked, one after the other, until it needs no more answers.
async fn losing_each(world: &mut World, trial: impl AsyncFn(&World, u64)) {
    let (line, url) = Line::start(world.database_url());
    world.set("DATABASE_URL", &url);
    for nth in 1..20 {
        line.lose_answer(nth);
        trial(world, nth).await;
        if !line.was_cut() {
            assert!(nth > 1, "it said nothing to its database");
            return;
        }
    }
    panic!("it says too much to its database");
}

#[tokio::test]
async fn a_refresh_whose_answers_are_lost_is_asked_for_once_and_kept() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let account = AccountId(account.parse().unwrap());
    let alice = OwnerId::new("alice").unwrap();
    losing_each(&mut world, async |world, nth| {
        world.execute("update social_accounts set token_expires_at = social_now()").await;
        let before = world.sandbox.tiktok().calls("token_refresh");
        let flow = &world.app.publisher.flow;
        let soon = Deadline::after(flow.clock.now(), Duration::from_mins(1));
        let fresh = flow.fresh_token(&alice, &tiktok_id(), account, None, soon).await.unwrap();
        assert_eq!(world.sandbox.tiktok().calls("token_refresh"), before + 1, "answer {nth}");
        let kept = format!("select count(*) from social_accounts where token_version = {}", fresh.version);
        assert_eq!(world.scalar(&kept).await, 1, "answer {nth}");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_a_refresh_whose_answers_are_lost_is_noted_once() {
    let mut world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let account = AccountId(account.parse().unwrap());
    let alice = OwnerId::new("alice").unwrap();
    losing_each(&mut world, async |world, nth| {
        world
            .execute(
                "update social_accounts set token_expires_at = social_now(), refresh_paused_until = null",
            )
            .await;
        world.sandbox.fail(Fault::tiktok("token_refresh", FaultKind::Html { status: 502 }));
        let flow = &world.app.publisher.flow;
        let soon = Deadline::after(flow.clock.now(), Duration::from_mins(1));
        let refused = flow.fresh_token(&alice, &tiktok_id(), account, None, soon).await.unwrap_err();
        assert!(matches!(refused, RefreshFailed::Later(_)), "answer {nth}: {refused}");
        let paused = "select count(*) from social_accounts
            where refresh_paused_until > social_now() and refresh_lease is null";
        assert_eq!(world.scalar(paused).await, 1, "answer {nth}");
    })
    .await;
}

#[tokio::test]
async fn a_webhook_whose_answers_are_lost_is_applied_once() {
    let mut world = World::new().await;
    let (_, publish_id, open_id) = webhook::processing(&world).await;
    losing_each(&mut world, async |world, nth| {
        world.execute("alter table post_results disable trigger user").await;
        world
            .execute(
                "update post_results set state = 'processing', published_at = null, platform_url = null,
                    in_flight = true, due_at = social_now(), step = coalesce(step, 'x'),
                    checkpoint = coalesce(checkpoint, 'x')",
            )
            .await;
        world.execute("delete from publish_attempts").await;
        world.execute("delete from received_webhooks").await;
        let content = serde_json::json!({"publish_id": publish_id});
        let status = webhook::deliver(world, "post.publish.complete", &open_id, content).await;
        assert_eq!(status, http::StatusCode::OK, "answer {nth}");
        let published = "select count(*) from post_results where state = 'published' and step is not null";
        assert_eq!(world.scalar(published).await, 1, "answer {nth}");
        let told = "select count(*) from publish_attempts where outcome = 'crashed'";
        assert_eq!(world.scalar(told).await, 1, "answer {nth}: of the call under way");
        assert_eq!(world.scalar("select count(*) from received_webhooks where applied").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_only_looks_is_asked_again_when_its_answer_is_lost() {
    let mut world = World::new().await;
    losing_each(&mut world, async |world, nth| {
        let request = http::Request::get("/.netlify/functions/social-health").body(Bytes::new()).unwrap();
        let health = answer(&world.app, request, Arrival::default()).await;
        assert_eq!(health.status(), http::StatusCode::OK, "answer {nth}");
        let store = &world.app.publisher.flow.store;
        assert_eq!(store.list_due(10).await.unwrap(), [], "answer {nth}");
        assert_eq!(store.reseal().await.unwrap(), 0, "answer {nth}");
        assert!(store.find_idle_accounts(&[], 10).await.unwrap().is_empty(), "answer {nth}");
        store.beat().await.unwrap();
    })
    .await;
}
