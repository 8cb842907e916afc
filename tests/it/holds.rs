//! Holding: how long, and which posts.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use social_core::model::{HeldReason, HoldScope, ResultState, Window};
use social_core::platform::Shows;
use social_core::store::{Leased, Reach, Room};
use social_sandbox::{Fault, FaultKind};

use crate::source::video;
use crate::wire::Freeze;
use crate::world::{Setting, World, public, tiktok_id};

/// Returns the next midnight in California, by the database's clock.
async fn midnight(world: &World) -> String {
    let sql = "select to_char(social_after(0, 'America/Los_Angeles') at time zone 'UTC', 'MM-DD HH24:MI')";
    sqlx::query_scalar(sql).fetch_one(&world.db).await.unwrap()
}

#[tokio::test]
async fn a_day_of_quota_ends_at_midnight_over_there_in_summer_and_in_winter() {
    let world = World::new().await;
    assert_eq!(midnight(&world).await, "12-02 08:00");
    world.advance(Duration::from_secs(20 * 3600 - 1)).await;
    assert_eq!(midnight(&world).await, "12-02 08:00", "a second before");
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(midnight(&world).await, "12-03 08:00", "a second later");
    // Summer time starts on 14 March 2027: that day has 23 hours.
    let until_march = "extract(epoch from timestamptz '2027-03-14 08:00Z' - social_now())::bigint";
    let seconds = world.scalar(&format!("select {until_march}")).await;
    world.advance(Duration::from_secs(seconds.try_into().unwrap())).await;
    assert_eq!(midnight(&world).await, "03-15 07:00");
}

/// Holds the first due result, and returns the state of each owner's.
async fn held(window: Window, scope: HoldScope) -> [Value; 3] {
    let world = World::new().await;
    world.without_limits();
    let (alices, bobs) =
        (world.connect("alice", "demokitchen").await, world.connect("bob", "quietgarden").await);
    let url = world.videos.put("v.mp4", video(200_000));
    let first = world.publish("alice", &alices, &url, public()).await;
    world.execute("update post_results set due_at = due_at - interval '1 second'").await;
    let second = world.publish("alice", &alices, &url, public()).await;
    let third = world.publish("bob", &bobs, &url, public()).await;
    let store = &world.app.publisher.flow.store;
    let minute = Duration::from_mins(1);
    let room = Room { platforms: vec![(tiktok_id(), 10)], per_account: 10, leased: Vec::new() };
    let claim = store.lease_due(Reach::Everything, &room, 1, minute).await.unwrap();
    let Some(Leased::Ready(mut lease)) = claim.leased.into_iter().next() else { panic!("nothing was due") };
    let state = ResultState::Held {
        step: None,
        reason: HeldReason::Quota,
        until: Some((window, scope)),
        code: "quotaExceeded".to_owned(),
        message: "This account has reached its daily limit.",
    };
    store.save(&mut lease, &state, &Shows::default(), &[], None).await.unwrap();
    let results = [
        world.result("alice", &first).await,
        world.result("alice", &second).await,
        world.result("bob", &third).await,
    ];
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 3, "a held result resumes on its own");
    results
}

#[tokio::test]
async fn a_window_of_an_account_holds_that_account() {
    let [first, second, third] = held(Window::For(Duration::from_hours(24)), HoldScope::Account).await;
    for result in [first, second] {
        assert_eq!(
            (&result["state"], &result["heldUntil"]),
            (&json!("held"), &json!("2026-12-02T12:00:00Z"))
        );
        let message = "This account has reached its daily limit. We'll retry automatically.";
        assert_eq!(result["error"]["message"], message);
    }
    assert_eq!(third["state"], "queued");
}

#[tokio::test]
async fn a_quota_of_the_app_holds_every_account_on_the_platform() {
    let window = Window::UntilMidnight("America/Los_Angeles");
    for result in held(window, HoldScope::Platform).await {
        assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("quota")), "{result}");
        assert_eq!(result["heldUntil"], "2026-12-02T08:01:00Z");
        assert_eq!(result["error"]["code"], "quotaExceeded");
    }
}

#[tokio::test]
async fn what_an_account_that_never_comes_back_may_hold_is_settled_by_its_owner() {
    for (outcome, state) in [("published", "published"), ("notPublished", "failed")] {
        let world = World::new().await;
        let account = world.connect("alice", "demokitchen").await;
        let url = world.videos.put("v.mp4", video(200_000));
        let post = world.publish("alice", &account, &url, public()).await;
        world.work().await;
        assert_eq!(world.result("alice", &post).await["state"], "processing");
        let path = format!("/social-accounts/{account}");
        let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        let result = world.result("alice", &post).await;
        assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("needsReconnect")));
        let said = json!({"resultId": result["id"], "outcome": outcome});
        let (status, body) = world.post(&format!("/social-posts/{post}/resolve"), "alice", said).await;
        assert_eq!((status, &body["results"][0]["state"]), (StatusCode::OK, &json!(state)), "{body}");
        // After a reconnection its state stays as resolved.
        world.connect("alice", "demokitchen").await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", &post).await["state"], state);
    }
}

#[tokio::test]
async fn a_call_that_was_refused_while_the_account_was_connected_again_leaves_no_doubt() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let post = world.posted("demokitchen", video(200_000), public()).await;
    let refused = FaultKind::Status { status: 401, code: "scope_not_authorized".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("video_init", refused));
    let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
    world.wire.thaw();
    world.connect("alice", "demokitchen").await;
    world.wire.let_go();
    worker.await.unwrap();
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
    let ledger = world.ledger("alice", &post).await;
    assert!(ledger.contains(&("init".to_owned(), "refused".to_owned())), "{ledger:?}");
}

#[tokio::test]
async fn a_refresh_token_that_waits_for_its_key_fails_nothing() {
    let world = World::new().await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    world
        .execute("update social_accounts set refresh_token = replace(refresh_token, '.k1.', '.gone.')")
        .await;
    world.advance(Duration::from_hours(24)).await;
    let post = world.publish("alice", &account, &url, public()).await;
    for _ in 0..60 {
        world.work().await;
        world.advance(Duration::from_mins(16)).await;
    }
    let waits = world.result("alice", &post).await;
    assert!(["queued", "publishing"].contains(&waits["state"].as_str().unwrap()), "{waits}");
    world
        .execute("update social_accounts set refresh_token = replace(refresh_token, '.gone.', '.k1.')")
        .await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}
