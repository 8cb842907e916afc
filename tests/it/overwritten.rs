//! Files that are overwritten in place during an upload: the stream is half old and half new.

use http::StatusCode;
use serde_json::{Value, json};

use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn};
use crate::world::{Setting, World};

/// One byte range on every platform, and several on those that use chunks.
const SIZES: [usize; 2] = [5_000_000, 24_000_001];

/// Overwrites a file in its last byte range, with one of the same length or a longer one.
async fn overwrite_each(stand_in: &dyn StandIn) -> usize {
    let platform = stand_in.platform();
    let world = World::new().await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let mut runs = 0;
    for way in stand_in.ways().iter().filter(|way| !way.is_pull) {
        for (size, grown) in SIZES.into_iter().flat_map(|size| [(size, 0), (size, 1_000_000)]) {
            let run = format!("{platform} {}, {size} and {grown}", way.options);
            let name = format!("v{runs}.mp4");
            let old = (way.video)(size);
            let mut new = (way.video)(size + grown).to_vec();
            for byte in &mut new[size / 2..] {
                *byte ^= 1;
            }
            let new: bytes::Bytes = new.into();
            let url = world.videos.put(&name, old);
            world.videos.overwrite(&name, size - 2_000_000, new.clone());
            let before = stand_in.published(&world.sandbox).len();
            let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
            world.run_to_the_end().await;
            assert!(world.videos.is_overwritten(&name), "{run}");
            let (result, ledger) = (world.result("alice", &post).await, world.ledger("alice", &post).await);
            assert_eq!(stand_in.published(&world.sandbox).len(), before, "{run}: {result} {ledger:?}");
            assert_eq!(
                (&result["state"], &result["error"]["code"]),
                (&json!("failed"), &json!("video_changed")),
                "{run}: {result} {ledger:?}"
            );
            // The new file is a file like any other.
            let (status, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
            assert_eq!(status, StatusCode::OK, "{run}");
            world.run_to_the_end().await;
            let published = stand_in.published(&world.sandbox);
            assert_eq!(published.len(), before + 1, "{run}: {}", world.result("alice", &post).await);
            assert_eq!(published[before].sha256, sha256(&new), "{run}");
            runs += 1;
        }
    }
    runs
}

#[tokio::test]
async fn a_file_that_is_overwritten_during_its_last_range_is_published_nowhere() {
    let mut runs = 0;
    for stand_in in stand_in::all() {
        runs += overwrite_each(stand_in).await;
    }
    assert!(runs >= 16, "{runs}");
}

/// Lets a server fail from each of its requests on, until a post finishes without a failure.
async fn trouble_from_each_request(stand_in: &dyn StandIn, options: &Value, status: StatusCode, code: &str) {
    let platform = stand_in.platform();
    let world = World::new().await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let bytes = video(SIZES[1]);
    let mut requests = 0;
    loop {
        let name = format!("v{requests}.mp4");
        let url = world.videos.put(&name, bytes.clone());
        world.videos.refuse_after(&name, requests, status);
        let before = stand_in.published(&world.sandbox).len();
        let post = world.publish_on(stand_in, "alice", &account, &url, options).await;
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        if result["state"] == "published" {
            break;
        }
        assert_eq!(
            (&result["state"], &result["error"]["code"]),
            (&json!("failed"), &json!(code)),
            "{platform}, {requests}: {result} {:?}",
            world.ledger("alice", &post).await
        );
        assert_eq!(stand_in.published(&world.sandbox).len(), before, "{platform}, {requests}");
        requests += 1;
    }
    // Opening, reading, and the check whether it is still the same file.
    assert!(requests >= 3, "{platform}: {requests}");
}

#[tokio::test]
async fn a_result_that_fails_because_of_its_source_has_the_last_attempts_error() {
    for stand_in in stand_in::all() {
        let ways = stand_in.ways();
        let way = ways.iter().find(|way| !way.is_pull).unwrap();
        let limited = StatusCode::TOO_MANY_REQUESTS;
        trouble_from_each_request(stand_in, &way.options, limited, "video_server_error").await;
    }
}

#[tokio::test]
async fn a_link_that_redirects_is_followed_and_no_platform_is_sent_to_it() {
    let mut pulls = 0;
    for stand_in in stand_in::all() {
        for way in stand_in.ways() {
            let world = World::with(Setting { pull: way.is_pull, ..Setting::default() }).await;
            stand_in.without_limits(&world.sandbox);
            let account = world.connect_on(stand_in, "alice", "demokitchen").await;
            let bytes = (way.video)(SIZES[1]);
            world.videos.put("v.mp4", bytes.clone());
            let url = world.videos.leading_to("v.mp4");
            let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
            world.run_to_the_end().await;
            let ledger = world.ledger("alice", &post).await;
            let run = format!("{} {}: {ledger:?}", stand_in.platform(), way.options);
            let published = stand_in.published(&world.sandbox);
            assert_eq!(published.len(), 1, "{run} {}", world.result("alice", &post).await);
            assert_eq!(published[0].sha256, sha256(&bytes), "{run}");
            assert!(ledger.iter().any(|(step, _)| step == "upload"), "{run}");
            pulls += usize::from(way.is_pull);
        }
    }
    assert!(pulls >= 2, "{pulls}");
}
