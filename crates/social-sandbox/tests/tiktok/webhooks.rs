//! Webhooks, as an app receives them.

use crate::harness::{Stage, app, read, stage_with, video};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Delivery = (String, String);

#[derive(Clone)]
struct Inbox {
    sender: UnboundedSender<Delivery>,
    refusals: Arc<AtomicU32>,
}

async fn take(State(inbox): State<Inbox>, headers: HeaderMap, body: String) -> StatusCode {
    let left = inbox.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    if left.is_ok() {
        return StatusCode::NO_CONTENT;
    }
    let signature = headers.get("tiktok-signature").map_or("", |value| value.to_str().unwrap());
    inbox.sender.send((signature.to_owned(), body)).unwrap();
    StatusCode::OK
}

async fn with_webhooks(refusals: u32) -> (Stage, UnboundedReceiver<Delivery>) {
    let (sender, receiver) = unbounded_channel();
    let inbox = Inbox { sender, refusals: Arc::new(AtomicU32::new(refusals)) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(take)).with_state(inbox);
    tokio::spawn(async { axum::serve(listener, router).await });
    let mut app = app();
    app.webhook_url = Some(url.parse().unwrap());
    (stage_with(app, None).await, receiver)
}

fn event(delivery: &Delivery) -> (String, Value) {
    let body: Value = serde_json::from_str(&delivery.1).unwrap();
    let content = serde_json::from_str(body["content"].as_str().unwrap()).unwrap();
    (body["event"].as_str().unwrap().to_owned(), content)
}

#[tokio::test]
async fn a_publication_is_announced_also_after_a_refusal() {
    let (stage, mut inbox) = with_webhooks(1).await;
    let token = stage.connect("demokitchen", "all").await.access;
    let id = stage.publish(&token, &video(100), "PUBLIC_TO_EVERYONE").await;
    for _ in 0..3 {
        stage.status(&token, &id).await;
    }
    let (name, content) = event(&inbox.recv().await.unwrap());
    assert_eq!((name.as_str(), &content["publish_id"]), ("post.publish.complete", &json!(id)));
    stage.status(&token, &id).await;
    let (name, content) = event(&inbox.recv().await.unwrap());
    let post_id = stage.sandbox.tiktok().published()[0].post_id.unwrap().to_string();
    assert_eq!((name.as_str(), &content["post_id"]), ("post.publish.publicly_available", &json!(post_id)));
    assert!(stage.sandbox.tiktok().revoke("demokitchen"));
    assert_eq!(event(&inbox.recv().await.unwrap()), ("authorization.removed".into(), json!({ "reason": 1 })));
}

#[tokio::test]
async fn false_ones_can_be_sent_too() {
    let (stage, mut inbox) = with_webhooks(0).await;
    for (signature, times) in [("valid", 2), ("wrong", 1), ("stale", 1), ("missing", 1)] {
        let body = json!({
            "event": "post.publish.complete",
            "account": "demokitchen",
            "content": { "publish_id": "v_pub_file~v2-1.1" },
            "signature": signature,
            "times": times,
        });
        let request = stage.client.post(format!("{}/control/webhooks", stage.base));
        let request = request.header("content-type", "application/json").body(body.to_string());
        assert_eq!(read(request).await.status, 200);
        let first = inbox.recv().await.unwrap();
        if signature == "valid" {
            assert_eq!(inbox.recv().await.unwrap(), first);
        }
        assert_eq!(first.0.is_empty(), signature == "missing");
    }
}
