//! Cancelling: before anything was sent, during the upload, and after it, if the platform can still stop.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::stand_in;
use crate::wire::Freeze;
use crate::world::{Setting, World, public};

#[tokio::test]
async fn a_pull_that_tiktok_is_still_downloading_is_cancelled_there() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.videos.hold_downloads();
    let post = world.posted("demokitchen", video(3_000_000), public()).await;
    world.work().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["cancellable"]), (&json!("processing"), &json!(true)), "{result}");
    let (status, asked) = world.act(&post, "cancel").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(asked["results"][0]["state"], "processing", "TikTok decides");
    assert_eq!(asked["results"][0]["cancellable"], false, "once is enough");
    assert_eq!(world.act(&post, "cancel").await.0, StatusCode::CONFLICT);
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "cancelled");
    assert_eq!(world.sandbox.tiktok().calls("cancel"), 1);
    world.videos.release_downloads();
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "cancelled");
    assert!(world.sandbox.tiktok().published().is_empty());
    let ledger = world.ledger("alice", &post).await;
    assert!(ledger.contains(&("recall".to_owned(), "ok".to_owned())), "{ledger:?}");
}

#[tokio::test]
async fn a_pull_that_can_no_longer_be_cancelled_is_reported_as_published() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.videos.hold_downloads();
    let post = world.posted("demokitchen", video(3_000_000), public()).await;
    world.work().await;
    let too_late =
        FaultKind::Status { status: 400, code: "publish_not_cancellable".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("cancel", too_late));
    assert_eq!(world.act(&post, "cancel").await.0, StatusCode::OK);
    world.videos.release_downloads();
    world.work().await;
    assert_eq!(world.sandbox.tiktok().calls("cancel"), 1);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn an_upload_that_was_sent_completely_can_no_longer_be_cancelled() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(3_000_000), public()).await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["cancellable"], false);
    let (status, refused) = world.act(&post, "cancel").await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("nothing_to_cancel")));
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn a_result_cancelled_before_the_call_that_publishes_is_never_sent() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    let post = world.posted("demokitchen", video(3_000_000), public()).await;
    // The worker has just read the creator's options, and is about to send the download's init.
    let worker = world.frozen_worker(1, Freeze::AfterTheCall).await;
    assert_eq!(world.act(&post, "cancel").await.0, StatusCode::OK);
    world.wire.let_go();
    assert_eq!(worker.await.unwrap()["lost"], 1);
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 0, "its lease was gone");
    assert_eq!(world.result("alice", &post).await["state"], "cancelled");
}

#[tokio::test]
async fn an_upload_is_cancelled_between_two_of_its_chunks() {
    let world = World::new().await;
    let stand_in = stand_in::of("youtube");
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demostudio").await;
    let url = world.videos.put("v.mp4", video(30_000_000));
    let options = stand_in.ways().swap_remove(0).options;
    let post = world.publish_on(stand_in, "alice", &account, &url, &options).await;
    // The session exists, and the first of four chunks was sent.
    let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
    assert_eq!(world.result("alice", &post).await["cancellable"], true);
    let (status, asked) = world.act(&post, "cancel").await;
    assert_eq!((status, &asked["results"][0]["cancellable"]), (StatusCode::OK, &json!(false)), "{asked}");
    assert_eq!(world.act(&post, "cancel").await.0, StatusCode::CONFLICT, "once is enough");
    world.wire.let_go();
    worker.await.unwrap();
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "cancelled");
    assert_eq!(world.sandbox.youtube().calls("upload") + world.sandbox.youtube().calls("upload_last"), 1);
    assert!(world.sandbox.youtube().published().is_empty());
}

#[tokio::test]
async fn the_start_slots_of_cancelled_posts_go_to_waiting_posts() {
    let world = World::new().await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let mut posts = Vec::new();
    for _ in 0..30 {
        posts.push(world.publish("alice", &account, &url, public()).await);
        world.advance(Duration::from_millis(1)).await;
    }
    world.work().await;
    let far = "select count(*) from post_results where slot_at > social_now() + interval '5 minutes'";
    assert_eq!(world.scalar(far).await, 2, "eleven seconds each");
    for post in &posts[1..29] {
        assert_eq!(world.act(post, "cancel").await.0, StatusCode::OK);
    }
    let later = world.publish("alice", &account, &url, public()).await;
    for _ in 0..4 {
        world.advance(Duration::from_secs(11)).await;
        world.work().await;
    }
    for post in [&posts[0], &posts[29], &later] {
        let state = world.result("alice", post).await["state"].clone();
        assert!(["processing", "published"].contains(&state.as_str().unwrap()), "{state}");
    }
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 3);
}
