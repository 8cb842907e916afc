//! A worker that is stopped hands back the leases of the steps that this cuts off. Another resumes them at once, as it would
//! resume them after a crash: nothing is published twice, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use social_core::model::Checkpoint;
use social_core::store::{Lease, Leased, Reach, Room, Store};

use crate::crash::{Leases, matrix, spawn_worker};
use crate::source::video;
use crate::wire::Freeze;
use crate::world::{World, public, tiktok_id};

#[tokio::test]
async fn an_upload_that_is_cut_off_before_any_call_and_handed_back_is_published_once() {
    matrix(Freeze::BeforeTheCall, false, Leases::HandedBack).await;
}

#[tokio::test]
async fn an_upload_that_is_cut_off_after_any_call_and_handed_back_is_published_once() {
    matrix(Freeze::AfterTheCall, false, Leases::HandedBack).await;
}

#[tokio::test]
async fn a_pull_that_is_cut_off_before_any_call_and_handed_back_is_published_at_most_once() {
    matrix(Freeze::BeforeTheCall, true, Leases::HandedBack).await;
}

#[tokio::test]
async fn a_pull_that_is_cut_off_after_any_call_and_handed_back_is_published_at_most_once() {
    matrix(Freeze::AfterTheCall, true, Leases::HandedBack).await;
}

#[tokio::test]
async fn every_step_that_the_end_of_a_runtime_cuts_off_is_resumed_without_a_wait() {
    let world = World::new().await;
    world.without_limits();
    let url = world.videos.put("v.mp4", video(1_000_000));
    for at in 0..3 {
        let account = world.connect("alice", &format!("creator{at}")).await;
        world.publish("alice", &account, &url, public()).await;
    }
    let leased = "select count(*) from post_results where lease_token is not null and due_at > social_now()";
    // The process that stops has a runtime of its own, as `social-server serve` has.
    let app = world.another_app();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    world.wire.freeze(1, Freeze::BeforeTheCall);
    let entered = runtime.enter();
    drop(spawn_worker(Arc::clone(&app)));
    drop(entered);
    world.wire.frozen().await;
    assert!(world.scalar(leased).await >= 1);
    runtime.shutdown_background();
    // Its threads drop their tasks meanwhile.
    let mut handed_back = 0;
    while world.scalar(leased).await > 0 {
        handed_back += app.publisher.hand_back().await.unwrap();
    }
    assert!(handed_back >= 1);
    world.wire.thaw();
    let report = world.work().await;
    assert!(report["leased"].as_i64().unwrap() >= handed_back, "{report}");
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 3);
}

/// Leases the only due result.
async fn lease(store: &Store) -> Box<Lease> {
    let room = Room { platforms: vec![(tiktok_id(), 10)], per_account: 10, leased: Vec::new() };
    let claim = store.lease_due(Reach::Everything, &room, 1, Duration::from_secs(30)).await.unwrap();
    let Some(Leased::Ready(lease)) = claim.leased.into_iter().next() else { panic!("nothing was due") };
    lease
}

#[tokio::test]
async fn who_has_handed_back_may_send_nothing_and_takes_nothing_from_the_next() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.publish("alice", &account, &url, public()).await;
    let store = &world.app.publisher.flow.store;
    let first = lease(store).await;
    assert_eq!(store.hand_back(&[first.key()]).await.unwrap(), 1);
    let step = Checkpoint { name: "init".to_owned(), body: "{}".to_owned() };
    assert!(!store.mark_in_flight(&first, &step).await.unwrap(), "its record comes too late");
    let second = lease(store).await;
    assert_eq!(second.failures, 1, "as after an expired lease");
    assert_eq!(store.hand_back(&[first.key()]).await.unwrap(), 0);
    assert!(store.mark_in_flight(&second, &step).await.unwrap(), "the next one holds it");
    // Handed back with a call in flight, it is still in flight for the next worker.
    assert_eq!(store.hand_back(&[second.key()]).await.unwrap(), 1);
    assert!(lease(store).await.in_flight);
}
