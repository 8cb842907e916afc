//! Signed links expire: before the post, between two chunks, at any request. The post reports it, and accepts
//! a new link.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::source::{sha256, video};
use crate::stand_in::{self, StandIn, Way};
use crate::world::{World, public, read};

/// Several chunks on every platform that uses chunks.
const SIZE: usize = 24_000_001;

async fn edit(world: &World, post: &str, body: Value) -> (StatusCode, Value) {
    let path = format!("/social-posts/{post}");
    let (_, before) = world.get(&path, "alice").await;
    let mut body = body;
    body["version"] = before["version"].clone();
    read(&world.call(Method::PATCH, &path, Some("alice"), Some(body)).await)
}

/// Lets a link expire at each request in turn, until one lasts to the end of the post.
async fn end_at_each_request(stand_in: &dyn StandIn, way: &Way) {
    let world = World::new().await;
    stand_in.without_limits(&world.sandbox);
    let account = world.connect_on(stand_in, "alice", "demokitchen").await;
    let bytes = video(SIZE);
    let fresh = world.videos.put("fresh.mp4", bytes.clone());
    let mut requests = 0;
    loop {
        let name = format!("v{requests}.mp4");
        let url = world.videos.put(&name, bytes.clone());
        world.videos.expire_after(&name, requests);
        let before = stand_in.published(&world.sandbox).len();
        let post = world.publish_on(stand_in, "alice", &account, &url, &way.options).await;
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        let platform = stand_in.platform();
        if result["state"] != "failed" {
            break;
        }
        assert_eq!(result["error"]["code"], "video_url_expired", "{platform}, {requests}: {result}");
        assert_eq!(stand_in.published(&world.sandbox).len(), before, "{platform}, {requests}");
        // The same link would only expire again; a new one in the post lets it finish.
        let (status, edited) = edit(&world, &post, json!({"videoUrl": fresh})).await;
        assert_eq!((status, &edited["videoUrl"]), (StatusCode::OK, &json!(fresh)), "{edited}");
        assert_eq!(edited["results"][0]["state"], "failed", "what failed stays so until it is retried");
        assert_eq!(world.act(&post, "retry").await.0, StatusCode::OK);
        world.run_to_the_end().await;
        let published = stand_in.published(&world.sandbox);
        assert_eq!(published.len(), before + 1, "{platform}, {requests}");
        assert_eq!(published[before].sha256, sha256(&bytes));
        requests += 1;
    }
    // Opening, inspecting, and more than one piece.
    assert!(requests >= 3, "{requests}");
}

#[tokio::test]
async fn a_link_that_ends_at_any_request_publishes_nothing_and_another_one_publishes_once() {
    let mut ways = 0;
    for stand_in in stand_in::all() {
        for way in stand_in.ways().iter().filter(|way| !way.is_pull).take(1) {
            end_at_each_request(stand_in, way).await;
            ways += 1;
        }
    }
    assert!(ways >= 2, "{ways}");
}

#[tokio::test]
async fn a_published_result_limits_its_post_to_a_new_link() {
    let world = World::new().await;
    let (one, other) =
        (world.connect("alice", "demokitchen").await, world.connect("alice", "quietgarden").await);
    let url = world.videos.put("v.mp4", video(1_000_000));
    let private = json!({"privacy_level": "SELF_ONLY"});
    let body = json!({"videoUrl": url, "caption": "hi", "results": [
        {"accountId": one, "tiktok": private}, {"accountId": other, "tiktok": private}]});
    world.sandbox.fail(social_sandbox::Fault::tiktok(
        "video_init",
        social_sandbox::FaultKind::FailReason { reason: "file_format_check_failed".into() },
    ));
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    world.run_to_the_end().await;
    let (_, before) = world.get(&format!("/social-posts/{post}"), "alice").await;
    assert_eq!(before["state"], "partial", "{before}");
    let (status, refused) = edit(&world, post, json!({"caption": "other"})).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("already_begun")));
    let better = world.videos.put("better.mp4", video(1_000_001));
    let (status, edited) = edit(&world, post, json!({"videoUrl": better})).await;
    assert_eq!((status, &edited["state"]), (StatusCode::OK, &json!("partial")), "{edited}");
    assert_eq!(world.act(post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    let hashes: Vec<String> =
        world.sandbox.tiktok().published().into_iter().map(|found| found.sha256).collect();
    assert_eq!(hashes, [sha256(&video(1_000_000)), sha256(&video(1_000_001))]);
    // Everything is published now, so a new link has no use.
    let (status, refused) = edit(&world, post, json!({"videoUrl": url})).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("already_begun")));
}

#[tokio::test]
async fn a_link_can_be_replaced_at_any_time() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.videos.expire_after("v.mp4", 1);
    let body = json!({"videoUrl": url, "caption": "lunch", "maxLateness": 3600,
        "results": [{"accountId": account, "tiktok": public()}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", post).await["error"]["code"], "video_url_expired");
    world.advance(Duration::from_hours(2)).await;
    let fresh = world.videos.put("fresh.mp4", video(1_000_000));
    let (status, edited) = edit(&world, post, json!({"videoUrl": fresh})).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
    assert_eq!(world.act(post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", post).await["state"], "published");
}

#[tokio::test]
async fn another_video_is_looked_at_again() {
    let world = World::new().await;
    let post = world
        .posted("demokitchen", "no video at all, and long enough to look like a header".into(), public())
        .await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["error"]["code"], "video_not_a_video");
    let bytes = video(1_000_000);
    let better = world.videos.put("better.mp4", bytes.clone());
    let (status, _) = edit(&world, &post, json!({"videoUrl": better, "caption": "now with a video"})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(world.act(&post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(published[0].caption, "now with a video");
}
