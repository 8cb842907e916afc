//! TikTok's webhooks: equal to status checks, applied once, never accepted unsigned.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use social_core::web::Arrival;
use social_sandbox::{Fault, FaultKind};

use crate::source::{hex, video};
use crate::wire::Freeze;
use crate::world::{Setting, World, answer, public};

const SECRET: &[u8] = b"cs-canary-client-secret";

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // RFC 2104, written out: the code under test must not verify itself.
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

pub(crate) async fn deliver(world: &World, event: &str, open_id: &str, content: Value) -> StatusCode {
    let now = world.app.publisher.flow.clock.now().timestamp();
    let body = json!({"client_key": "awtests", "event": event, "create_time": now, "user_openid": open_id, "content": content.to_string()}).to_string();
    let signature = hex(&hmac(SECRET, format!("{now}.{body}").as_bytes()));
    send(world, &format!("t={now},s={signature}"), body).await
}

async fn send(world: &World, signature: &str, body: String) -> StatusCode {
    let request = http::Request::post("/.netlify/functions/tiktok-webhook")
        .header("tiktok-signature", signature)
        .body(Bytes::from(body))
        .unwrap();
    answer(&world.app, request, Arrival::default()).await.status()
}

/// Returns a post that TikTok is processing.
pub(crate) async fn processing(world: &World) -> (String, String, String) {
    world.sandbox.fail(Fault::tiktok("video_init", FaultKind::SlowProcessing { polls: 1000 }));
    let post = world.posted("demokitchen", video(200_000), public()).await;
    world.work().await;
    let publish_id = world.result("alice", &post).await["publishId"].as_str().unwrap().to_owned();
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    (post, publish_id, open_id)
}

#[tokio::test]
async fn a_webhook_publishes_once_however_often_it_comes() {
    let world = World::new().await;
    let (post, publish_id, open_id) = processing(&world).await;
    for _ in 0..3 {
        assert_eq!(
            deliver(&world, "post.publish.complete", &open_id, json!({"publish_id": publish_id})).await,
            StatusCode::OK
        );
    }
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let available =
        json!({"publish_id": publish_id, "post_id": "7602997517160123666", "publish_type": "DIRECT_PUBLISH"});
    deliver(&world, "post.publish.publicly_available", &open_id, available).await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["platformPostId"], "7602997517160123666");
    assert!(result["platformUrl"].as_str().unwrap().ends_with("/@demokitchen/video/7602997517160123666"));
    // A published post stays published, whatever events follow.
    deliver(
        &world,
        "post.publish.failed",
        &open_id,
        json!({"publish_id": publish_id, "reason": "spam_risk"}),
    )
    .await;
    world.advance(Duration::from_hours(1)).await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn a_webhook_for_a_publish_we_do_not_know_yet_is_parked_until_we_do() {
    let world = World::new().await;
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    let post = world.posted("demokitchen", video(200_000), public()).await;
    // TikTok's event arrives before the response to its init.
    let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
    let content = json!({"publish_id": "v_pub_file~v2-1.unknown"});
    assert_eq!(deliver(&world, "post.publish.failed", &open_id, content).await, StatusCode::OK);
    assert_eq!(world.scalar("select count(*) from received_webhooks where not applied").await, 1);
    worker.abort();
    world.wire.thaw();
    // The publish id is set.
    world.execute("update received_webhooks set publish_id = null").await;
    world.advance(Duration::from_secs(200)).await;
    world.sandbox.fail(Fault::tiktok("video_init", FaultKind::SlowProcessing { polls: 1000 }));
    world
        .execute(
            "create function name_it() returns trigger language plpgsql as $$ begin
        update received_webhooks set publish_id = new.publish_id; return new; end $$",
        )
        .await;
    world
        .execute(
            "create trigger name_it before update on post_results for each row
        when (old.publish_id is null and new.publish_id is not null) execute function name_it()",
        )
        .await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "processing");
    assert_eq!(
        world.scalar("select count(*) from received_webhooks where applied").await,
        1,
        "it was matched"
    );
}

