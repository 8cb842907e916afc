//! Holding: until when, and whose posts.

use std::time::Duration;

use serde_json::{Value, json};
use social_core::model::{HeldReason, HoldScope, ResultState, Window};
use social_core::platform::Shows;
use social_core::store::{Leased, Reach, Room};

use crate::source::video;
use crate::world::{World, public, tiktok_id};

/// The next midnight in California, as the database sees it now.
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
    // The clocks go forward on 14 March 2027: that day has 23 hours.
    let until_march = "extract(epoch from timestamptz '2027-03-14 08:00Z' - social_now())::bigint";
    let seconds = world.scalar(&format!("select {until_march}")).await;
    world.advance(Duration::from_secs(seconds.try_into().unwrap())).await;
    assert_eq!(midnight(&world).await, "03-15 07:00");
}

/// Holds the first due result, and says what became of everybody's.
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
    let room = Room { platforms: vec![(tiktok_id(), 10)], per_account: 10, in_hand: Vec::new() };
    let claim = store.lease_due(Reach::Everything, &room, 1, minute).await.unwrap();
    let Some(Leased::Ready(mut lease)) = claim.leased.into_iter().next() else { panic!("nothing was due") };
    let state = ResultState::Held {
        step: None,
        reason: HeldReason::Quota,
        until: Some((window, scope)),
        code: "quotaExceeded".to_owned(),
        message: "The day's uploads are used up. The post goes on by itself.",
    };
    store.save(&mut lease, &state, &Shows::default(), &[], None).await.unwrap();
    let results = [
        world.result("alice", &first).await,
        world.result("alice", &second).await,
        world.result("bob", &third).await,
    ];
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 3, "what was held goes on by itself");
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
    }
    assert_eq!(third["state"], "queued");
}

#[tokio::test]
async fn a_window_of_the_app_holds_everybody_on_the_platform() {
    let window = Window::UntilMidnight("America/Los_Angeles");
    for result in held(window, HoldScope::Platform).await {
        assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("quota")), "{result}");
        assert_eq!(result["heldUntil"], "2026-12-02T08:01:00Z");
        assert_eq!(result["error"]["code"], "quotaExceeded");
    }
}
