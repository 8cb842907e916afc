//! Streams: one response for many chunks, servers without range support, and bytes that must be the same
//! again.

use serde_json::{Value, json};
use social_sandbox::{Fault, FaultKind};

use crate::source::{Skill, sha256, video};
use crate::stand_in;
use crate::world::{Setting, World, public};
use crate::youtube::Dice;

/// So fast that the invocation's time is never the limit.
const FAST: f64 = 1e9;

async fn world(bytes_per_second: f64) -> (World, String) {
    let world = World::with(Setting { source: Some(bytes_per_second), ..Setting::default() }).await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    (world, account)
}

/// Returns the calls that carried some of the video.
async fn carried(world: &World, post: &str) -> Vec<Value> {
    let (_, body) = world.get(&format!("/social-posts/{post}/attempts"), "alice").await;
    let attempts = body["attempts"].as_array().unwrap().iter();
    attempts.filter(|attempt| attempt["step"] == "upload").cloned().collect()
}

async fn assert_published(world: &World, post: &str, bytes: &[u8]) {
    let result = world.result("alice", post).await;
    assert_eq!(result["state"], "published", "{result} {:?}", world.ledger("alice", post).await);
    let published = world.sandbox.tiktok().published();
    assert_eq!(published.last().unwrap().sha256, sha256(bytes));
}

