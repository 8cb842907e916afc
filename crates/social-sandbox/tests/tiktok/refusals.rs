//! Everything that TikTok rejects.

use crate::harness::{SIZE, Stage, app, direct, file, read, stage, stage_with, video};
use futures_util::stream;
use serde_json::{Value, json};
use social_sandbox::tiktok::{Limits, Visibility};
use std::io;
use std::time::Duration;

async fn refused(stage: &Stage, token: &str, body: &Value) -> (u16, String) {
    stage.sandbox.advance_clock(Duration::from_secs(61));
    stage.init(token, body).await.refused()
}

#[tokio::test]
async fn an_init_has_to_be_right_in_every_field() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let with = |name: &str, value: Value| {
        let mut body = direct("PUBLIC_TO_EVERYONE", file(100));
        body["post_info"][name] = value;
        body
    };
    let params = (400, "invalid_params".to_owned());
    assert_eq!(refused(&stage, &token, &with("privacy_level", json!("EVERYBODY"))).await, params);
    assert_eq!(refused(&stage, &token, &with("privacy_level", Value::Null)).await, params);
    assert_eq!(refused(&stage, &token, &with("title", json!("🎬".repeat(1_101)))).await, params);
    assert_eq!(refused(&stage, &token, &with("is_aigc", json!("yes"))).await, params);
    let mismatch = (403, "privacy_level_option_mismatch".to_owned());
    assert_eq!(refused(&stage, &token, &with("privacy_level", json!("FOLLOWER_OF_CREATOR"))).await, mismatch);
    let mut branded = with("brand_content_toggle", json!(true));
    assert_eq!(refused(&stage, &token, &branded).await, (200, "ok".into()));
    branded["post_info"]["privacy_level"] = json!("SELF_ONLY");
    assert_eq!(refused(&stage, &token, &branded).await, params);
    assert_eq!(refused(&stage, &token, &with("title", json!("🎬".repeat(1_100)))).await, (200, "ok".into()));
    let text = stage.client.post(format!("{}/tiktok/v2/post/publish/video/init/", stage.base));
    assert_eq!(read(text.bearer_auth(&token).body("{}")).await.refused(), params);
}

