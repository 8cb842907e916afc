//! Containers, their status, and publishing them once.

use crate::harness::{Stage, media, read, sha256, stage, video};
use serde_json::{Value, json};
use social_sandbox::instagram::{Limits, SecondPublish};
use social_sandbox::meta::Usage;
use social_sandbox::{Fault, FaultKind};
use std::time::Duration;

const SIZE: usize = 300_000;

async fn connected() -> (Stage, String, String) {
    let stage = stage().await;
    let (id, token) = stage.connect("demokitchen").await;
    (stage, id, token)
}

fn by_url(url: &str) -> Value {
    json!({ "media_type": "REELS", "video_url": url, "caption": "Launch day #demo", "share_to_feed": true,
        "is_ai_generated": true, "thumb_offset": 1_500, "collaborators": ["quietgarden"] })
}

#[tokio::test]
async fn a_reel_is_published_from_an_address() {
    let (stage, id, token) = connected().await;
    let url = format!("{}/video.mp4", media(SIZE).await);
    let made = stage.post(&token, &format!("{id}/media"), by_url(&url)).await.ok();
    let container = made["id"].as_str().unwrap();
    assert!(made.get("uri").is_none());
    assert_eq!(stage.publish(&token, &id, container).await.refused(), (9007, Some(2_207_027)));
    let seen = [stage.status(&token, container).await, stage.status(&token, container).await];
    assert_eq!(seen, ["IN_PROGRESS", "IN_PROGRESS"]);
    assert_eq!(stage.status(&token, container).await, "FINISHED");
    assert!(stage.sandbox.instagram().published().is_empty(), "a container is not public");

    let media_id = stage.publish(&token, &id, container).await.ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(stage.status(&token, container).await, "PUBLISHED");
    let published = stage.sandbox.instagram().published();
    assert_eq!((published.len(), published[0].sha256.as_str()), (1, sha256(&video(SIZE)).as_str()));
    assert!(published[0].is_ai_generated && published[0].share_to_feed == Some(true));
    assert_eq!(published[0].thumb_offset, Some(1_500));
    let fields = "id,permalink,shortcode,media_product_type,timestamp";
    let reel = stage.get(&token, &format!("{media_id}?fields={fields}")).await.ok();
    assert!(reel["permalink"].as_str().unwrap().ends_with(&format!("/reel/{}/", published[0].shortcode)));
    assert!(reel["timestamp"].as_str().unwrap().ends_with("+0000"));
    assert_eq!(reel["media_product_type"], "REELS");
    let list = stage.get(&token, &format!("{id}/media?fields=id,caption&since=0")).await.ok();
    assert_eq!(list["data"][0], json!({ "id": media_id, "caption": "Launch day #demo" }));
}

#[tokio::test]
async fn what_can_not_be_fetched_or_read_ends_in_an_error_with_its_subcode() {
    let (stage, id, token) = connected().await;
    let base = media(SIZE).await;
    for (path, subcode) in [("missing.mp4", "2207052"), ("page.html", "2207026")] {
        let made = stage.post(&token, &format!("{id}/media"), by_url(&format!("{base}/{path}"))).await.ok();
        let container = made["id"].as_str().unwrap();
        assert_eq!(stage.settled(&token, container).await, "ERROR", "{path}");
        let status = stage.get(&token, &format!("{container}?fields=status")).await.ok();
        assert!(status["status"].as_str().unwrap().contains(subcode), "{path}: {status}");
        assert_eq!(stage.publish(&token, &id, container).await.refused().0, 9007);
    }
    stage.sandbox.fail(Fault::of(
        "instagram",
        "container",
        FaultKind::FailReason { reason: "2207082".into() },
    ));
    let made = stage.post(&token, &format!("{id}/media"), by_url(&format!("{base}/video.mp4"))).await.ok();
    assert_eq!(stage.settled(&token, made["id"].as_str().unwrap()).await, "ERROR");
}

#[tokio::test]
async fn a_container_must_be_right_in_every_field() {
    let (stage, id, token) = connected().await;
    let path = format!("{id}/media");
    let good = by_url("https://cdn.example.com/v.mp4");
    for (name, value, code) in [
        ("media_type", json!("VIDEO"), (100, Some(2_207_023))),
        ("media_type", json!(""), (100, None)),
        ("video_url", json!("https://cdn.example.com/é.mp4"), (9004, Some(2_207_052))),
        ("video_url", json!("ftp://cdn.example.com/v.mp4"), (9004, Some(2_207_052))),
        ("upload_type", json!("resumable"), (100, None)),
        ("caption", json!("x".repeat(2_201)), (36_004, Some(2_207_010))),
        ("caption", json!("#tag ".repeat(31)), (36_004, Some(2_207_010))),
        ("caption", json!("@who ".repeat(21)), (36_004, Some(2_207_010))),
        ("thumb_offset", json!(-1), (1, Some(2_207_057))),
        ("thumb_offset", json!("soon"), (100, None)),
        ("collaborators", json!(["a", "b", "c", "d"]), (100, None)),
        ("share_to_feed", json!("maybe"), (100, None)),
        ("is_aigc", json!(true), (100, None)),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(stage.post(&token, &path, body).await.refused(), code, "{name}={value}");
    }
    assert_eq!(stage.post(&token, "17841000000000000/media", good).await.refused(), (100, Some(33)));
    let no_length = stage.client.post(stage.url(&path)).bearer_auth(&token);
    assert_eq!(read(no_length).await.status, 411);
}

