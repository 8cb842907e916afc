//! Publishing: the platform gets exactly what the user sent, once.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use social_sandbox::tiktok::Mode;
use social_sandbox::{Fault, FaultKind};

use crate::source::{sha256, video};
use crate::world::{Setting, World, public, read};

#[tokio::test]
async fn a_video_of_several_chunks_arrives_byte_for_byte_and_is_called_published_last() {
    let world = World::new().await;
    let bytes = video(35_000_001);
    let post = world.posted("demokitchen", bytes.clone(), public()).await;
    world.work().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["state"], "processing", "{result}");
    assert_eq!((&result["bytesSent"], &result["bytesTotal"]), (&json!(35_000_001), &json!(35_000_001)));
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["state"], "published", "{result}");
    let published = world.sandbox.tiktok().published();
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].sha256, sha256(&bytes));
    assert_eq!(published[0].caption, "hello #world");
    assert_eq!(result["publishId"], published[0].publish_id.as_str());
    assert_eq!(result["platformPostId"], published[0].post_id.unwrap().to_string());
    assert!(
        result["platformUrl"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/@demokitchen/video/{}", published[0].post_id.unwrap()))
    );
    let ledger = world.ledger("alice", &post).await;
    let steps: Vec<&str> = ledger.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(&steps[..5], ["creator", "init", "upload", "upload", "upload"]);
    assert!(ledger.iter().all(|(_, outcome)| outcome == "ok"), "{ledger:?}");
}

#[tokio::test]
async fn tiktok_downloads_from_a_verified_prefix_itself() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    let bytes = video(3_000_000);
    let post = world.posted("demokitchen", bytes.clone(), public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("upload"), 0);
}

#[tokio::test]
async fn a_draft_stays_in_the_inbox_until_its_owner_posts_it() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(1_000_000), json!({"post_mode": "MEDIA_UPLOAD"})).await;
    for _ in 0..6 {
        world.work().await;
        world.advance(Duration::from_secs(20)).await;
    }
    let result = world.result("alice", &post).await;
    assert_eq!(result["state"], "deliveredToInbox", "{result}");
    assert_eq!(world.sandbox.tiktok().published()[0].mode, Mode::Inbox);
    world.sandbox.tiktok().finish_draft(result["publishId"].as_str().unwrap());
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn a_scheduled_post_waits_for_its_time_and_not_longer() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "later", "publishAt": "2026-12-01T14:00:00+01:00",
        "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let post = post["id"].as_str().unwrap();
    world.advance(Duration::from_mins(59)).await;
    assert_eq!(world.work().await["leased"], 0);
    world.advance(Duration::from_mins(1)).await;
    assert_eq!(world.work().await["leased"], 1);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", post).await["state"], "published");
}

#[tokio::test]
async fn a_token_near_its_expiry_is_refreshed_first_and_the_new_pair_is_saved() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    world.advance(Duration::from_secs(86_400 - 299)).await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 1);
    assert_eq!(world.scalar("select token_version from social_accounts").await, 2);
    // The new pair works the next time as well.
    world.advance(Duration::from_hours(48)).await;
    world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 2);
}

#[tokio::test]
async fn a_401_refreshes_once_and_a_second_one_requires_a_reconnection() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.sandbox.tiktok().expire_tokens("demokitchen");
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 1);

    let refused = FaultKind::Status { status: 401, code: "access_token_invalid".into(), retry_after: None };
    world.sandbox.fail(Fault::tiktok("creator_info", refused).times(9));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["heldReason"]), (&json!("held"), &json!("needsReconnect")));
    let message = result["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("Reconnect the account. After that, the post continues."), "{message}");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 2, "one more, and no more");
    world.sandbox.clear_faults();
    world.connect("alice", "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
}

#[tokio::test]
async fn a_revoked_grant_parks_the_account_and_reconnecting_lets_it_go_on() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.sandbox.tiktok().revoke("demokitchen");
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["heldReason"], "needsReconnect");
    let (_, accounts) = world.get("/social-accounts", "alice").await;
    assert_eq!(accounts["accounts"][0]["status"], "needsReconnect");
    world.connect("alice", "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_temporary_refresh_error_disconnects_no_account() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.advance(Duration::from_hours(24)).await;
    for kind in [
        FaultKind::Html { status: 502 },
        FaultKind::HangUpBefore,
        FaultKind::Status { status: 400, code: "invalid_client".into(), retry_after: None },
    ] {
        world.sandbox.fail(Fault::tiktok("token_refresh", kind));
    }
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 4);
}

