//! The list of webhook messages: what was sent to the product, and what was not.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::courier::{listed, listening, publish, publish_after_a_hold};
use crate::receiver::Receiver;
use crate::world::World;

/// Returns the messages that fulfil a condition.
async fn messages(world: &World, query: &str) -> Vec<Value> {
    let (status, page) = listed(world, &format!("limit=100&{query}")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["messages"].as_array().unwrap().clone()
}

fn texts<'a>(messages: &'a [Value], member: &str) -> Vec<&'a str> {
    messages.iter().map(|message| message[member].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_message_is_listed_while_it_waits_once_it_failed_and_when_it_is_delivered() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    receiver.always(StatusCode::BAD_GATEWAY);
    let (post, account) = publish(&world, "demokitchen").await;
    world.run_to_the_end().await;
    let sent = receiver.take();
    let [message] = &messages(&world, "").await[..] else { panic!("one message") };
    let result = world.result("alice", &post).await;
    assert_eq!(message["id"], *sent[0].header("webhook-id"));
    assert_eq!(message["endpoint"], "127.0.0.1");
    assert_eq!(message["type"], "result.published");
    assert_eq!(message["sequence"], sent[0].json()["data"]["sequence"]);
    assert_eq!(message["ownerId"], "alice");
    assert_eq!(message["accountId"], *account);
    assert_eq!(message["postId"], *post);
    assert_eq!(message["resultId"], result["id"]);
    assert_eq!(message["state"], "waiting");
    assert_eq!(message["attempts"], sent.len());
    assert_eq!((&message["lastStatus"], &message["lastError"]), (&json!(502), &json!("status 502")));
    assert!(message["nextAttemptAt"].as_str() > message["createdAt"].as_str(), "{message}");
    assert_eq!(message["deliveredAt"], Value::Null);
    for _ in 0..40 {
        world.advance(Duration::from_hours(1)).await;
        world.work().await;
    }
    let [message] = &messages(&world, "state=failed").await[..] else { panic!("given up") };
    assert_eq!((&message["attempts"], &message["nextAttemptAt"]), (&json!(9), &Value::Null));
    receiver.always(StatusCode::OK);
    world.execute("update webhook_messages set due_at = social_now(), failures = 0").await;
    world.work().await;
    let [message] = &messages(&world, "state=delivered").await[..] else { panic!("it was taken") };
    assert_eq!((&message["attempts"], &message["lastStatus"]), (&json!(1), &json!(200)));
    assert_eq!((&message["lastError"], &message["nextAttemptAt"]), (&Value::Null, &Value::Null));
    assert!(message["deliveredAt"].as_str() > message["createdAt"].as_str(), "{message}");
    assert_eq!(messages(&world, "state=waiting,failed").await, [Value::Null; 0]);
}

#[tokio::test]
async fn messages_are_listed_by_page_from_the_newest_to_the_oldest() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    for handle in ["one", "two"] {
        publish_after_a_hold(&world, handle).await;
        world.run_to_the_end().await;
    }
    let whole = messages(&world, "").await;
    assert_eq!(
        texts(&whole, "type"),
        ["result.published", "result.held", "result.published", "result.held"],
        "{whole:?}"
    );
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    for pages in 1.. {
        let (_, page) = listed(&world, &format!("limit=3{cursor}")).await;
        paged.extend(page["messages"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else {
            assert_eq!(pages, 2);
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, whole);
    let (_, page) = listed(&world, "cursor=00000000-0000-4000-8000-000000000000").await;
    assert_eq!(page, json!({"messages": [], "nextCursor": null}), "what it named was deleted");
}

#[tokio::test]
async fn messages_of_one_account_and_of_one_result_are_found() {
    let receiver = Receiver::start().await;
    let world = listening(&[&receiver]).await;
    let (post, account) = publish(&world, "one").await;
    publish(&world, "two").await;
    world.execute("update social_accounts set refresh_expires_at = social_now() + interval '6 days'").await;
    world.app.publisher.flow.store.tidy_messages().await.unwrap();
    world.run_to_the_end().await;
    let mut of_account = messages(&world, &format!("accountId={account}")).await;
    of_account.sort_by_key(|message| message["type"].to_string());
    assert_eq!(texts(&of_account, "type"), ["account.expiring", "result.published"]);
    let result = world.result("alice", &post).await["id"].as_str().unwrap().to_owned();
    let of_result = messages(&world, &format!("resultId={result}")).await;
    assert_eq!(texts(&of_result, "postId"), [post]);
    assert_eq!(messages(&world, "").await.len(), 4);
}

#[tokio::test]
async fn only_the_worker_secret_lists_messages_and_an_unreadable_condition_is_refused() {
    let world = World::new().await;
    for owner in [None, Some("alice")] {
        let response = world.call(Method::GET, "/social-post-worker/messages", owner, None).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    for (query, code) in [
        ("state=sent", "invalid_state"),
        ("accountId=x", "invalid_account_id"),
        ("resultId=x,", "invalid_result_id"),
        ("cursor=1", "invalid_cursor"),
        ("limit=101", "invalid_limit"),
    ] {
        let (status, body) = listed(&world, query).await;
        assert_eq!((status, &body["error"]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    assert_eq!(listed(&world, "state=&accountId=").await.0, StatusCode::OK);
}
