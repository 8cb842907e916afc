//! The request id: from the request that creates a post to the platform's own id of each call.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;
use social_sandbox::{Fault, FaultKind};
use uuid::Uuid;

use crate::logs::Logs;
use crate::source::video;
use crate::world::{WORKER_SECRET, World, answer, public, read, token};

/// Sends a request with an id.
async fn post(world: &World, path: &str, bearer: &str, id: &str, body: &Value) -> Response<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = http::Request::post(format!("/.netlify/functions{path}"))
        .header(header::AUTHORIZATION, format!("Bearer {bearer}"))
        .header("x-request-id", id)
        .body(body)
        .unwrap();
    answer(&world.app, request, Arrival::default()).await
}

async fn create(world: &World, id: &str) -> Response<Bytes> {
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let results = [json!({"accountId": account, "tiktok": public()})];
    let body = json!({"videoUrl": url, "caption": "hello", "results": results});
    let response = post(world, "/social-posts", &token("alice"), id, &body).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    response
}

async fn work(world: &World, id: &str) {
    let response = post(world, "/social-post-worker", WORKER_SECRET, id, &Value::Null).await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// Returns the entry of the audit trail that says who created a post.
async fn created(world: &World) -> Value {
    let (_, page) = world.get("/social-posts/audit", "alice").await;
    page["entries"].as_array().unwrap().iter().find(|entry| entry["action"] == "created").unwrap().clone()
}

#[tokio::test]
async fn a_request_leads_to_its_post_the_posts_calls_and_the_platforms_id_of_each_call() {
    let world = World::new().await;
    let response = create(&world, "order-77").await;
    assert_eq!(response.headers()["x-request-id"], "order-77");
    let post = read(&response).1;
    let entry = created(&world).await;
    assert_eq!((&entry["requestId"], &entry["postId"]), (&json!("order-77"), &post["id"]));

    let (logs, hearing) = Logs::of_serve();
    let busy = FaultKind::Status { status: 500, code: "internal_error".to_owned(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("video_init", busy).times(1));
    work(&world, "tick-1").await;
    drop(hearing);
    world.advance(std::time::Duration::from_mins(1)).await;
    work(&world, "tick-2").await;

    let path = format!("/social-posts/{}/attempts", post["id"].as_str().unwrap());
    let (_, body) = world.get(&path, "alice").await;
    let attempts = body["attempts"].as_array().unwrap();
    let refused = attempts.iter().find(|attempt| attempt["outcome"] == "refused").unwrap();
    assert_eq!((&refused["step"], &refused["requestId"]), (&json!("init"), &json!("tick-1")));
    let accepted = attempts.iter().filter(|attempt| attempt["step"] == "init").nth(1).unwrap();
    assert_eq!((&accepted["outcome"], &accepted["requestId"]), (&json!("ok"), &json!("tick-2")));
    for init in [refused, accepted] {
        // As long as the sandbox makes them.
        assert_eq!(init["logId"].as_str().map(str::len), Some(32), "{init}");
    }
    assert_ne!(refused["logId"], accepted["logId"]);

    let line = logs.lines().into_iter().find(|line| line["outcome"] == "refused").unwrap();
    assert_eq!(line["log.id"], refused["logId"], "{line}");
    assert_eq!(line["span"]["request.id"], "tick-1", "{line}");
    assert_eq!((&line["post.id"], &line["step"]), (&post["id"], &json!("init")), "{line}");
}

#[tokio::test]
async fn an_odd_request_id_is_replaced_everywhere() {
    for odd in ["two words", "a/b", &"a".repeat(129)] {
        let world = World::new().await;
        let response = create(&world, odd).await;
        let given = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(Uuid::parse_str(&given).is_ok(), "{given}");
        assert_eq!(created(&world).await["requestId"], given);
    }
}