#[tokio::test]
async fn what_a_second_publication_does_can_be_chosen() {
    let (stage, id, token) = connected().await;
    for (second, status, published) in [
        (SecondPublish::Refused, 400, 1),
        (SecondPublish::SameId, 200, 2),
        (SecondPublish::Duplicates, 200, 4),
    ] {
        stage.sandbox.instagram().set_limits(Limits { second_publish: second, ..Limits::default() });
        let container = stage.filled(&token, &id, &video(100)).await;
        assert_eq!(stage.settled(&token, &container).await, "FINISHED");
        assert_eq!(stage.publish(&token, &id, &container).await.status, 200);
        assert_eq!(stage.publish(&token, &id, &container).await.status, status, "{second:?}");
        assert_eq!(stage.sandbox.instagram().published().len(), published, "{second:?}");
    }
}

#[tokio::test]
async fn a_lost_publication_is_found_in_the_containers_status() {
    let (stage, id, token) = connected().await;
    stage.sandbox.instagram().set_limits(Limits { publish_polls: 1, ..Limits::default() });
    let container = stage.filled(&token, &id, &video(100)).await;
    assert_eq!(stage.settled(&token, &container).await, "FINISHED");
    stage.sandbox.fail(Fault::of("instagram", "media_publish", FaultKind::HangUpAfter));
    let body = json!({ "creation_id": container });
    assert!(stage.try_post(&token, &format!("{id}/media_publish"), body).await.is_err());
    assert_eq!(stage.status(&token, &container).await, "FINISHED", "the status may lag");
    assert_eq!(stage.status(&token, &container).await, "PUBLISHED");

    let container = stage.filled(&token, &id, &video(100)).await;
    assert_eq!(stage.settled(&token, &container).await, "FINISHED");
    let blocked = FaultKind::StatusAfter { status: 400, code: "4/2207051".into() };
    stage.sandbox.fail(Fault::of("instagram", "media_publish", blocked));
    assert_eq!(stage.publish(&token, &id, &container).await.refused(), (4, Some(2_207_051)));
    assert_eq!(stage.sandbox.instagram().published().len(), 2, "live all the same");
}

#[tokio::test]
async fn a_container_expires_after_a_day() {
    let (stage, id, token) = connected().await;
    let container = stage.filled(&token, &id, &video(100)).await;
    stage.sandbox.advance_clock(Duration::from_secs(86_401));
    assert_eq!(stage.status(&token, &container).await, "EXPIRED");
    assert_eq!(stage.publish(&token, &id, &container).await.refused(), (-2, Some(2_207_020)));
    assert_eq!(stage.publish(&token, &id, "17990000000000000").await.refused(), (24, Some(2_207_006)));
}

#[tokio::test]
async fn the_quota_counts_a_day_and_is_enforced_when_publishing() {
    let (stage, id, token) = connected().await;
    stage.sandbox.instagram().set_limits(Limits { posts_per_day: 2, ..Limits::default() });
    stage.sandbox.instagram().post_elsewhere("demokitchen", 1);
    let path = format!("{id}/content_publishing_limit");
    assert_eq!(stage.get(&token, &path).await.ok(), json!({ "data": [{ "quota_usage": 1 }] }));
    let containers =
        [stage.filled(&token, &id, &video(100)).await, stage.filled(&token, &id, &video(200)).await];
    for container in &containers {
        assert_eq!(stage.settled(&token, container).await, "FINISHED");
    }
    assert_eq!(stage.publish(&token, &id, &containers[0]).await.status, 200);
    let quota = stage.get(&token, &format!("{path}?fields=quota_usage,config")).await.ok();
    let config = json!({ "quota_total": 2, "quota_duration": 86_400 });
    assert_eq!(quota["data"][0], json!({ "quota_usage": 2, "config": config }));
    assert_eq!(stage.publish(&token, &id, &containers[1]).await.refused(), (9, Some(2_207_042)));
}

#[tokio::test]
async fn the_usage_headers_have_the_configured_values() {
    let (stage, _, token) = connected().await;
    let reply = stage.get(&token, "me?fields=user_id").await;
    assert!(!reply.headers.contains_key("x-app-usage"));
    let usage = Some(Usage { percent: 95, regain_minutes: 12 });
    stage.sandbox.instagram().set_limits(Limits { usage, ..Limits::default() });
    let reply = stage.get(&token, "me?fields=user_id").await;
    let business: Value = serde_json::from_str(&reply.headers["x-business-use-case-usage"]).unwrap();
    let id = reply.json()["user_id"].as_str().unwrap().to_owned();
    assert_eq!(business[&id][1]["call_count"], 95);
    assert_eq!(business[&id][1]["estimated_time_to_regain_access"], 12);
}

#[tokio::test]
async fn a_status_can_be_unreadable_slow_or_unheard_of() {
    let (stage, id, token) = connected().await;
    let hidden = FaultKind::Status { status: 400, code: "100/33".into(), retry_after: None };
    stage.sandbox.fail(Fault::of("instagram", "container_status", hidden));
    stage.sandbox.fail(Fault::of("instagram", "container", FaultKind::SlowProcessing { polls: 2 }));
    stage.sandbox.fail(Fault::of("instagram", "container", FaultKind::UnknownStatus));
    let container = stage.filled(&token, &id, &video(100)).await;
    let path = format!("{container}?fields=status_code");
    assert_eq!(stage.get(&token, &path).await.refused(), (100, Some(33)));
    assert_eq!(stage.status(&token, &container).await, "QUEUED_IN_A_NEW_WAY");
    let mut polls = 1;
    while stage.status(&token, &container).await == "IN_PROGRESS" {
        polls += 1;
    }
    assert_eq!(polls, 4);
}
