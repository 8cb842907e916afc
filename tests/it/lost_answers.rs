//! Postgres does what it was told, and its answer is lost: at every round trip of a post's life, on every platform.
//! The worker lives, so it knows what it sent: nothing is doubled, nothing lost, and nothing in doubt.

use std::time::Duration;

use bytes::Bytes;
use social_core::web::{App, Arrival, Face};

use crate::line::Line;
use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn, Way};
use crate::world::{Setting, WORKER_SECRET, World};

/// The results that have not ended yet.
const UNDER_WAY: &str =
    "select count(*) from post_results where state in ('queued', 'held', 'publishing', 'processing')";

/// One invocation, whatever it says: one that cannot hear its database does not end well.
async fn invoke(app: &App) {
    let request = http::Request::post("/.netlify/functions/social-post-worker")
        .header("authorization", format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::new())
        .unwrap();
    app.answer(&Face::PostWorker, request, Arrival::default()).await;
}

/// One way to publish, again and again, behind a line that is cut each time.
struct Trial<'a> {
    world: World,
    line: Line,
    stand_in: &'a dyn StandIn,
    way: &'a Way,
    account: String,
    /// Connected directly, to observe the results.
    onlooker: std::sync::Arc<App>,
    published: usize,
}

impl<'a> Trial<'a> {
    async fn of(stand_in: &'a dyn StandIn, way: &'a Way, keeps_statements: bool) -> Self {
        let mut world = World::with(Setting { pull: way.is_pull, ..Setting::default() }).await;
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let onlooker = world.another_app();
        let (line, mut url) = Line::start(world.database_url());
        if keeps_statements {
            url.push_str("&statement-cache-capacity=100");
        }
        world.set("DATABASE_URL", &url);
        Self { world, line, stand_in, way, account, onlooker, published: 0 }
    }

    /// Runs one post, losing the `nth` answer. Says whether there was one to lose.
    async fn loses(&mut self, nth: u64) -> bool {
        let Self { world, line, stand_in, way, account, onlooker, published } = self;
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
        assert_eq!(arrived.len(), *published, "{what}");
        assert!(arrived.iter().all(|one| one.sha256 == sha256(&bytes)), "{what}");
        assert!(["published", "deliveredToInbox"].contains(&result["state"].as_str().unwrap()), "{what}");
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

async fn matrix(stand_in: &dyn StandIn, keeps_statements: bool, ways: impl Fn(&Way) -> bool) {
    for way in stand_in.ways().into_iter().filter(ways) {
        let mut trial = Trial::of(stand_in, &way, keeps_statements).await;
        let mut nth = 1;
        while trial.loses(nth).await {
            nth += 1;
        }
        assert!(nth > 10, "{} said nothing to its database", stand_in.platform());
    }
}

#[tokio::test]
async fn an_answer_of_the_database_that_is_lost_in_an_upload_loses_doubles_and_doubts_nothing() {
    for stand_in in stand_in::all() {
        matrix(stand_in, true, |way| !way.is_pull).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_behind_a_pooler_loses_doubles_and_doubts_nothing() {
    matrix(stand_in::of("tiktok"), false, |way| way.is_pull).await;
}
