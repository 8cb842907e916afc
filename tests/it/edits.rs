//! Edits of single results, edits that meet another's, and reads of what has not changed.

use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;

use crate::source::video;
use crate::world::{World, public, read, token};

async fn edit(world: &World, post: &str, body: Value) -> (StatusCode, Value) {
    let path = format!("/social-posts/{post}");
    read(&world.call(Method::PATCH, &path, Some("alice"), Some(body)).await)
}

async fn shown(world: &World, post: &str) -> Value {
    world.get(&format!("/social-posts/{post}"), "alice").await.1
}

#[tokio::test]
async fn a_refused_option_is_changed_and_the_retry_publishes_once() {
    let world = World::new().await;
    let account = world.connect_private("quietgarden").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["error"]["code"], "privacy_level_option_mismatch");
    let version = shown(&world, &post).await["version"].clone();
    let private =
        json!({"accountId": account, "caption": "for friends", "tiktok": {"privacy_level": "SELF_ONLY"}});
    let (status, edited) = edit(&world, &post, json!({"version": version, "results": [private]})).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
    let result = &edited["results"][0];
    assert_eq!(
        (&result["state"], &result["caption"], &result["options"]["privacy_level"]),
        (&json!("failed"), &json!("for friends"), &json!("SELF_ONLY"))
    );
    assert_eq!(world.act(&post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_failed_result_is_changed_beside_a_published_one_which_cannot_be() {
    let world = World::new().await;
    let (one, other) =
        (world.connect("alice", "demokitchen").await, world.connect("alice", "quietgarden").await);
    let url = world.videos.put("v.mp4", video(1_000_000));
    let private = json!({"privacy_level": "SELF_ONLY"});
    world.sandbox.fail(social_sandbox::Fault::tiktok(
        "video_init",
        social_sandbox::FaultKind::FailReason { reason: "file_format_check_failed".into() },
    ));
    let body = json!({"videoUrl": url, "caption": "hi", "results": [
        {"accountId": one, "tiktok": private}, {"accountId": other, "tiktok": private}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    world.run_to_the_end().await;
    let before = shown(&world, post).await;
    assert_eq!(before["state"], "partial", "{before}");
    let results = before["results"].as_array().unwrap();
    let of = |state: &str| {
        let found = results.iter().find(|result| result["state"] == state).unwrap();
        json!({"accountId": found["accountId"], "caption": "changed", "tiktok": private})
    };
    let version = before["version"].clone();
    for drafts in [vec![of("published")], vec![of("failed"), of("published")]] {
        let (status, refused) = edit(&world, post, json!({"version": version, "results": drafts})).await;
        assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("already_begun")));
        assert_eq!(shown(&world, post).await, before);
    }
    let (status, edited) = edit(&world, post, json!({"version": version, "results": [of("failed")]})).await;
    assert_eq!(status, StatusCode::OK, "{edited}");
    assert_eq!(world.act(post, "retry").await.0, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 2);
}

#[tokio::test]
async fn new_options_are_checked_as_at_creation_and_must_be_of_the_post_s_accounts() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let stranger = world.connect("alice", "quietgarden").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "later", "publishAt": "2026-12-24T18:00:00Z",
        "results": [{"accountId": account, "tiktok": public()}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    for (results, code) in [
        (json!([]), "invalid_results"),
        (json!([{"accountId": stranger, "tiktok": public()}]), "account_not_found"),
        (json!([{"accountId": account, "tiktok": {}}]), "privacy_level_missing"),
        (json!([{"accountId": account, "youtube": {}}]), "other_platforms_options"),
        (json!([{"accountId": account, "tiktok": public()}, {"accountId": account}]), "duplicate_account"),
    ] {
        let (status, refused) = edit(&world, post, json!({"version": 1, "results": results})).await;
        assert_eq!((status, &refused["error"]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    let ai = json!({"accountId": account, "aiGenerated": true, "tiktok": public()});
    let (status, edited) = edit(&world, post, json!({"version": 1, "results": [ai]})).await;
    assert_eq!((status, &edited["results"][0]["aiGenerated"]), (StatusCode::OK, &json!(true)), "{edited}");
    // Another owner has no such post.
    let path = format!("/social-posts/{post}");
    let body = json!({"version": 2, "results": [{"accountId": account, "tiktok": public()}]});
    let call = world.call(Method::PATCH, &path, Some("bob"), Some(body)).await;
    assert_eq!(call.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_conflict_carries_the_post_as_it_is_now() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "mine", "publishAt": "2026-12-24T18:00:00Z",
        "results": [{"accountId": account, "tiktok": public()}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    let (status, theirs) = edit(&world, post, json!({"version": 1, "caption": "theirs"})).await;
    assert_eq!(status, StatusCode::OK, "{theirs}");
    let (status, refused) = edit(&world, post, json!({"version": 1, "caption": "mine again"})).await;
    assert_eq!((status, &refused["error"]["code"]), (StatusCode::CONFLICT, &json!("version_conflict")));
    assert_eq!(refused["error"]["post"], theirs);
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    let read = async |path: &str, owner: &str, tag: &str| {
        let bearer = format!("Bearer {}", token(owner));
        let headers = [("authorization", bearer.as_str()), ("if-none-match", tag)];
        let url = format!("https://app.example/.netlify/functions{path}");
        world.visit(&Method::GET, &url, &headers, Arrival::default()).await
    };
    for path in ["/social-posts", "/social-accounts", &format!("/social-posts/{post}")] {
        let first = read(path, "alice", "\"another\"").await;
        assert_eq!(first.status(), StatusCode::OK, "{path}");
        let tag = first.headers()[header::ETAG].to_str().unwrap();
        for known in [tag.to_owned(), format!("\"x\", W/{tag}")] {
            let again = read(path, "alice", &known).await;
            assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
            assert_eq!(again.headers()[header::ETAG], *tag);
        }
        // A tag proves nothing about who asks.
        assert_ne!(read(path, "bob", tag).await.status(), StatusCode::NOT_MODIFIED, "{path}");
        let list = read("/social-posts", "alice", "").await;
        assert_eq!(list.headers()[header::CACHE_CONTROL], "no-store");
    }
    let before = read("/social-posts", "alice", "").await.headers()[header::ETAG].clone();
    world.run_to_the_end().await;
    let after = read("/social-posts", "alice", before.to_str().unwrap()).await;
    assert_eq!(after.status(), StatusCode::OK);
}
