//! Distributing results: a dispatcher queries what is due, and invocations process the results they are
//! given.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;

use crate::call::invoke;
use crate::source::video;
use crate::world::{WORKER_SECRET, World, answer, public, read};

/// Calls the worker as a dispatcher or one of its workers does.
async fn call(world: &World, body: &Value) -> (StatusCode, Value) {
    let request = Request::post("/.netlify/functions/social-post-worker")
        .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::from(body.to_string()))
        .unwrap();
    read(&answer(&world.app, request, Arrival::default()).await)
}

/// Sends the same as an event from inside the cloud.
async fn send(world: &World, event: &Value) -> (StatusCode, Value) {
    let request = Request::post("/events").body(Bytes::from(event.to_string())).unwrap();
    let arrival = Arrival { trusted: true, ..Arrival::default() };
    read(&invoke(&world.app, "social-post-worker", request, arrival).await)
}

async fn health(world: &World, secret: Option<&str>) -> (StatusCode, Value) {
    let mut request = Request::builder().method(Method::GET).uri("/.netlify/functions/social-health");
    if let Some(secret) = secret {
        request = request.header(header::AUTHORIZATION, format!("Bearer {secret}"));
    }
    read(&answer(&world.app, request.body(Bytes::new()).unwrap(), Arrival::default()).await)
}

/// Returns three posts of three owners, all due.
async fn three_posts(world: &World) -> Vec<(String, String)> {
    let url = world.videos.put("v.mp4", video(200_000));
    let mut posts = Vec::new();
    for owner in ["alice", "bob", "carol"] {
        let account = world.connect(owner, owner).await;
        posts.push((owner.to_owned(), world.publish(owner, &account, &url, public()).await));
    }
    posts
}

async fn state(world: &World, (owner, post): &(String, String)) -> String {
    world.result(owner, post).await["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn due_results_are_dispatched_in_batches_and_each_is_processed_alone() {
    let world = World::new().await;
    let posts = three_posts(&world).await;
    let (status, due) = call(&world, &json!({"dispatch": {"batchSize": 2}})).await;
    assert_eq!((status, &due["due"]), (StatusCode::OK, &json!(3)), "{due}");
    let batches = due["batches"].as_array().unwrap();
    assert_eq!(batches.iter().map(|b| b["resultIds"].as_array().unwrap().len()).collect::<Vec<_>>(), [2, 1]);
    // The second batch goes to one worker; the first is not taken yet.
    assert_eq!(call(&world, &batches[1]).await.1["leased"], 1);
    assert_eq!(world.scalar("select count(*) from post_results where state = 'processing'").await, 1);
    assert_eq!(world.scalar("select count(*) from post_results where state = 'queued'").await, 2);
    // The first batch goes to two workers at once, as from a queue that delivers at least once.
    let record = json!({"messageId": "m", "eventSource": "aws:sqs", "body": batches[0].to_string()});
    let event = json!({"Records": [record]});
    let (one, other) = tokio::join!(send(&world, &event), send(&world, &event));
    assert_eq!(one.1["leased"].as_u64().unwrap() + other.1["leased"].as_u64().unwrap(), 2);
    world.run_to_the_end().await;
    for post in &posts {
        assert_eq!(state(&world, post).await, "published");
    }
    assert_eq!(world.sandbox.tiktok().published().len(), 3);
    assert_eq!(call(&world, &json!({"dispatch": {}})).await.1, json!({"due": 0, "batches": []}));
    let unknown = json!({"resultIds": ["01890000-0000-7000-8000-000000000000"]});
    assert_eq!(call(&world, &unknown).await.1["leased"], 0, "an id that means nothing does nothing");
}

#[tokio::test]
async fn an_event_that_only_wakes_works_on_all_there_is_and_a_bad_request_is_refused_by_name() {
    let world = World::new().await;
    let posts = three_posts(&world).await;
    for (body, field) in [
        (json!({"resultIds": ["no id"]}), "resultIds[0]"),
        (json!({"dispatch": {"batchSize": 0}}), "dispatch"),
        (json!({"dispatch": {}, "resultIds": []}), "dispatch"),
        (json!({"resultIds": [], "results": []}), "results"),
    ] {
        let (status, refused) = call(&world, &body).await;
        assert_eq!(
            (status, &refused["error"]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{refused}"
        );
    }
    let event = json!({"Records": [{"messageId": "m", "eventSource": "aws:sqs", "body": "wake up"}]});
    assert_eq!(send(&world, &event).await.1["leased"], 3);
    assert_eq!(state(&world, &posts[1]).await, "processing");
    let handed = send(&world, &json!({"dispatch": {"most": 10}})).await.1;
    assert_eq!(handed["due"], 0, "a schedule can be the dispatcher");
}

#[tokio::test]
async fn an_event_without_instructions_wakes_the_worker_over_http_too() {
    let scheduled =
        json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}});
    for event in [scheduled, json!({"Records": []}), json!([]), json!({}), json!("wake up"), json!(null)] {
        let world = World::new().await;
        let account = world.connect("alice", "alice").await;
        let url = world.videos.put("v.mp4", video(200_000));
        world.publish("alice", &account, &url, public()).await;
        let (status, report) = call(&world, &event).await;
        assert_eq!((status, &report["leased"]), (StatusCode::OK, &json!(1)), "{event}: {report}");
    }
}

