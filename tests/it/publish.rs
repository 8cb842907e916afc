//! Publishing: what the platform got is what the user gave, once.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use social_core::web::Face;
use social_sandbox::tiktok::{Mode, Visibility};
use social_sandbox::{Fault, FaultKind};

use crate::source::{sha256, video};
use crate::world::{Setting, World, public, read};

#[tokio::test]
async fn a_video_of_several_chunks_arrives_byte_for_byte_and_is_called_published_last() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let bytes = video(35_000_001);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish("alice", &account, &url, public()).await;
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
    assert!(result["platformUrl"].as_str().unwrap().ends_with(&format!("/@demokitchen/video/{}", published[0].post_id.unwrap())));
    let ledger = world.ledger("alice", &post).await;
    let steps: Vec<&str> = ledger.iter().map(|(step, _)| step.as_str()).collect();
    assert_eq!(&steps[..5], ["creator", "init", "upload", "upload", "upload"]);
    assert!(ledger.iter().all(|(_, outcome)| outcome == "ok"), "{ledger:?}");
}

#[tokio::test]
async fn tiktok_downloads_from_a_verified_prefix_itself() {
    let world = World::with(Setting { pull: true, ..Setting::default() }).await;
    let account = world.connect("alice", "demokitchen").await;
    let bytes = video(3_000_000);
    let url = world.videos.put("v.mp4", bytes.clone());
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let published = world.sandbox.tiktok().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(world.sandbox.tiktok().calls("upload"), 0);
}

#[tokio::test]
async fn a_draft_lies_in_the_inbox_until_its_owner_posts_it() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, json!({"post_mode": "MEDIA_UPLOAD"})).await;
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
    world.advance(Duration::from_secs(59 * 60)).await;
    assert_eq!(world.work().await["leased"], 0);
    world.advance(Duration::from_secs(60)).await;
    assert_eq!(world.work().await["leased"], 1);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", post).await["state"], "published");
}

#[tokio::test]
async fn a_token_near_its_end_is_refreshed_first_and_the_new_pair_is_kept() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    world.advance(Duration::from_secs(86_400 - 299)).await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 1);
    assert_eq!(world.scalar("select token_version from social_accounts").await, 2);
    // The rotated pair works the next time as well.
    world.advance(Duration::from_secs(2 * 86_400)).await;
    world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.sandbox.tiktok().published().len(), 2);
}

#[tokio::test]
async fn a_401_refreshes_once_and_a_second_one_asks_to_reconnect() {
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
    let (_, accounts) = world.get(Face::Accounts, "/social-accounts", "alice").await;
    assert_eq!(accounts["accounts"][0]["status"], "needsReconnect");
    world.connect("alice", "demokitchen").await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}

#[tokio::test]
async fn a_passing_refresh_error_disconnects_nobody() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.advance(Duration::from_secs(86_400)).await;
    for kind in [FaultKind::Html { status: 502 }, FaultKind::HangUpBefore, FaultKind::Status { status: 400, code: "invalid_client".into(), retry_after: None }] {
        world.sandbox.fail(Fault::tiktok("token_refresh", kind));
    }
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    assert_eq!(world.sandbox.tiktok().calls("token_refresh"), 4);
}

#[tokio::test]
async fn what_is_no_video_fails_with_words_and_is_never_sent() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let text = world.videos.put("notes.mp4", "just some text, long enough to look at".repeat(100).into());
    let gone = format!("{}gone.mp4", world.videos.base());
    for (url, code) in [(text, "video_not_a_video"), (gone, "video_not_found")] {
        let post = world.publish("alice", &account, &url, public()).await;
        world.run_to_the_end().await;
        let result = world.result("alice", &post).await;
        assert_eq!((&result["state"], &result["error"]["code"]), (&json!("failed"), &json!(code)), "{result}");
        let draft = json!({"videoUrl": url, "caption": "x", "results": [{"accountId": account, "tiktok": public()}]});
        let (status, verdict) = world.post("/social-posts/validate", "alice", draft).await;
        assert_eq!((status, &verdict["valid"], &verdict["errors"][0]["code"]), (StatusCode::OK, &json!(false), &json!(code)));
    }
    assert_eq!(world.sandbox.tiktok().calls("init"), 0);
}

#[tokio::test]
async fn a_file_swapped_midway_is_never_spliced() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(35_000_000));
    world.sandbox.fail(Fault::tiktok("upload", FaultKind::Html { status: 500 }).after(1));
    let post = world.publish("alice", &account, &url, public()).await;
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
    let account = world.connect("alice", "quietgarden").await;
    world.sandbox.tiktok().create_account("quietgarden", Visibility::Private);
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!(result["error"]["code"], "privacy_level_option_mismatch");
    assert_eq!(world.sandbox.tiktok().calls("init"), 0);
}

