//! A published post has its link, whichever source reports it first.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use social_sandbox::tiktok::Limits;
use social_sandbox::{Fault, FaultKind};

use crate::crash::about_to_publish;
use crate::source::video;
use crate::stand_in;
use crate::webhook::deliver;
use crate::wire::Freeze;
use crate::world::{Setting, World, browser, public};

#[tokio::test]
async fn every_platform_returns_the_link_of_a_published_post() {
    for on in stand_in::all() {
        for way in on.ways() {
            let (world, post, _) = about_to_publish(on, &way, 300_000).await;
            world.run_to_the_end().await;
            let result = world.result("alice", &post).await;
            let what = format!("{} {}: {result}", on.platform(), way.options);
            if result["state"] == "deliveredToInbox" {
                assert_eq!(result["platformUrl"], Value::Null, "a draft is nowhere to be seen: {what}");
                continue;
            }
            let link = result["platformUrl"].as_str().unwrap_or_else(|| panic!("{what}"));
            let seen = browser().get(link).send().await.unwrap();
            assert_eq!(seen.status(), StatusCode::OK, "{what}");
        }
    }
}

/// The first source that reports a publication.
#[derive(Debug, Clone, Copy)]
enum First {
    /// The status check, and the webhook comes during the query for the link.
    Poll,
    /// The webhook, during the status check.
    Webhook,
    /// The webhook, before the response to the last chunk.
    WebhookBeforeTheAnswer,
    /// The webhook, for a platform download whose init response was lost.
    WebhookOfALostPull,
}

/// Returns how long until the only result is due, in seconds.
async fn due_in(world: &World) -> i64 {
    world.scalar("select extract(epoch from due_at - social_now())::bigint from post_results").await
}

/// Publishes a post, up to the point where TikTok's webhook reports it. Returns its id and TikTok's publish
/// id.
async fn until_told(world: &World, first: First) -> (String, String) {
    let tiktok = world.sandbox.tiktok();
    tiktok.set_limits(Limits { post_id_polls: 3, ..Limits::unlimited() });
    let post = world.posted("demokitchen", video(200_000), public()).await;
    if let First::WebhookBeforeTheAnswer | First::WebhookOfALostPull = first {
        let is_lost = matches!(first, First::WebhookOfALostPull);
        let worker = world.frozen_worker(if is_lost { 2 } else { 3 }, Freeze::AfterTheCall).await;
        if is_lost {
            worker.abort();
            world.wire.thaw();
            world.advance(Duration::from_secs(20)).await;
            world.work().await;
            assert_eq!(world.result("alice", &post).await["state"], "inDoubt");
        }
        let publish_id = tiktok.published()[0].publish_id.clone();
        complete(world, &publish_id).await;
        if !is_lost {
            world.wire.let_go();
            worker.await.unwrap();
        }
        return (post, publish_id);
    }
    if let First::Webhook = first {
        world.sandbox.fail(Fault::tiktok("video_init", FaultKind::SlowProcessing { polls: 2 }));
    }
    world.work().await;
    let publish_id = tiktok.published()[0].publish_id.clone();
    if let First::Poll = first {
        for _ in 0..20 {
            if world.result("alice", &post).await["state"] == "published" {
                break;
            }
            world.advance(Duration::from_secs(5)).await;
            world.work().await;
        }
        assert_eq!(world.result("alice", &post).await["state"], "published");
        let look = due_in(world).await;
        complete(world, &publish_id).await;
        assert!(look > 0 && due_in(world).await == look, "the look stays as it was");
    } else {
        complete(world, &publish_id).await;
        assert_eq!(due_in(world).await, 0, "the look comes at once");
    }
    (post, publish_id)
}

async fn complete(world: &World, publish_id: &str) {
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    let content = json!({"publish_id": publish_id, "publish_type": "DIRECT_PUBLISH"});
    assert_eq!(deliver(world, "post.publish.complete", &open_id, content).await, StatusCode::OK);
}

#[tokio::test]
async fn a_public_post_on_tiktok_gets_its_link_in_whatever_order_poll_and_webhook_come() {
    for first in [First::Poll, First::Webhook, First::WebhookBeforeTheAnswer, First::WebhookOfALostPull] {
        let pull = matches!(first, First::WebhookOfALostPull);
        let world = World::with(Setting { pull, ..Setting::default() }).await;
        let (post, publish_id) = until_told(&world, first).await;
        let result = world.result("alice", &post).await;
        assert_eq!(
            (&result["state"], &result["publishId"], &result["platformUrl"]),
            (&json!("published"), &json!(publish_id), &Value::Null),
            "{first:?}"
        );
        let sends = "select count(*) from post_results where step <> 'find' and due_at is not null";
        assert_eq!(world.scalar(sends).await, 0, "{first:?}: nothing is left but to look");
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        let published = world.sandbox.tiktok().published();
        let id = published[0].post_id.unwrap().to_string();
        assert_eq!(published.len(), 1, "{first:?}");
        assert_eq!(result["platformPostId"], id.as_str(), "{first:?}: {result}");
        let link = result["platformUrl"].as_str().unwrap_or_else(|| panic!("{first:?}: {result}"));
        assert!(link.ends_with(&format!("/@demokitchen/video/{id}")), "{first:?}: {link}");
        // A second report changes nothing.
        complete(&world, &publish_id).await;
        world.run_to_the_end().await;
        assert_eq!(world.result("alice", &post).await["platformUrl"], link);
    }
}

#[tokio::test]
async fn a_public_post_gets_its_link_without_a_known_handle() {
    let world = World::new().await;
    let (post, publish_id) = until_told(&world, First::Webhook).await;
    world.execute("update social_accounts set username = null").await;
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    let content = json!({"publish_id": publish_id, "post_id": "7602997517160123666"});
    deliver(&world, "post.publish.publicly_available", &open_id, content).await;
    let result = world.result("alice", &post).await;
    assert_eq!(
        (&result["platformPostId"], &result["platformUrl"]),
        (&json!("7602997517160123666"), &Value::Null)
    );
    world.run_to_the_end().await;
    let link = world.result("alice", &post).await["platformUrl"].clone();
    assert!(link.as_str().is_some_and(|link| link.contains("/@demokitchen/video/")), "{link}");
}

#[tokio::test]
async fn a_draft_reported_first_by_the_webhook_is_checked_until_it_is_posted() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(200_000), json!({"post_mode": "MEDIA_UPLOAD"})).await;
    world.work().await;
    let publish_id = world.result("alice", &post).await["publishId"].as_str().unwrap().to_owned();
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    deliver(&world, "post.publish.inbox_delivered", &open_id, json!({"publish_id": publish_id})).await;
    assert_eq!(world.result("alice", &post).await["state"], "deliveredToInbox");
    for _ in 0..3 {
        world.work().await;
        world.advance(Duration::from_secs(20)).await;
    }
    world.sandbox.tiktok().finish_draft(&publish_id);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}
