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
    let mut invocations = 0;
    while world.result("alice", &post).await["state"] != "processing" {
        let began = world.now();
        if world.work().await["leased"] == 0 {
            world.advance(Duration::from_secs(1)).await;
            continue;
        }
        invocations += 1;
        assert!(invocations < 100, "it gets nowhere");
        let took = world.now() - began;
        // What is in the sockets' buffers counts as sent: some megabytes, at a quarter of a second each, and a piece of
        // four is sent whole.
        assert!(took.num_milliseconds() < 15_000, "an invocation took {took}");
    }
    let cut = world.sandbox.tiktok().calls("upload") - 100;
    // One chunk at most is sent again for each deadline.
    assert!((25..90).contains(&invocations), "{invocations} invocations, {cut} of them cut");
    assert!((20..=invocations).contains(&cut), "{cut} chunks sent again in {invocations} invocations");
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["bytesSent"]), (&json!("published"), &json!(1_000_000_000)));
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
    // An invocation may also end between asking the source for a chunk and sending it.
    let most = 1_000_000_000 + 2 * invocations * 10_000_000;
    assert!(
        world.videos.sent() <= most,
        "{} bytes were read in {invocations} invocations",
        world.videos.sent()
    );
}