#[tokio::test]
async fn a_file_that_is_no_video_fails_with_a_reason_and_is_never_sent() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let text = world.videos.put("notes.mp4", "just some text, long enough to look at".repeat(100).into());
    let gone = format!("{}gone.mp4", world.videos.base());
    for (url, code) in [(text, "video_not_a_video"), (gone, "video_not_found")] {
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        assert_eq!(
            (&result["state"], &result["error"]["code"]),
            (&json!("failed"), &json!(code)),
            "{result}"
        );
        let draft =
            json!({"videoUrl": url, "caption": "x", "results": [{"accountId": account, "tiktok": public()}]});
        let (status, verdict) = world.post("/social-posts/validate", "alice", draft).await;
        assert_eq!(
            (status, &verdict["valid"], &verdict["errors"][0]["code"]),
            (StatusCode::OK, &json!(false), &json!(code))
        );
    }
    assert_eq!(world.sandbox.tiktok().calls("init"), 0);
}

#[tokio::test]
async fn a_file_swapped_midway_is_never_spliced() {
    let world = World::new().await;
    world.sandbox.fail(Fault::tiktok("upload", FaultKind::Html { status: 500 }).after(1).times(2));
    let post = world.posted("demokitchen", video(35_000_000), public()).await;
    world.work().await;
    world.videos.put("v.mp4", video(35_000_001));
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("failed"), &json!("video_changed")));
    assert!(world.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn a_privacy_level_that_is_not_offered_is_never_replaced() {
    let world = World::new().await;
    let account = world.connect_private("quietgarden").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["error"]["code"], "privacy_level_option_mismatch");
    assert_eq!(world.sandbox.tiktok().calls("init"), 0);
}

#[tokio::test]
async fn a_post_is_edited_by_version_and_cancelled_while_it_can_be() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let body = json!({"videoUrl": url, "caption": "later", "publishAt": "2026-12-24T18:00:00Z", "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let (_, post) = world.post("/social-posts", "alice", body).await;
    let path = format!("/social-posts/{}", post["id"].as_str().unwrap());
    let edit = |version: i64, publish_at: &str| {
        let body = json!({"version": version, "caption": "sooner", "publishAt": publish_at});
        let path = path.clone();
        let world = &world;
        async move { read(&world.call(Method::PATCH, &path, Some("alice"), Some(body)).await) }
    };
    let (status, edited) = edit(1, "2026-12-02T18:00:00Z").await;
    assert_eq!(
        (status, &edited["caption"], &edited["version"]),
        (StatusCode::OK, &json!("sooner"), &json!(2))
    );
    assert_eq!(edited["results"][0]["dueAt"], "2026-12-02T18:00:00Z");
    let (status, stale) = edit(1, "2026-12-03T18:00:00Z").await;
    assert_eq!((status, &stale["error"]["code"]), (StatusCode::CONFLICT, &json!("version_conflict")));
    let (status, cancelled) =
        read(&world.call(Method::POST, &format!("{path}/cancel"), Some("alice"), None).await);
    assert_eq!((status, &cancelled["state"]), (StatusCode::OK, &json!("cancelled")));
    world.run_to_the_end().await;
    assert!(world.sandbox.tiktok().published().is_empty());
    let (status, _) = read(&world.call(Method::POST, &format!("{path}/cancel"), Some("alice"), None).await);
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_failed_result_can_be_tried_again_and_a_published_one_cannot() {
    let world = World::new().await;
    world.sandbox.fail(Fault::tiktok(
        "video_init",
        FaultKind::FailReason { reason: "file_format_check_failed".into() },
    ));
    let post = world.posted("demokitchen", video(1_000_000), public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(
        (&result["state"], &result["error"]["code"]),
        (&json!("failed"), &json!("file_format_check_failed"))
    );
    let (status, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
    assert_eq!(status, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let (status, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_result_whose_options_cannot_be_read_waits_for_a_version_that_can() {
    let world = World::new().await;
    let post = world.posted("demokitchen", video(200_000), json!({"privacy_level": "SELF_ONLY"})).await;
    world.execute(r#"update post_results set options = options || '{"from_the_future": true}'"#).await;
    for _ in 0..3 {
        world.work().await;
        assert_eq!(world.result("alice", &post).await["state"], "queued");
        world.advance(Duration::from_mins(6)).await;
    }
    assert_eq!(world.sandbox.tiktok().calls("creator_info"), 0);
    let edit = json!({"version": 1, "caption": "hello again"});
    let path = format!("/social-posts/{post}");
    let edited = world.call(Method::PATCH, &path, Some("alice"), Some(edit)).await;
    let (status, edited) = read(&edited);
    assert_eq!(status, StatusCode::OK, "{edited}");
    world.execute("update post_results set options = options - 'from_the_future'").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), published[0].caption.as_str()), (1, "hello again"));
}
