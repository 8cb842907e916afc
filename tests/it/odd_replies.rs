//! Slightly odd responses, through the whole system: nothing good in them is lost.

use std::time::Duration;

use serde_json::{Value, json};

use crate::source::video;
use crate::stand_in;
use crate::world::World;

/// TikTok's token endpoint.
const TOKEN: &str = "/v2/oauth/token/";

async fn account(world: &World) -> Value {
    let listed = world.get("/social-accounts?limit=100", "alice").await.1;
    listed["accounts"][0].clone()
}

/// Publishes once, more than a day after the last time, so with a refreshed token.
async fn publishes_a_day_later(world: &World, account: &str) {
    world.advance(Duration::from_hours(25)).await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let on = stand_in::of("tiktok");
    let post = world.publish_on(on, "alice", account, &url, &on.ways()[0].options).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn an_odd_time_or_scope_costs_neither_the_code_nor_the_rotated_pair() {
    for (text, odd) in [
        ("\"expires_in\":86400", "\"expires_in\":\"86400\""),
        ("\"expires_in\":86400", "\"expires_in\":86400.0"),
        ("\"expires_in\":86400", "\"expires_in\":-1"),
        ("\"expires_in\":86400", "\"expires_in\":9223372036854775807"),
        ("\"expires_in\":86400", "\"expires_in\":1e999"),
        ("\"expires_in\":86400", "\"expires_in\":null,\"error\":null"),
        ("\"token_type\":\"Bearer\"", "\"token_type\":\"\\ud800\\u0000\""),
        ("\"refresh_expires_in\":", "\"refresh_expires_in\":-"),
    ] {
        let world = World::new().await;
        let on = stand_in::of("tiktok");
        on.without_limits(&world.sandbox);
        world.wire.make_odd(TOKEN, text, odd);
        let account = world.connect_on(on, "alice", "demokitchen").await;
        for _ in 0..2 {
            publishes_a_day_later(&world, &account).await;
        }
        let status = &self::account(&world).await["status"];
        assert_eq!(status, "active", "{odd}");
        assert!(world.sandbox.tiktok().calls("token_refresh") >= 2, "{odd}");
    }
}

#[tokio::test]
async fn a_text_that_no_row_can_hold_is_cleaned_at_the_door() {
    let world = World::new().await;
    let on = stand_in::of("tiktok");
    world.wire.make_odd("/v2/user/info/", "\"display_name\":\"", "\"display_name\":\"A\\u0000B\\udc00");
    world.connect_on(on, "alice", "demokitchen").await;
    let name = account(&world).await["accountMetadata"]["displayName"].clone();
    assert!(name.as_str().unwrap().starts_with("AB\u{fffd}"), "{name}");
}

#[tokio::test]
async fn a_nul_in_a_reply_costs_no_publication() {
    let world = World::new().await;
    let on = stand_in::of("tiktok");
    on.without_limits(&world.sandbox);
    let account = world.connect_on(on, "alice", "demokitchen").await;
    world.wire.make_odd("/v2/post/publish/video/init/", "\"log_id\":\"", "\"log_id\":\"\\u0000\\ud83c");
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish_on(on, "alice", &account, &url, &on.ways()[0].options).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], json!("published"));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
}
