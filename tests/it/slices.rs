//! Slices: every invocation ends by its deadline, so a long upload needs many of them.

use std::time::Duration;

use serde_json::json;
use social_sandbox::{Fault, FaultKind};

use crate::source::{sha256, video};
use crate::world::{Setting, World, public};
use crate::youtube::Dice;

/// Two chunks and most of a third fit into eight seconds.
const TOO_SLOW_FOR_THREE: f64 = 3_700_000.0;

#[tokio::test]
async fn a_gigabyte_from_a_slow_source_goes_out_over_many_invocations() {
    let world = World::with(Setting { source: Some(TOO_SLOW_FOR_THREE), ..Setting::default() }).await;
    world.without_limits();
    let bytes = video(1_000_000_000);
    let post = world.posted("demokitchen", bytes.clone(), public()).await;
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
        // Bytes in the sockets' buffers count as sent: some megabytes, at a quarter of a second each, and a
        // piece of four is sent whole.
        assert!(took.num_milliseconds() < 15_000, "an invocation took {took}");
    }
    let cut = world.sandbox.tiktok().calls("upload") - 100;
    // At most one chunk is resent for each deadline.
    assert!((25..90).contains(&invocations), "{invocations} invocations, {cut} of them cut");
    assert!(cut <= invocations, "{cut} chunks sent again in {invocations} invocations");
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["bytesSent"]), (&json!("published"), &json!(1_000_000_000)));
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
    // An invocation may also end between requesting a chunk from the source and sending it.
    let most = 1_000_000_000 + 2 * invocations * 10_000_000;
    assert!(
        world.videos.sent() <= most,
        "{} bytes were read in {invocations} invocations",
        world.videos.sent()
    );
}

#[tokio::test]
async fn an_upload_to_tiktok_survives_fifty_cuts_and_resends_a_chunk_each() {
    const SIZE: u64 = 25_000_000;
    const CHUNK: u64 = 10_000_000;
    let world = World::new().await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let bytes = video(usize::try_from(SIZE).unwrap());
    let url = world.videos.put("v.mp4", bytes.clone());
    let (mut dice, mut posts) = (Dice(20_261_123), 0);
    let cuts = "select count(*) from publish_attempts where step = 'upload' and outcome = 'noReply'";
    while world.scalar(cuts).await < 50 {
        world.sandbox.clear_faults();
        for _ in 0..6 {
            let cut = FaultKind::Cut { bytes: dice.below(5_000_000) };
            world.sandbox.fail(Fault::tiktok("upload", cut).after(u32::try_from(dice.below(2)).unwrap()));
        }
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", &post).await["state"], "published", "post {posts}");
        posts += 1;
    }
    let published = world.sandbox.tiktok().published();
    assert_eq!(published.len(), posts);
    assert!(published.iter().all(|one| one.sha256 == sha256(&bytes)), "every byte of every video");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), u64::try_from(posts).unwrap(), "one task each");
    let sent = world.scalar("select sum(bytes)::bigint from publish_attempts where step = 'upload'").await;
    let again = u64::try_from(sent).unwrap() - u64::try_from(posts).unwrap() * SIZE;
    // The last chunk takes the remainder, so it may be up to half as large again.
    let most = u64::try_from(world.scalar(cuts).await).unwrap() * (CHUNK + CHUNK / 2);
    assert!(again <= most, "{again} bytes were sent again, {most} at most");
}