#[tokio::test]
async fn an_unreadable_message_stops_no_other_of_its_batch() {
    let world = World::new().await;
    let posts = three_posts(&world).await;
    let due = call(&world, &json!({"dispatch": {"batchSize": 1}})).await.1;
    let record = |body: &Value| json!({"messageId": "m", "eventSource": "aws:sqs", "body": body.to_string()});
    let bad = record(&json!({"resultIds": ["no id"]}));
    let (status, refused) = send(&world, &json!({"Records": [bad]})).await;
    assert_eq!(
        (status, &refused["error"]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("resultIds[0]"))
    );
    let event = json!({"Records": [bad, record(&due["batches"][1]), bad]});
    let (status, report) = send(&world, &event).await;
    assert_eq!((status, &report["leased"]), (StatusCode::OK, &json!(1)), "{report}");
    assert_eq!(world.scalar("select count(*) from post_results where state = 'queued'").await, 2);
    drop(posts);
}

#[tokio::test]
async fn a_monitor_can_tell_a_stopped_schedule_from_a_queue_that_does_not_keep_up() {
    let world = World::new().await;
    assert_eq!(health(&world, None).await, (StatusCode::OK, json!({"status": "ok"})));
    let posts = three_posts(&world).await;
    world.advance(Duration::from_mins(4)).await;
    assert_eq!(health(&world, None).await.0, StatusCode::OK);
    world.advance(Duration::from_mins(2)).await;
    let (status, stalled) = health(&world, Some(WORKER_SECRET)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stalled, json!({"status": "stalled", "oldestDueSeconds": 360, "sinceLastCallSeconds": null}));
    let report = world.work().await;
    assert_eq!((&report["leased"], report.get("sinceLastCallSeconds")), (&json!(3), None));
    assert_eq!(health(&world, None).await.0, StatusCode::OK);
    world.advance(Duration::from_mins(6)).await;
    let (_, stalled) = health(&world, Some("not the secret")).await;
    assert_eq!(stalled, json!({"status": "stalled"}), "figures are for who knows the secret");
    assert_eq!(world.work().await["sinceLastCallSeconds"], 360);
    // The worker was called just now, but results have been due for a long time.
    world.execute("update post_results set due_at = social_now() - interval '1 hour'").await;
    let (status, late) = health(&world, Some(WORKER_SECRET)).await;
    assert_eq!((status, &late["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("late")), "{late}");
    drop(posts);
}
