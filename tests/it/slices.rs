//! Slices: every invocation ends by its deadline, and a long upload is many of them.

use std::time::Duration;

use serde_json::json;

use crate::source::{sha256, video};
use crate::world::{Setting, World, public};

/// Two chunks and most of a third fit into eight seconds.
const TOO_SLOW_FOR_THREE: f64 = 3_700_000.0;

#[tokio::test]
async fn a_gigabyte_from_a_slow_source_goes_out_over_many_invocations() {
    let world = World::with(Setting { source: Some(TOO_SLOW_FOR_THREE), ..Setting::default() }).await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let bytes = video(1_000_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish("alice", &account, &url, public()).await;
    let (mut invocations, mut cut) = (0, 0);
    while world.result("alice", &post).await["state"] != "processing" {
        let (began, had, calls) =
            (world.now(), sent(&world, &post).await, world.sandbox.tiktok().calls("upload"));
        if world.work().await["leased"] == 0 {
            world.advance(Duration::from_secs(1)).await;
            continue;
        }
        invocations += 1;
        assert!(invocations < 100, "it gets nowhere");
        let took = world.now() - began;
        // What is in the sockets' buffers counts as sent: some megabytes, at a quarter of a second each, and a piece of
        // four is sent whole.
        assert!(took.num_milliseconds() < 12_000, "an invocation took {took}");
        let chunks = (sent(&world, &post).await - had) / 10_000_000;
        let again = world.sandbox.tiktok().calls("upload") - calls - chunks;
        assert!(again <= 1, "{again} chunks were sent for nothing in one invocation");
        cut += again;
    }
    assert!((30..60).contains(&invocations) && cut >= 20, "{invocations} invocations, {cut} of them cut");
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["bytesSent"]), (&json!("published"), &json!(1_000_000_000)));
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
    let most = 1_000_000_000 + cut * 10_000_000 + 2_000_000;
    assert!(world.videos.sent() <= most, "{} bytes were read, {cut} chunks cut", world.videos.sent());
}

/// How many bytes the platform has, as the owner sees it.
async fn sent(world: &World, post: &str) -> u64 {
    world.result("alice", post).await["bytesSent"].as_u64().unwrap_or_default()
}