#[tokio::test]
async fn a_source_has_to_follow_the_rules() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let chunks = |size: u64, chunk: u64, count: u64| json!({ "source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count });
    let pull = |url: &str| json!({ "source": "PULL_FROM_URL", "video_url": url });
    for (source, status, code) in [
        (chunks(0, 0, 1), 400, "invalid_params"),
        (chunks(70_000_000, 70_000_000, 1), 400, "invalid_params"),
        (chunks(70_000_000, 10_000_000, 8), 400, "invalid_params"),
        (chunks(20_000_000, 4_000_000, 5), 400, "invalid_params"),
        (chunks(5_000_000_000, 10_000_000, 500), 400, "invalid_params"),
        (json!({ "source": "FILE_UPLOAD", "video_size": "100" }), 400, "invalid_params"),
        (json!({ "source": "SOMEWHERE" }), 400, "invalid_params"),
        (pull("not a url"), 400, "invalid_params"),
        (pull("http://media.example.com/a.mp4"), 400, "invalid_params"),
        (pull("https://203.0.113.9/a.mp4"), 400, "invalid_params"),
        (pull("https://media.example.com.evil.example/a.mp4"), 403, "url_ownership_unverified"),
        (pull("https://other.example.com/a.mp4"), 403, "url_ownership_unverified"),
        (pull("http://127.0.0.1:9/a.mp4"), 403, "url_ownership_unverified"),
    ] {
        let body = direct("PUBLIC_TO_EVERYONE", source);
        assert_eq!(refused(&stage, &token, &body).await, (status, code.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn an_unaudited_app_posts_privately_for_five_creators() {
    let mut unaudited = app();
    unaudited.audited = false;
    let stage = stage_with(unaudited, None).await;
    let public = stage.connect("demokitchen", "all").await.access;
    let private = (403, "unaudited_client_can_only_post_to_private_accounts".to_owned());
    assert_eq!(refused(&stage, &public, &direct("PUBLIC_TO_EVERYONE", file(100))).await, private);
    assert_eq!(refused(&stage, &public, &direct("SELF_ONLY", file(100))).await, private);
    let token = stage.connect("quietgarden", "all").await.access;
    assert_eq!(refused(&stage, &token, &direct("FOLLOWER_OF_CREATOR", file(100))).await, private);
    for number in 0..5 {
        let name = format!("creator{number}");
        let _ = stage.sandbox.tiktok().create_account(&name, Visibility::Private);
        let token = stage.connect(&name, "all").await.access;
        assert_eq!(refused(&stage, &token, &direct("SELF_ONLY", file(100))).await, (200, "ok".into()));
    }
    let cap = "reached_active_user_cap".to_owned();
    assert_eq!(refused(&stage, &token, &direct("SELF_ONLY", file(100))).await, (403, cap.clone()));
    assert_eq!(stage.creator_info(&token).await.refused(), (200, cap));
}

#[tokio::test]
async fn rates_are_counted_per_token_and_minute() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let other = stage.connect("quietgarden", "all").await.access;
    let limited = (429, "rate_limit_exceeded".to_owned());
    let body = direct("SELF_ONLY", file(100));
    for _ in 0..6 {
        assert_eq!(stage.init(&token, &body).await.status, 200);
    }
    assert_eq!(stage.init(&token, &body).await.refused(), limited);
    assert_eq!(stage.init(&other, &body).await.status, 200);
    for _ in 0..20 {
        assert_eq!(stage.creator_info(&token).await.status, 200);
    }
    assert_eq!(stage.creator_info(&token).await.refused(), limited);
    for _ in 0..30 {
        assert_eq!(stage.status(&token, "none").await.refused(), (400, "invalid_publish_id".into()));
    }
    assert_eq!(stage.status(&token, "none").await.refused(), limited);
    stage.sandbox.advance_clock(Duration::from_mins(1));
    assert_eq!(stage.init(&token, &body).await.status, 200);
}

#[tokio::test]
async fn posts_and_drafts_of_a_day_are_capped() {
    let stage = stage().await;
    let limits = Limits { posts_per_day: 2, pending_drafts: 1, ..Limits::default() };
    stage.sandbox.tiktok().set_limits(limits);
    let token = stage.connect("demokitchen", "all").await.access;
    let first = stage.publish(&token, b"not a video", "SELF_ONLY").await;
    stage.publish(&token, &video(100), "SELF_ONLY").await;
    let body = direct("SELF_ONLY", file(100));
    let spam = "spam_risk_too_many_posts".to_owned();
    assert_eq!(stage.init(&token, &body).await.refused(), (403, spam.clone()));
    assert_eq!(stage.creator_info(&token).await.refused(), (200, spam.clone()));
    for _ in 0..3 {
        stage.status(&token, &first).await;
    }
    // The first one has failed and no longer counts.
    assert_eq!(stage.init(&token, &body).await.status, 200);
    assert_eq!(stage.init(&token, &body).await.refused(), (403, spam));
    stage.sandbox.advance_clock(Duration::from_hours(24));
    let token = stage.connect("demokitchen", "all").await.access;
    assert_eq!(stage.init(&token, &body).await.status, 200);

    let draft = json!({ "source_info": file(100) });
    let path = "post/publish/inbox/video/init/";
    assert_eq!(stage.post(&token, path, &draft).await.status, 200);
    let pending = (403, "spam_risk_too_many_pending_share".to_owned());
    assert_eq!(stage.post(&token, path, &draft).await.refused(), pending);
}

#[tokio::test]
async fn a_banned_creator_can_not_post() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let body = json!({ "handle": "demokitchen", "standing": "banned" });
    let request = stage.client.post(format!("{}/control/accounts", stage.base));
    let request = request.header("content-type", "application/json").body(body.to_string());
    assert_eq!(read(request).await.status, 200);
    let banned = "spam_risk_user_banned_from_posting".to_owned();
    assert_eq!(stage.creator_info(&token).await.refused(), (200, banned.clone()));
    assert_eq!(stage.init(&token, &direct("SELF_ONLY", file(100))).await.refused(), (403, banned));
}

#[tokio::test]
async fn a_publication_is_its_owners() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let other = stage.connect("quietgarden", "all").await.access;
    let id = stage.publish(&token, &video(100), "SELF_ONLY").await;
    let foreign = (400, "token_not_authorized_for_specified_publish_id".to_owned());
    assert_eq!(stage.status(&other, &id).await.refused(), foreign);
    let body = json!({ "publish_id": id });
    assert_eq!(stage.post(&other, "post/publish/cancel/", &body).await.refused(), foreign);
    let late = stage.post(&token, "post/publish/cancel/", &body).await.refused();
    assert_eq!(late, (400, "publish_not_cancellable".into()));
}

#[tokio::test]
async fn a_chunk_has_to_be_the_next_one_and_whole() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let data = stage.init(&token, &direct("SELF_ONLY", file(SIZE))).await.data();
    let url = data["upload_url"].as_str().unwrap();
    let bytes = video(SIZE);
    let next = 10_000_000;
    assert_eq!(stage.put(url, &bytes[..next], next, 2 * next - 1, SIZE).await.status, 416);
    assert_eq!(stage.put(url, &bytes[..next], 0, next - 1, SIZE).await.status, 206);
    let reply = stage.put(url, &bytes[..next], 0, next - 1, SIZE).await;
    assert_eq!((reply.status, reply.headers["content-range"].as_str()), (416, "bytes 0-10000000/64000001"));
    assert_eq!(stage.put(url, &bytes[..100], next, next + 99, SIZE).await.status, 400);
    assert_eq!(stage.put(url, &bytes[..100], next, 2 * next - 1, SIZE).await.status, 400);
    assert_eq!(stage.put(url, &bytes[..next], next, 2 * next - 1, SIZE + 1).await.status, 400);
    assert_eq!(stage.put(url, &bytes[..1], SIZE, SIZE, SIZE).await.status, 400);

    let chunk = || bytes[next..2 * next].to_vec();
    let range = format!("bytes {next}-{}/{SIZE}", 2 * next - 1);
    let pieces = stream::iter([Ok::<_, io::Error>(bytes::Bytes::from(chunk()))]);
    let body = http_body_util::StreamBody::new(futures_util::StreamExt::map(pieces, |piece| {
        piece.map(http_body::Frame::data)
    }));
    let chunked = stage.client.put(url).header("content-type", "video/mp4").header("content-range", &range);
    assert_eq!(read(chunked.body(reqwest::Body::wrap(body))).await.status, 400);
    let untyped = stage.client.put(url).header("content-range", &range).body(chunk());
    assert_eq!(read(untyped).await.status, 400);
    let unranged = stage.client.put(url).header("content-type", "video/mp4").body(chunk());
    assert_eq!(read(unranged).await.status, 400);

    assert_eq!(
        stage
            .put(&url.replace("upload_token=", "upload_token=x"), &chunk(), next, 2 * next - 1, SIZE)
            .await
            .status,
        403
    );
    assert_eq!(
        stage.put(&url.replace("upload_id=", "upload_id=1"), &chunk(), next, 2 * next - 1, SIZE).await.status,
        404
    );
    assert_eq!(stage.put(url, &chunk(), next, 2 * next - 1, SIZE).await.status, 206);
    stage.sandbox.advance_clock(Duration::from_hours(1));
    assert_eq!(stage.put(url, &bytes[2 * next..3 * next], 2 * next, 3 * next - 1, SIZE).await.status, 403);
}