#[tokio::test]
async fn a_late_success_event_corrects_an_earlier_failure() {
    let world = World::new().await;
    let (post, publish_id, open_id) = processing(&world).await;
    world.execute("update post_results set state = 'in_doubt', due_at = null, error_code = 'no_reply', lease_token = null").await;
    let result = world.result("alice", &post).await;
    let resolved = json!({"resultId": result["id"], "outcome": "notPublished"});
    world.post(&format!("/social-posts/{post}/resolve"), "alice", resolved).await;
    assert_eq!(world.result("alice", &post).await["state"], "failed");
    deliver(&world, "post.publish.complete", &open_id, json!({"publish_id": publish_id})).await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let (again, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
    assert_eq!(again, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_forged_webhook_changes_nothing_and_a_stale_one_is_left_aside() {
    let world = World::new().await;
    let (post, publish_id, open_id) = processing(&world).await;
    let body = json!({"client_key": "awtests", "event": "post.publish.complete", "create_time": 1, "user_openid": open_id, "content": json!({"publish_id": publish_id}).to_string()}).to_string();
    assert_eq!(send(&world, "t=1,s=00", body.clone()).await, StatusCode::UNAUTHORIZED);
    let old = world.app.publisher.flow.clock.now().timestamp() - 301;
    let signature = hex(&hmac(SECRET, format!("{old}.{body}").as_bytes()));
    assert_eq!(send(&world, &format!("t={old},s={signature}"), body).await, StatusCode::OK);
    assert_eq!(world.result("alice", &post).await["state"], "processing");
}

#[tokio::test]
async fn a_removed_authorization_parks_the_account_and_an_old_one_does_not() {
    let world = World::new().await;
    let (post, _, open_id) = processing(&world).await;
    world.advance(Duration::from_mins(1)).await;
    deliver(&world, "authorization.removed", &open_id, json!({"reason": 1})).await;
    assert_eq!(world.result("alice", &post).await["heldReason"], "needsReconnect");
    world.advance(Duration::from_mins(1)).await;
    world.connect("alice", "demokitchen").await;
    let then = world.app.publisher.flow.clock.now().timestamp();
    let body = json!({"client_key": "awtests", "event": "authorization.removed", "create_time": then - 30, "user_openid": open_id, "content": "{\"reason\":5}"}).to_string();
    let signature = hex(&hmac(SECRET, format!("{then}.{body}").as_bytes()));
    assert_eq!(send(&world, &format!("t={then},s={signature}"), body).await, StatusCode::OK);
    let (_, accounts) = world.get("/social-accounts", "alice").await;
    assert_eq!(accounts["accounts"][0]["status"], "active", "the news is older than the connection");
}

#[tokio::test]
async fn a_grant_that_ends_after_the_publication_changes_nothing() {
    let world = World::new().await;
    let (post, publish_id, open_id) = processing(&world).await;
    // The token was rejected once and replaced. Then TikTok reports success. Then the new token is rejected.
    world.execute("update post_results set rejected_version = 0").await;
    deliver(&world, "post.publish.complete", &open_id, json!({"publish_id": publish_id})).await;
    let refused = FaultKind::Status { status: 401, code: "access_token_invalid".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("status", refused).times(9));
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.scalar("select count(*) from post_results where lease_token is not null").await, 0);
    assert_eq!(
        world.scalar("select count(*) from social_accounts where status = 'needs_reconnect'").await,
        1
    );
}

/// Returns a platform download whose init took effect, and whose worker was killed before it read the
/// response.
async fn lost_pull(world: &World, account: &str, url: &str) -> String {
    let post = world.publish("alice", account, url, public()).await;
    let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
    worker.abort();
    world.wire.thaw();
    world.advance(Duration::from_secs(20)).await;
    world.work().await;
    assert_eq!(world.result("alice", &post).await["state"], "inDoubt");
    post
}

#[tokio::test]
async fn a_lost_pull_is_known_again_by_its_webhook() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    let url = world.videos.put("v.mp4", video(200_000));
    let complete = |id: &str| json!({"publish_id": id, "publish_type": "DIRECT_PUBLISH"});

    let lost = lost_pull(&world, &account, &url).await;
    // A failure event is not applied: a failed post may be retried, and this one may have succeeded.
    deliver(
        &world,
        "post.publish.failed",
        &open_id,
        json!({"publish_id": "v_pub_url~1", "reason": "internal"}),
    )
    .await;
    assert_eq!(world.result("alice", &lost).await["state"], "inDoubt");
    deliver(&world, "post.publish.complete", "somebody-else", complete("v_pub_url~2")).await;
    assert_eq!(world.result("alice", &lost).await["state"], "inDoubt", "another account's");
    deliver(&world, "post.publish.complete", &open_id, complete("v_pub_url~3")).await;
    let result = world.result("alice", &lost).await;
    assert_eq!((&result["state"], &result["publishId"]), (&json!("published"), &json!("v_pub_url~3")));
}

/// What happens between the lost response of a platform download's init and its webhook.
#[derive(Debug, Clone, Copy)]
enum Meanwhile {
    /// Nothing: the worker still waits for the response.
    Waiting,
    /// The next worker found the outcome unknown.
    Doubted,
    /// The owner said that it is there.
    Resolved,
}

#[tokio::test]
async fn a_post_that_a_webhook_reported_is_never_sent_again() {
    for meanwhile in [Meanwhile::Waiting, Meanwhile::Doubted, Meanwhile::Resolved] {
        let world = World::with(Setting { pull: true, ..Setting::default() }).await;
        world.without_limits();
        let account = world.connect("alice", "demokitchen").await;
        let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
        let url = world.videos.put("v.mp4", video(200_000));
        let complete = json!({"publish_id": "v_pub_url~3", "publish_type": "DIRECT_PUBLISH"});
        let post = if let Meanwhile::Waiting = meanwhile {
            let post = world.publish("alice", &account, &url, public()).await;
            let worker = world.frozen_worker(2, Freeze::AfterTheCall).await;
            deliver(&world, "post.publish.complete", &open_id, complete).await;
            world.wire.let_go();
            worker.await.unwrap();
            post
        } else {
            let post = lost_pull(&world, &account, &url).await;
            if let Meanwhile::Resolved = meanwhile {
                let result = world.result("alice", &post).await["id"].as_str().unwrap().to_owned();
                let said = json!({"resultId": result, "outcome": "published"});
                let (status, body) =
                    world.post(&format!("/social-posts/{post}/resolve"), "alice", said).await;
                assert_eq!(status, StatusCode::OK, "{body}");
            }
            deliver(&world, "post.publish.complete", &open_id, complete).await;
            post
        };
        let sends = "select count(*) from post_results where step = 'init' and due_at is not null";
        assert_eq!(world.scalar(sends).await, 0, "{meanwhile:?}: nothing is left to send");
        for _ in 0..20 {
            world.work().await;
            world.advance(Duration::from_mins(16)).await;
        }
        assert_eq!(world.result("alice", &post).await["state"], "published", "{meanwhile:?}");
        assert_eq!(world.sandbox.tiktok().calls("video_init"), 1, "{meanwhile:?}");
        assert_eq!(world.sandbox.tiktok().published().len(), 1, "{meanwhile:?}");
        let calls = "select count(*) from publish_attempts where effect = 'once'";
        assert_eq!(
            world.scalar(calls).await,
            1,
            "{meanwhile:?}: the call is in the attempt log, whichever source reported it"
        );
    }
}

#[tokio::test]
async fn what_an_earlier_version_left_to_be_sent_though_it_is_published_is_not() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(200_000));
    let post = lost_pull(&world, &account, &url).await;
    world
        .execute(
            "update post_results set state = 'published', published_at = social_now(), error_code = null,
                error_message = null, due_at = social_now()",
        )
        .await;
    world.work().await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("video_init"), 1);
}

#[tokio::test]
async fn a_webhook_that_fits_two_lost_pulls_is_applied_to_neither() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    world.without_limits();
    let account = world.connect("alice", "demokitchen").await;
    let open_id = world.sandbox.tiktok().open_id("demokitchen").unwrap();
    let url = world.videos.put("v.mp4", video(200_000));
    let one = lost_pull(&world, &account, &url).await;
    world.advance(Duration::from_mins(1)).await;
    let other = lost_pull(&world, &account, &url).await;
    let complete = json!({"publish_id": "v_pub_url~4", "publish_type": "DIRECT_PUBLISH"});
    deliver(&world, "post.publish.complete", &open_id, complete).await;
    for post in [one, other] {
        assert_eq!(world.result("alice", &post).await["state"], "inDoubt");
    }
}
