//! Outgoing webhooks: what the product is told, when, and that nothing is lost on the way.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use social_core::web::Arrival;
use social_sandbox::{Fault, FaultKind};

use crate::receiver::{Arrived, Receiver, SECRET, is_genuine};
use crate::source::video;
use crate::stand_in;
use crate::world::{Setting, WORKER_SECRET, World, answer, public, read};

const DAY: Duration = Duration::from_hours(24);

/// A world whose product listens, and that it has told of its endpoint.
pub(crate) async fn listening(receivers: &[&Receiver]) -> World {
    let urls: Vec<_> = receivers.iter().map(|receiver| receiver.url.clone()).collect();
    let vars = vec![("WEBHOOK_URLS", urls.join(",")), ("WEBHOOK_SECRETS", SECRET.to_owned())];
    let world = World::with(Setting { vars, ..Setting::default() }).await;
    world.without_limits();
    world.work().await;
    world
}

/// Publishes a video to a new account of its owner. Returns the post and the account.
pub(crate) async fn publish(world: &World, handle: &str) -> (String, String) {
    let youtube = stand_in::of("youtube");
    youtube.without_limits(&world.sandbox);
    let account = world.connect_on(youtube, "alice", handle).await;
    let way = youtube.ways().into_iter().find(|way| !way.is_pull).unwrap();
    let url = world.videos.put("v.mp4", (way.video)(100_000));
    (world.publish_on(youtube, "alice", &account, &url, &way.options).await, account)
}

/// The same on TikTok.
async fn publish_on_tiktok(world: &World, handle: &str) -> (String, String) {
    let account = world.connect("alice", handle).await;
    let url = world.videos.put("v.mp4", video(100_000));
    (world.publish("alice", &account, &url, public()).await, account)
}

fn kinds(messages: &[Arrived]) -> Vec<String> {
    messages.iter().map(Arrived::kind).collect()
}

async fn redeliver(world: &World, what: Value) -> (StatusCode, Value) {
    let request = http::Request::post("/.netlify/functions/social-post-worker")
        .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::from(json!({"redeliver": what}).to_string()))
        .unwrap();
    read(&answer(&world.app, request, Arrival::default()).await)
}

/// Lists messages as the product's server does.
pub(crate) async fn listed(world: &World, query: &str) -> (StatusCode, Value) {
    let request = http::Request::get(format!("/api/social-post-worker/messages?{query}"))
        .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"))
        .body(Bytes::new())
        .unwrap();
    read(&answer(&world.app, request, Arrival::default()).await)
}

#[tokio::test]
async fn a_published_result_is_told_of_once_with_a_signature_that_the_real_library_takes() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    let (post, account) = publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    let told = receiver.take();
    assert_eq!(kinds(&told), ["result.published"]);
    let [message] = &told[..] else { unreachable!() };
    let result = world.result("alice", &post).await;
    let body = message.json();
    let data = &body["data"];
    assert_eq!(data["ownerId"], "alice");
    assert_eq!(data["postId"], *post);
    assert_eq!(data["accountId"], *account);
    assert_eq!(data["resultId"], result["id"]);
    assert_eq!(data["platform"], "youtube");
    assert_eq!(data["platformPostId"], result["platformPostId"]);
    assert_eq!(data["platformUrl"], result["platformUrl"]);
    assert!(data["platformUrl"].is_string(), "{data}");
    assert!(is_genuine(message, SECRET), "{message:?}");
    let other = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
    assert!(!is_genuine(message, other), "a key that it was not signed with");
    assert_eq!(message.header("content-type"), "application/json");
    assert_eq!(message.header("webhook-timestamp"), world.now().timestamp().to_string());
    for _ in 0..3 {
        world.advance(DAY).await;
        world.work().await;
    }
    assert_eq!(kinds(&receiver.take()), [""; 0], "it was taken");
}

#[tokio::test]
async fn a_link_that_is_found_later_is_told_of_too() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    let (post, _) = publish_on_tiktok(&world, "demokitchen").await;
    world.run_to_the_end().await;
    let told = receiver.take();
    assert_eq!(kinds(&told), ["result.published", "result.linkFound"]);
    let result = world.result("alice", &post).await;
    assert_eq!(told[1].json()["data"]["platformUrl"], result["platformUrl"]);
    assert!(result["platformUrl"].is_string(), "{result}");
}