#[tokio::test]
async fn all_chunks_of_an_invocation_are_read_from_one_response() {
    let (world, account) = world(FAST).await;
    let bytes = video(75_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_published(&world, &post, &bytes).await;
    assert_eq!(world.videos.asked(), [75_000_000], "one answer");
    assert!(world.videos.sent() < 76_000_000, "and no byte of it twice");
    let carried = carried(&world, &post).await;
    assert_eq!(carried.len(), 7);
    let sent: Vec<i64> = carried.iter().map(|attempt| attempt["bytes"].as_i64().unwrap()).collect();
    assert_eq!(sent, [10_000_000, 10_000_000, 10_000_000, 10_000_000, 10_000_000, 10_000_000, 15_000_000]);
}

#[tokio::test]
async fn a_response_that_breaks_after_a_chunk_is_requested_again_and_no_call_fails() {
    let (world, account) = world(FAST).await;
    let (bytes, mut dice) = (video(75_000_000), Dice(20_261_124));
    let url = world.videos.put("v.mp4", bytes.clone());
    for round in 0..8 {
        // Nothing breaks in the first chunk: that would be a failure, as before. Buffered bytes are lost with
        // a connection, so the break comes some megabytes later.
        let breaks: Vec<u64> = (0..3).map(|_| 14_000_000 + dice.below(6_000_000)).collect();
        world.videos.break_off(breaks.clone());
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        assert_published(&world, &post, &bytes).await;
        let carried = carried(&world, &post).await;
        assert!(carried.iter().all(|attempt| attempt["outcome"] == "ok"), "{round} {breaks:?} {carried:?}");
        assert_eq!((carried.len(), world.videos.asked().len()), (7, (round + 1) * 4), "{breaks:?}");
    }
}

#[tokio::test]
async fn a_file_that_changes_during_a_response_is_noticed_before_the_last_chunk() {
    let (world, account) = world(FAST).await;
    let url = world.videos.put("v.mp4", video(75_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    let change = async {
        while world.videos.sent() < 15_000_000 {
            tokio::task::yield_now().await;
        }
        // The response continues with the old file, as from a server that has it open.
        world.videos.put("v.mp4", video(75_000_001));
    };
    tokio::join!(world.work(), change);
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("failed"), &json!("video_changed")));
    assert!(world.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn a_server_without_ranges_is_read_in_one_pass_and_after_a_cut_from_its_beginning() {
    let (world, account) = world(FAST).await;
    world.videos.forget(Skill::WholeFiles);
    let bytes = video(45_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_published(&world, &post, &bytes).await;
    // One was dropped after its headers, a few by the inspection, one served all chunks, and one was the last
    // check.
    let in_one_pass = world.videos.asked().len();
    assert!((3..=6).contains(&in_one_pass), "{in_one_pass}");
    let mut dice = Dice(20_261_125);
    for _ in 0..6 {
        world.sandbox.clear_faults();
        for _ in 0..3 {
            let cut = FaultKind::Cut { bytes: dice.below(9_000_000) };
            world.sandbox.fail(Fault::tiktok("upload", cut).after(u32::try_from(dice.below(3)).unwrap()));
        }
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        assert_published(&world, &post, &bytes).await;
    }
    assert_eq!(world.sandbox.tiktok().published().len(), 7);
}

#[tokio::test]
async fn a_server_without_ranges_resumes_in_the_next_invocation_while_that_fits() {
    let (world, account) = world(12_000_000.0).await;
    world.videos.forget(Skill::WholeFiles);
    let bytes = video(40_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let busy = FaultKind::Status { status: 503, code: "internal_error".into(), retry_after: Some(30) };
    world.sandbox.fail(Fault::tiktok("upload", busy).after(2));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_published(&world, &post, &bytes).await;
    assert_eq!(carried(&world, &post).await.len(), 5, "{:?}", world.ledger("alice", &post).await);
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
}

#[tokio::test]
async fn a_file_too_large_to_pass_in_one_go_fails_with_the_reason() {
    let (world, account) = world(4_000_000.0).await;
    world.videos.forget(Skill::WholeFiles);
    let url = world.videos.put("v.mp4", video(200_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    let ledger = world.ledger("alice", &post).await;
    assert_eq!(
        (&result["state"], &result["error"]["code"]),
        (&json!("failed"), &json!("video_range_unsupported")),
        "{result} {ledger:?}"
    );
    assert!(world.sandbox.tiktok().published().is_empty());
    assert!(ledger.len() < 30, "it was tried too often: {ledger:?}");
}

#[tokio::test]
async fn a_file_of_unknown_length_is_refused_with_the_reason() {
    let (world, account) = world(FAST).await;
    world.videos.forget(Skill::LengthlessFiles);
    let url = world.videos.put("v.mp4", video(5_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["error"]["code"], "video_range_unsupported", "{result}");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 0);
}

#[tokio::test]
async fn bytes_that_differ_when_they_are_sent_again_stop_the_result() {
    for platform in ["tiktok", "youtube"] {
        let world = World::with(Setting { source: Some(FAST), ..Setting::default() }).await;
        let stand_in = stand_in::of(platform);
        stand_in.without_limits(&world.sandbox);
        let account = world.connect_on(stand_in, "alice", "demokitchen").await;
        let options = stand_in.ways().swap_remove(0).options;
        // A server without ranges sends no tag: only the bytes can tell.
        world.videos.forget(Skill::WholeFiles);
        let honest = video(35_000_000);
        let url = world.videos.put("v.mp4", honest.clone());
        // The second chunk is interrupted, and the number of bytes that arrived is unknown for a while.
        let question = if platform == "tiktok" { "status" } else { "upload_status" };
        world.sandbox.fail(Fault::of(platform, "upload", FaultKind::Cut { bytes: 3_000_000 }).after(1));
        world.sandbox.fail(Fault::of(platform, question, FaultKind::Html { status: 502 }));
        let post = world.publish_on(stand_in, "alice", &account, &url, &options).await;
        world.work().await;
        // The same length, the same head, another byte in the middle of the sent part.
        let mut other = honest.to_vec();
        other[11_000_000] ^= 1;
        world.videos.put("v.mp4", other.into());
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        let ledger = world.ledger("alice", &post).await;
        assert_eq!(stand_in.published(&world.sandbox).len(), 0, "{platform}: {result} {ledger:?}");
        assert_eq!(result["error"]["code"], "video_changed", "{platform}: {result} {ledger:?}");
        let carried = carried(&world, &post).await;
        let cut = carried.iter().find(|call| call["outcome"] == "noReply").unwrap();
        let first = if platform == "tiktok" { 10_000_000 } else { 8_388_608 };
        let checksum = cut["checksum"].as_str().unwrap();
        assert!(cut["firstByte"] == first && checksum.starts_with("crc64nvme:"), "{cut}");
    }
}

#[tokio::test]
async fn a_long_call_saves_its_progress_while_it_runs() {
    let world = World::with(Setting { source: Some(4_000_000.0), ..Setting::default() }).await;
    let stand_in = stand_in::of("instagram");
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let bytes = video(60_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish_on(stand_in, "alice", &account, &url, &json!({})).await;
    world.execute("create table told as select bytes_sent from post_results limit 0").await;
    world
        .execute(
            "create function tell() returns trigger language plpgsql security definer as $$ begin
                insert into told values (new.bytes_sent); return new;
            end $$",
        )
        .await;
    world
        .execute(
            "create trigger tell after update on post_results for each row
                when (new.lease_token is not null and new.due_at = old.due_at and new.bytes_sent is distinct from old.bytes_sent)
                execute function tell()",
        )
        .await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let told = world.scalar("select count(*) from told where bytes_sent > 0 and bytes_sent < 60000000").await;
    assert!((1..=8).contains(&told), "it was told {told} times");
    assert_eq!(stand_in.published(&world.sandbox)[0].sha256, sha256(&bytes));
}
