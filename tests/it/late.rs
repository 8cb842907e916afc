//! Late events: calls of workers that were overtaken, and lost responses. It runs for every platform.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::future::join_all;

use crate::crash::{about_to_publish, ended_well, stuck_worker};
use crate::source::video;
use crate::stand_in::{self, StandIn, Way};
use crate::wire::Freeze;
use crate::world::{Setting, World};

/// Lets a worker lose its lease while its `nth` call is in flight. Another worker continues. Then the call or
/// its response arrives, two and a half minutes late. (After ten minutes, Instagram's second attempt would
/// have been sent. But no network holds a request that long, and a frozen sender checks the clock.) Returns
/// whether there was an `nth` call.
async fn is_overtaken_at(nth: usize, how: Freeze, stand_in: &dyn StandIn, way: &Way) -> bool {
    let (world, post, bytes) = about_to_publish(stand_in, way, 1_000_000).await;
    world.wire.freeze(nth, how);
    let overtaken = stuck_worker(&world, async || world.wire.frozen().await).await;
    world.wire.thaw();
    world.advance_database(Duration::from_secs(151)).await;
    world.work().await;
    world.wire.let_go();
    let was_overtaken = overtaken.is_some();
    if let Some((_, worker)) = overtaken {
        worker.await.unwrap();
    }
    world.run_to_the_end().await;
    let what = format!("{} overtaken at {nth} {how:?}, {}", stand_in.platform(), way.options);
    ended_well(&world, stand_in, way, &post, &bytes, &what).await;
    was_overtaken
}

#[tokio::test]
async fn a_worker_that_is_overtaken_at_any_call_loses_and_doubles_nothing() {
    for stand_in in stand_in::all() {
        let ways = stand_in.ways();
        let pull = ways.iter().find(|way| way.is_pull);
        for way in ways.first().into_iter().chain(pull) {
            for how in [Freeze::BeforeTheCall, Freeze::AfterTheCall] {
                let mut nth = 1;
                while is_overtaken_at(nth, how, stand_in, way).await {
                    nth += 1;
                }
                assert!(nth > 2, "{} made no calls", stand_in.platform());
            }
        }
    }
}

/// Loses the response to its `nth` call, so the worker waits until the timeout. Returns whether there was
/// such a call.
async fn times_out_at(nth: usize, stand_in: &dyn StandIn, way: &Way) -> bool {
    // The shortest time limit in which a call starts that must not be sent twice.
    let vars = vec![("WORKER_BUDGET_SECONDS", "5".to_owned())];
    let world = World::with(Setting { pull: way.is_pull, vars, ..Setting::default() }).await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(300_000));
    let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
    world.wire.freeze(nth, Freeze::AfterTheCall);
    for _ in 0..5 {
        world.work().await;
        world.advance(Duration::from_secs(61)).await;
    }
    let timed_out = world.wire.seen.load(Ordering::SeqCst) >= nth;
    world.wire.thaw();
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    let what = format!("{} late answer {nth}, {}: {result}", stand_in.platform(), way.options);
    let published = stand_in.published(&world.sandbox).len();
    let is_doubt = way.may_doubt && result["state"] == "inDoubt";
    assert!(
        published == 1
            && (is_doubt || ["published", "deliveredToInbox"].contains(&result["state"].as_str().unwrap())),
        "{published} times: {what}"
    );
    timed_out
}

#[tokio::test]
async fn a_call_whose_response_never_comes_loses_and_doubles_nothing() {
    let mut ways: Vec<(&dyn StandIn, Way)> =
        stand_in::all().map(|stand_in| (stand_in, stand_in.ways().swap_remove(0))).collect();
    let tiktok = stand_in::of("tiktok");
    ways.extend(tiktok.ways().into_iter().find(|way| way.is_pull).map(|way| (tiktok, way)));
    // Three calls of each at once, because each one waits for the whole timeout.
    let mut nth = 1;
    let three = |nth| {
        let ways = &ways;
        let of = move |nth| ways.iter().map(move |(stand_in, way)| times_out_at(nth, *stand_in, way));
        join_all((nth..nth + 3).flat_map(of))
    };
    while three(nth).await.contains(&true) {
        nth += 3;
    }
    assert!(nth > 4, "only {nth} calls were made");
}