#[tokio::test]
async fn each_of_two_secrets_signs() {
    let receiver = Receiver::start().await;
    let next = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";
    let vars = vec![("WEBHOOK_URLS", receiver.url.clone()), ("WEBHOOK_SECRETS", format!("{next},{SECRET}"))];
    let world = World::with(Setting { vars, ..Setting::default() }).await;
    world.work().await;
    publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    let told = receiver.take();
    assert!(told.iter().all(|message| is_genuine(message, next) && is_genuine(message, SECRET)), "{told:?}");
    assert!(!told.is_empty());
}

#[tokio::test]
async fn the_product_is_told_of_failures_of_doubts_and_of_what_waits_for_the_owner() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    // Refused for good.
    let kind =
        FaultKind::Status { status: 400, code: "privacy_level_option_mismatch".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("init", kind).times(9));
    publish_on_tiktok(&world, "one").await;
    world.run_to_the_end().await;
    let told = receiver.take();
    assert_eq!(kinds(&told), ["result.failed"]);
    assert_eq!(told[0].json()["data"]["error"]["code"], "privacy_level_option_mismatch");
    world.sandbox.clear_faults();
    // Its owner disconnects: in the owner's own name, not the worker's.
    let (_, account) = publish_on_tiktok(&world, "two").await;
    let gone = world.call(Method::DELETE, &format!("/social-accounts/{account}"), Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    world.work().await;
    let told = receiver.take();
    assert_eq!(kinds(&told), ["result.held"]);
    assert_eq!(told[0].json()["data"]["heldReason"], "needsReconnect");
    // The grant has ended.
    publish_on_tiktok(&world, "three").await;
    world.execute("update social_accounts set token_expires_at = social_now()").await;
    let ended = FaultKind::Status { status: 400, code: "invalid_grant".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("token_refresh", ended).times(9));
    world.work().await;
    world.work().await;
    let mut told = kinds(&receiver.take());
    told.sort();
    assert_eq!(told, ["account.needsReconnect", "result.held"]);
}

#[tokio::test]
async fn a_message_that_is_not_taken_is_sent_again_with_the_same_id_and_bytes() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    receiver.answer(&[StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND, StatusCode::SERVICE_UNAVAILABLE]);
    publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    for _ in 0..5 {
        world.advance(Duration::from_hours(1)).await;
        world.work().await;
    }
    let told = receiver.take();
    assert_eq!(told.len(), 4, "{told:?}");
    let (first, rest) = told.split_first().unwrap();
    for again in rest {
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body);
        assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
        assert!(is_genuine(again, SECRET));
    }
    assert_eq!(world.scalar("select count(*) from webhook_messages where delivered_at is null").await, 0);
    assert_eq!(
        world.scalar("select count(*) from webhook_endpoints where failing_since is not null").await,
        0
    );
}

