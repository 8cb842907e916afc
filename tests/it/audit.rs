//! The audit trail: who changed what, when, and from where.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use social_core::model::OwnerId;
use social_core::web::Arrival;

use crate::source::video;
use crate::webhook::deliver;
use crate::world::{Setting, World, answer, public, token};

async fn trail(world: &World, owner: &str) -> Vec<Value> {
    let (status, page) = world.get("/social-posts/audit?limit=100", owner).await;
    assert_eq!((status, &page["nextCursor"]), (StatusCode::OK, &Value::Null), "{page}");
    page["entries"].as_array().unwrap().clone()
}

/// Returns the actions, the oldest first.
async fn actions(world: &World, owner: &str) -> Vec<String> {
    let text = |entry: &Value| entry["action"].as_str().unwrap().to_owned();
    trail(world, owner).await.iter().rev().map(text).collect()
}

#[tokio::test]
async fn every_change_is_in_the_trail_once_with_its_object_and_only_its_owner_sees_it() {
    let world = World::new().await;
    let pass = async || world.advance(Duration::from_secs(1)).await;
    let account = world.connect("alice", "demokitchen").await;
    pass().await;
    world.connect("alice", "demokitchen").await;
    pass().await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    pass().await;
    let path = format!("/social-posts/{post}");
    let edit = json!({"version": 1, "videoUrl": url});
    assert_eq!(world.call(Method::PATCH, &path, Some("alice"), Some(edit)).await.status(), StatusCode::OK);
    pass().await;
    assert_eq!(world.post(&format!("{path}/cancel"), "alice", json!({})).await.0, StatusCode::OK);
    // What is refused changes nothing.
    assert_eq!(world.post(&format!("{path}/cancel"), "alice", json!({})).await.0, StatusCode::CONFLICT);
    pass().await;
    let result = world.result("alice", &post).await["id"].clone();
    for outcome in ["notPublished", "published"] {
        world.execute("update post_results set state = 'in_doubt', due_at = null, error_code = 'odd'").await;
        let body = json!({"resultId": result, "outcome": outcome});
        assert_eq!(world.post(&format!("{path}/resolve"), "alice", body).await.0, StatusCode::OK);
        pass().await;
        if outcome == "notPublished" {
            assert_eq!(world.post(&format!("{path}/retry"), "alice", json!({})).await.0, StatusCode::OK);
            pass().await;
        }
    }
    for _ in 0..2 {
        let path = format!("/social-accounts/{account}");
        let gone = world.call(Method::DELETE, &path, Some("alice"), None).await;
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(
        actions(&world, "alice").await,
        [
            "connected",
            "reconnected",
            "created",
            "edited",
            "cancelled",
            "resolvedNotPublished",
            "retried",
            "resolvedPublished",
            "disconnected"
        ]
    );
    for entry in trail(&world, "alice").await {
        assert_eq!(entry["actor"], "user", "{entry}");
        assert_eq!(entry["address"], Value::Null, "no header is trusted: {entry}");
        match entry["action"].as_str().unwrap() {
            "connected" | "reconnected" | "disconnected" => assert_eq!(entry["accountId"], account.as_str()),
            action => {
                assert_eq!(entry["postId"], post.as_str());
                let is_of_result = action.starts_with("resolved");
                assert_eq!(entry["resultId"], if is_of_result { result.clone() } else { Value::Null });
            }
        }
    }
    assert_eq!(trail(&world, "bob").await, [Value::Null; 0]);
    let seen = "select count(*) from social_audit where at <> social_now() - interval '1 hour'";
    assert_eq!(world.scalar(seen).await, 9);
}

#[tokio::test]
async fn the_trail_pages_from_the_newest_change_to_the_oldest() {
    let world = World::new().await;
    for handle in ["demokitchen", "demotravel", "demogarden"] {
        world.connect("alice", handle).await;
        world.advance(Duration::from_secs(1)).await;
    }
    let whole = trail(&world, "alice").await;
    let (_, first) = world.get("/social-posts/audit?limit=2", "alice").await;
    let next = first["nextCursor"].as_str().unwrap();
    let (_, second) = world.get(&format!("/social-posts/audit?limit=2&cursor={next}"), "alice").await;
    let paged =
        [first["entries"].as_array().unwrap().as_slice(), second["entries"].as_array().unwrap()].concat();
    assert_eq!((paged, &second["nextCursor"]), (whole.clone(), &Value::Null));
    assert!(whole[0]["at"].as_str() > whole[2]["at"].as_str(), "{whole:?}");
}

#[tokio::test]
async fn support_and_the_platform_are_named_as_actors() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    world.advance(Duration::from_secs(1)).await;
    let request = http::Request::delete(format!("/api/social-accounts/{account}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let gone = world.app.answer_support(OwnerId::new("alice").unwrap(), request).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    world.advance(Duration::from_secs(1)).await;
    world.connect("alice", "demokitchen").await;
    world.advance(Duration::from_secs(1)).await;
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    deliver(&world, "authorization.removed", &open_id, json!({"reason": 1})).await;
    let entries = trail(&world, "alice").await;
    let named: Vec<(&str, &str)> = entries
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["actor"].as_str().unwrap()))
        .collect();
    assert_eq!(
        named,
        [("ended", "platform"), ("reconnected", "user"), ("disconnected", "support"), ("connected", "user")]
    );
}

#[tokio::test]
async fn the_address_is_taken_from_the_trusted_header_alone_and_the_user_agent_is_cut() {
    let vars = vec![("CLIENT_ADDRESS_HEADER", "X-Real-Ip".to_owned())];
    let world = World::with(Setting { vars, ..Setting::default() }).await;
    let account = world.connect("alice", "demokitchen").await;
    let request = http::Request::delete(format!("/.netlify/functions/social-accounts/{account}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", token("alice")))
        .header("x-real-ip", "203.0.113.9")
        .header("x-forwarded-for", "198.51.100.7")
        .header(header::USER_AGENT, "a".repeat(300))
        .body(Bytes::new())
        .unwrap();
    assert_eq!(answer(&world.app, request, Arrival::default()).await.status(), StatusCode::NO_CONTENT);
    let entries = trail(&world, "alice").await;
    let entry = entries.iter().find(|entry| entry["action"] == "disconnected").unwrap();
    assert_eq!(entry["address"], "203.0.113.9");
    assert_eq!(entry["userAgent"], "a".repeat(200));
}

#[tokio::test]
async fn old_entries_are_deleted_with_old_posts() {
    let world = World::new().await;
    world.connect("alice", "demokitchen").await;
    world.advance(Duration::from_hours(24 * 10)).await;
    world.connect("alice", "demotravel").await;
    world.execute("select sweep(1000, null)").await;
    assert_eq!(actions(&world, "alice").await.len(), 2);
    world.execute("select sweep(1000, 9 * 86400.0)").await;
    assert_eq!(actions(&world, "alice").await.len(), 1);
}