#[tokio::test]
async fn bad_input_is_refused_by_name_and_nothing_is_made() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let bobs = world.connect("bob", "bobcooks").await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({"videoUrl": "http://127.0.0.1:9/v.mp4", "caption": "hi", "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
        change(&mut body);
        body
    };
    let cases: Vec<(Value, &str, &str)> = vec![
        (with(&|b| b["caption"] = json!(" ")), "caption_empty", "caption"),
        (with(&|b| b["results"][0]["tiktok"] = json!({})), "privacy_level_missing", "results[0].tiktok.privacy_level"),
        (with(&|b| b["results"][0]["tiktok"]["privacy_level"] = json!("ALL")), "privacy_level_unknown", "results[0].tiktok.privacy_level"),
        (with(&|b| b["results"][0]["accountId"] = json!(bobs)), "account_not_found", "results[0].accountId"),
        (with(&|b| b["results"][0]["accountId"] = json!("nonsense")), "account_not_found", "results[0].accountId"),
        (with(&|b| b["vidoeUrl"] = json!("x")), "unknown_field", "vidoeUrl"),
        (with(&|b| b["results"][0]["youtube"] = json!({})), "unknown_field", "results[0].youtube"),
        (with(&|b| b["results"] = json!([])), "invalid_results", "results"),
        (with(&|b| b["publishAt"] = json!("tomorrow")), "invalid_field", "publishAt"),
        (with(&|b| { b.as_object_mut().unwrap().remove("videoUrl"); }), "missing_field", "videoUrl"),
        (with(&|b| b["videoUrl"] = json!("http://169.254.169.254/latest")), "video_url_not_https", "videoUrl"),
        (with(&|b| b["videoUrl"] = json!("https://10.0.0.1/v.mp4")), "video_url_forbidden", "videoUrl"),
        (with(&|b| { let twice = b["results"][0].clone(); b["results"].as_array_mut().unwrap().push(twice); }), "duplicate_account", "results[1].accountId"),
    ];
    for (body, code, field) in cases {
        let (status, answer) = world.post("/social-posts", "alice", body.clone()).await;
        assert_eq!(
            (status, answer["error"]["code"].as_str(), answer["error"]["field"].as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(code), Some(field)),
            "{body} → {answer}"
        );
    }
    let broken = http::Request::post("/api/social-posts")
        .header("authorization", format!("Bearer {}", crate::world::token("alice")))
        .body(bytes::Bytes::from_static(b"{"))
        .unwrap();
    let answer = world.app.answer(&Face::Posts, broken, social_core::web::Arrival::default()).await;
    assert_eq!(read(&answer).0, StatusCode::BAD_REQUEST);
    assert_eq!(world.scalar("select count(*) from social_posts").await, 0);
}

#[tokio::test]
async fn another_users_ids_are_nobodys() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    let post = world.publish("alice", &account, &url, public()).await;
    for (method, path, face) in [
        (Method::GET, format!("/social-posts/{post}"), Face::Posts),
        (Method::GET, format!("/social-posts/{post}/attempts"), Face::Posts),
        (Method::POST, format!("/social-posts/{post}/cancel"), Face::Posts),
        (Method::POST, format!("/social-posts/{post}/retry"), Face::Posts),
        (Method::GET, format!("/social-accounts/{account}/posting-options"), Face::Accounts),
    ] {
        let answer = world.call(face, method, &path, Some("bob"), None).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_same_request_with_the_same_key_is_one_post() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let body = |caption: &str| json!({"videoUrl": "http://127.0.0.1:9/v.mp4", "caption": caption, "results": [{"accountId": account, "tiktok": {"privacy_level": "SELF_ONLY"}}]});
    let create = |body: Value| {
        let request = http::Request::post("/api/social-posts")
            .header("authorization", format!("Bearer {}", crate::world::token("alice")))
            .header("idempotency-key", "order-8841")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
        async { read(&world.app.answer(&Face::Posts, request, social_core::web::Arrival::default()).await) }
    };
    let same = futures_util::future::join_all((0..5).map(|_| create(body("one")))).await;
    let ids: std::collections::HashSet<&str> = same.iter().map(|(status, post)| {
        assert_eq!(*status, StatusCode::ACCEPTED, "{post}");
        post["id"].as_str().unwrap()
    }).collect();
    assert_eq!(ids.len(), 1);
    let (status, other) = create(body("two")).await;
    assert_eq!((status, &other["error"]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("idempotency_key_reused")));
    assert_eq!(world.scalar("select count(*) from social_posts").await, 1);
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
        async move { read(&world.call(Face::Posts, Method::PATCH, &path, Some("alice"), Some(body)).await) }
    };
    let (status, edited) = edit(1, "2026-12-02T18:00:00Z").await;
    assert_eq!((status, &edited["caption"], &edited["version"]), (StatusCode::OK, &json!("sooner"), &json!(2)));
    assert_eq!(edited["results"][0]["dueAt"], "2026-12-02T18:00:00Z");
    let (status, stale) = edit(1, "2026-12-03T18:00:00Z").await;
    assert_eq!((status, &stale["error"]["code"]), (StatusCode::CONFLICT, &json!("version_conflict")));
    let (status, cancelled) = read(&world.call(Face::Posts, Method::POST, &format!("{path}/cancel"), Some("alice"), None).await);
    assert_eq!((status, &cancelled["state"]), (StatusCode::OK, &json!("cancelled")));
    world.run_to_the_end().await;
    assert!(world.sandbox.tiktok().published().is_empty());
    let (status, _) = read(&world.call(Face::Posts, Method::POST, &format!("{path}/cancel"), Some("alice"), None).await);
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_failed_result_can_be_tried_again_and_a_published_one_cannot() {
    let world = World::new().await;
    let account = world.connect("alice", "demokitchen").await;
    let url = world.videos.put("v.mp4", video(1_000_000));
    world.sandbox.fail(Fault::tiktok("video_init", FaultKind::FailReason { reason: "file_format_check_failed".into() }));
    let post = world.publish("alice", &account, &url, public()).await;
    world.run_to_the_end().await;
    let result = world.result("alice", &post).await;
    assert_eq!((&result["state"], &result["error"]["code"]), (&json!("failed"), &json!("file_format_check_failed")));
    let (status, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
    assert_eq!(status, StatusCode::OK);
    world.run_to_the_end().await;
    assert_eq!(world.result("alice", &post).await["state"], "published");
    let (status, _) = world.post(&format!("/social-posts/{post}/retry"), "alice", json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(world.sandbox.tiktok().published().len(), 1);
}