#[tokio::test]
async fn after_a_day_of_refusals_a_message_is_given_up_and_can_be_sent_again() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    receiver.always(StatusCode::BAD_REQUEST);
    publish(&world, "demokitchen").await;
    let since = world.now();
    world.run_to_the_end().await;
    for _ in 0..40 {
        world.advance(Duration::from_hours(1)).await;
        world.work().await;
    }
    let told = receiver.take();
    assert_eq!(told.len(), 9, "nine attempts over a day");
    receiver.always(StatusCode::OK);
    world.advance(DAY).await;
    world.work().await;
    assert_eq!(receiver.take().len(), 0, "given up");
    let (status, done) = redeliver(&world, json!({"since": since})).await;
    assert_eq!((status, &done["redelivered"]), (StatusCode::OK, &json!(1)), "{done}");
    world.work().await;
    let again = receiver.take();
    assert_eq!(again.len(), 1);
    let id = again[0].header("webhook-id").to_owned();
    assert_eq!(id, told[0].header("webhook-id"));
    // A receiver that lost it asks for one that it has taken.
    let (_, done) = redeliver(&world, json!({"ids": [id]})).await;
    assert_eq!(done["redelivered"], 1);
    world.work().await;
    assert_eq!(receiver.take().len(), 1);
    for wrong in [json!({}), json!({"ids": ["x"]}), json!({"ids": [id], "since": since})] {
        let (status, body) = redeliver(&world, wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(body["error"]["code"], "invalid_redelivery", "{body}");
    }
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_five_days_is_disabled_and_the_other_is_told() {
    let (dead, alive) = (Receiver::start().await, Receiver::start().await);
    let world = listening(&[&dead, &alive]).await;
    dead.always(StatusCode::BAD_GATEWAY);
    publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(kinds(&alive.take()), ["result.published"], "the other does not wait for it");
    for day in 0..6 {
        world.advance(DAY).await;
        publish(&world, &format!("day{day}")).await;
        world.run_to_the_end().await;
    }
    let told = alive.take();
    assert!(kinds(&told).contains(&"endpoint.disabled".to_owned()), "{:?}", kinds(&told));
    let news = told.iter().find(|message| message.kind() == "endpoint.disabled").unwrap();
    assert_eq!(news.json()["data"]["host"], "127.0.0.1");
    dead.take();
    dead.always(StatusCode::OK);
    publish(&world, "later").await;
    world.run_to_the_end().await;
    world.advance(DAY).await;
    world.work().await;
    assert_eq!(dead.take().len(), 0, "it is disabled");
    let (status, odd) = redeliver(&world, json!({"since": "-4800-01-01T00:00:00Z"})).await;
    assert_eq!((status.as_u16(), &odd["error"]["field"]), (422, &json!("redeliver.since")), "{odd}");
    let (_, done) = redeliver(&world, json!({"since": "2026-12-01T00:00:00Z"})).await;
    assert_eq!(done["redelivered"], 8, "nothing was lost: {done}");
    world.work().await;
    assert_eq!(dead.take().len(), 8);
    assert_eq!(world.scalar("select count(*) from webhook_endpoints where disabled_at is not null").await, 0);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    receiver.always(StatusCode::GONE);
    publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    world.advance(DAY).await;
    world.work().await;
    assert_eq!(receiver.take().len(), 1);
    assert_eq!(world.scalar("select count(*) from webhook_endpoints where disabled_at is not null").await, 1);
}

#[tokio::test]
async fn without_an_endpoint_nothing_is_written_down() {
    let world = World::new().await;
    publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(world.scalar("select count(*) from webhook_messages").await, 0);
}

#[tokio::test]
async fn the_product_is_told_when_nobody_called_the_worker_and_when_a_grant_ends_soon() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    publish_on_tiktok(&world, "demokitchen").await;
    world.advance(Duration::from_mins(20)).await;
    world.run_to_the_end().await;
    let told = receiver.take();
    let stalled = told.iter().find(|message| message.kind() == "worker.stalled").unwrap();
    assert_eq!(stalled.json()["data"]["oldestDueSeconds"], 1200);
    let store = &world.app.publisher.flow.store;
    world.execute("update social_accounts set refresh_expires_at = social_now() + interval '6 days'").await;
    for _ in 0..2 {
        store.tidy_messages().await.unwrap();
        world.work().await;
    }
    let told = receiver.take();
    assert_eq!(kinds(&told), ["account.expiring"], "once");
    assert_eq!(told[0].json()["data"]["username"], "demokitchen");
}

/// Publishes a video to a new account, which its owner disconnects and connects again: two messages about the result
/// wait, or come as soon as the worker does. Returns the post.
pub(crate) async fn publish_after_a_hold(world: &World, handle: &str) -> String {
    let (post, account) = publish(world, handle).await;
    let gone = world.call(Method::DELETE, &format!("/social-accounts/{account}"), Some("alice"), None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    world.connect_on(stand_in::of("youtube"), "alice", handle).await;
    post
}

#[tokio::test]
async fn messages_of_one_result_arrive_in_their_order_with_a_sequence_that_grows() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    let post = publish_after_a_hold(&world, "demokitchen").await;
    // Both wait: no worker was called since.
    world.run_to_the_end().await;
    let told = receiver.all();
    assert_eq!(kinds(&told), ["result.held", "result.published"], "{}", world.result("alice", &post).await);
    assert!(told[0].sequence() < told[1].sequence());
}
