//! The processing of a video after its upload.

use serde_json::{Value, json};
use social_sandbox::youtube::{Limits, Privacy, Uploads};
use social_sandbox::{Fault, FaultKind};
use std::time::Duration;

use crate::harness::{resource, stage};
use crate::stage::{Stage, video};

async fn connected() -> (Stage, String) {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    (stage, token)
}

/// Returns the response of each of several checks.
async fn looks(stage: &Stage, token: &str, id: &str, count: usize) -> Vec<Value> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(stage.video(token, id).await.map_or(Value::Null, |item| item["status"].clone()));
    }
    seen
}

fn words(looks: &[Value]) -> Vec<&str> {
    looks.iter().map(|status| status["uploadStatus"].as_str().unwrap_or("none")).collect()
}

#[tokio::test]
async fn a_video_is_found_late_and_processed_later() {
    let (stage, token) = connected().await;
    let id = stage.publish(&token, &video(100)).await;
    let seen = looks(&stage, &token, &id, 5).await;
    assert_eq!(words(&seen), ["none", "uploaded", "uploaded", "processed", "processed"]);
    let id = stage.publish(&token, &video(100)).await;
    stage.sandbox.advance_clock(Duration::from_secs(61));
    assert_eq!(words(&looks(&stage, &token, &id, 1).await), ["processed"]);
    let progress = stage.publish(&token, &video(100)).await;
    stage.video(&token, &progress).await;
    let item = stage.video(&token, &progress).await.unwrap();
    assert_eq!(item["processingDetails"]["processingStatus"], "processing");
    assert_eq!(item["processingDetails"]["processingProgress"]["timeLeftMs"], "20000");
}

#[tokio::test]
async fn an_outcome_is_decided_at_any_of_its_calls() {
    let (stage, token) = connected().await;
    for (endpoint, reason, word, field) in [
        ("insert", "duplicate", "rejected", "rejectionReason"),
        ("upload_last", "codec", "failed", "failureReason"),
        ("videos", "uploaderAccountSuspended", "rejected", "rejectionReason"),
    ] {
        stage.sandbox.fail(Fault::youtube(endpoint, FaultKind::FailReason { reason: reason.into() }));
        let id = stage.publish(&token, &video(100)).await;
        let seen = looks(&stage, &token, &id, 4).await;
        assert_eq!((words(&seen)[3], &seen[3][field]), (word, &json!(reason)), "{endpoint}");
    }
    assert!(stage.sandbox.youtube().published().is_empty());
    let junk = stage.publish(&token, &[7; 100]).await;
    assert_eq!(looks(&stage, &token, &junk, 4).await[3]["failureReason"], "invalidFile");
    stage.sandbox.fail(Fault::youtube("insert", FaultKind::SlowProcessing { polls: 2 }));
    stage.sandbox.fail(Fault::youtube("insert", FaultKind::UnknownStatus));
    let slow = stage.publish(&token, &video(100)).await;
    let seen = looks(&stage, &token, &slow, 6).await;
    assert_eq!(words(&seen), ["none", "ripening", "uploaded", "uploaded", "uploaded", "processed"]);
}

#[tokio::test]
async fn a_creators_settings_may_be_stricter_than_the_app() {
    let (stage, token) = connected().await;
    stage.sandbox.youtube().set_uploads("demostudio", Uploads::Private);
    let url = stage.session(&token, 100).await;
    let answer = stage.chunk(&token, &url, &video(100), 0, 100).await.json();
    assert_eq!(answer["status"]["privacyStatus"], "private");
    assert_eq!(stage.sandbox.youtube().published()[0].privacy_status, Privacy::Private);
}

#[tokio::test]
async fn a_scheduled_video_is_private_until_its_time() {
    let (stage, token) = connected().await;
    let now = stage.sandbox.youtube().published().len();
    assert_eq!(now, 0);
    let mut body = resource();
    body["status"]["privacyStatus"] = json!("private");
    body["status"]["publishAt"] = json!("2999-01-01T00:00:00Z");
    let url = stage.insert(&token, &body, 100).await.headers["location"].clone();
    let id = stage.chunk(&token, &url, &video(100), 0, 100).await.json()["id"].clone();
    let seen = looks(&stage, &token, id.as_str().unwrap(), 4).await;
    assert_eq!(
        (&seen[3]["privacyStatus"], &seen[3]["publishAt"]),
        (&json!("private"), &json!("2999-01-01T00:00:00Z"))
    );
    stage.sandbox.advance_clock(Duration::from_hours(24 * 366 * 975));
    assert_eq!(stage.sandbox.youtube().published()[0].privacy_status, Privacy::Public);
}

#[tokio::test]
async fn uploads_are_listed_newest_first_for_reconciliation() {
    let (stage, token) = connected().await;
    stage.sandbox.youtube().set_limits(Limits { invisible_polls: 0, ..Limits::default() });
    let first = stage.publish(&token, &video(100)).await;
    let second = stage.publish(&token, &video(200)).await;
    let playlist = stage.sandbox.youtube().channel_id("demostudio").unwrap().replacen("UC", "UU", 1);
    let path = format!("playlistItems?part=snippet,contentDetails&playlistId={playlist}&maxResults=10");
    let items = stage.get(&token, &path).await.json()["items"].clone();
    let ids: Vec<&str> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["contentDetails"]["videoId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [second.as_str(), first.as_str()]);
    assert_eq!(items[0]["snippet"]["title"], "Launch day 🚀");
    let details = stage
        .get(&token, &format!("videos?part=snippet,status,fileDetails&id={first},{second}"))
        .await
        .json();
    assert_eq!(
        (&details["items"][0]["fileDetails"]["fileSize"], &details["items"][1]["fileDetails"]["fileSize"]),
        (&json!("100"), &json!("200"))
    );
    stage.sandbox.youtube().delete(&second);
    assert_eq!(stage.get(&token, &path).await.json()["pageInfo"]["totalResults"], 1);
    let other = stage.connect("quietgarden").await.access;
    assert_eq!(
        stage.get(&other, &format!("videos?part=fileDetails&id={first}")).await.refused(),
        (403, "forbidden".into())
    );
    assert_eq!(
        stage.get(&other, "playlistItems?part=id&playlistId=UUnone").await.refused(),
        (404, "playlistNotFound".into())
    );
}
