//! The faults that tests can request.

use crate::harness::{Stage, direct, file, read, stage, tokens, video};
use serde_json::{Value, json};
use social_sandbox::{Fault, FaultKind};
use std::time::{Duration, Instant};

async fn connected() -> (Stage, String) {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    (stage, token)
}

fn fail(stage: &Stage, endpoint: &str, kind: FaultKind) {
    stage.sandbox.fail(Fault::tiktok(endpoint, kind));
}

#[tokio::test]
async fn a_status_is_in_the_endpoints_own_form() {
    let (stage, token) = connected().await;
    let kind = || FaultKind::Status { status: 503, code: "internal_error".into(), retry_after: Some(7) };
    for endpoint in ["user_info", "token", "upload"] {
        fail(&stage, endpoint, kind());
    }
    let reply = stage.user_info(&token, "open_id").await;
    assert_eq!(reply.refused(), (503, "internal_error".into()));
    assert_eq!(reply.headers["retry-after"], "7");
    let reply = stage.refresh("rft.any").await;
    assert_eq!(reply.refused(), (503, "internal_error".into()));
    assert!(reply.json()["error"].is_string());
    let data = stage.init(&token, &direct("SELF_ONLY", file(100))).await.data();
    let url = data["upload_url"].as_str().unwrap();
    assert_eq!(stage.put(url, &video(100), 0, 99, 100).await.status, 503);
    assert_eq!(stage.put(url, &video(100), 0, 99, 100).await.status, 201);
    assert_eq!(stage.user_info(&token, "open_id").await.status, 200);
}

#[tokio::test]
async fn a_gateways_page_is_no_json() {
    let (stage, token) = connected().await;
    fail(&stage, "creator_info", FaultKind::Html { status: 502 });
    let reply = stage.creator_info(&token).await;
    assert_eq!(reply.status, 502);
    assert!(reply.body.starts_with("<html>"));
}

#[tokio::test]
async fn a_hang_up_before_leaves_nothing_and_one_after_leaves_all() {
    let (stage, token) = connected().await;
    let body = direct("SELF_ONLY", file(100));
    let path = "post/publish/video/init/";
    fail(&stage, "video_init", FaultKind::HangUpBefore);
    assert!(stage.try_post(&token, path, &body).await.is_err());
    fail(&stage, "video_init", FaultKind::Truncated);
    assert!(stage.try_post(&token, path, &body).await.is_err());
    assert_eq!(stage.sandbox.tiktok().calls("video_init"), 2);

    let data = stage.init(&token, &body).await.data();
    let (id, url) = (data["publish_id"].as_str().unwrap(), data["upload_url"].as_str().unwrap());
    fail(&stage, "upload", FaultKind::HangUpBefore);
    assert!(stage.try_put(url, &video(100), 0, 99, 100).await.is_err());
    assert!(stage.sandbox.tiktok().published().is_empty());
    fail(&stage, "upload_last", FaultKind::HangUpAfter);
    assert!(stage.try_put(url, &video(100), 0, 99, 100).await.is_err());
    assert_eq!(stage.sandbox.tiktok().published().len(), 1);
    assert_eq!(stage.put(url, &video(100), 0, 99, 100).await.status, 416);
    assert_eq!(stage.status(&token, id).await.data()["uploaded_bytes"], 100);
}

#[tokio::test]
async fn a_truncated_reply_announces_all_and_sends_half() {
    let (stage, token) = connected().await;
    fail(&stage, "video_init", FaultKind::Truncated);
    let request = stage.client.post(format!("{}/tiktok/v2/post/publish/video/init/", stage.base));
    let request = request.bearer_auth(&token).header("content-type", "application/json");
    let mut response = request.body(direct("SELF_ONLY", file(100)).to_string()).send().await.unwrap();
    let announced = usize::try_from(response.content_length().unwrap()).unwrap();
    let half = response.chunk().await.unwrap().unwrap();
    assert_eq!(half.len(), announced / 2);
    assert!(half.starts_with(b"{\"data\":{\"publish_id\"") || half.starts_with(b"{"));
    assert!(response.chunk().await.is_err());
}

#[tokio::test]
async fn a_lost_refresh_has_rotated_the_token() {
    let stage = stage().await;
    let first = stage.connect("demokitchen", "all").await;
    fail(&stage, "token_refresh", FaultKind::HangUpAfter);
    let form = [("client_key", "key"), ("client_secret", "secret"), ("grant_type", "refresh_token")];
    let mut form = form.to_vec();
    form.push(("refresh_token", &first.refresh));
    let url = format!("{}/tiktok/v2/oauth/token/", stage.base);
    let request = stage.client.post(url).header("content-type", "application/x-www-form-urlencoded");
    assert!(crate::harness::try_read(request.body(crate::harness::encoded(&form))).await.is_err());
    assert_eq!(stage.refresh(&first.refresh).await.refused(), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn a_late_reply_comes_late() {
    let (stage, token) = connected().await;
    fail(&stage, "status", FaultKind::Delay { ms: 120 });
    let start = Instant::now();
    assert_eq!(stage.status(&token, "none").await.status, 400);
    assert!(start.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn an_outcome_is_decided_at_any_of_its_calls() {
    let (stage, token) = connected().await;
    for endpoint in ["video_init", "upload_last", "status"] {
        fail(&stage, endpoint, FaultKind::FailReason { reason: "frame_rate_check_failed".into() });
        let id = stage.publish(&token, &video(100), "SELF_ONLY").await;
        let mut data = Value::Null;
        for _ in 0..3 {
            data = stage.status(&token, &id).await.data();
        }
        assert_eq!(data["fail_reason"], "frame_rate_check_failed", "{endpoint}");
    }
    assert!(stage.sandbox.tiktok().published().is_empty());

    fail(&stage, "init", FaultKind::SlowProcessing { polls: 3 });
    fail(&stage, "status", FaultKind::UnknownStatus);
    let id = stage.publish(&token, &video(100), "SELF_ONLY").await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(stage.status(&token, &id).await.data()["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen[0], "PROCESSING_IN_A_NEW_WAY");
    assert_eq!((seen[4].as_str(), seen[5].as_str()), ("PROCESSING_UPLOAD", "PUBLISH_COMPLETE"));
}

#[tokio::test]
async fn a_fault_can_skip_calls_repeat_and_choose_an_account() {
    let (stage, token) = connected().await;
    let other = stage.connect("quietgarden", "all").await.access;
    let kind = FaultKind::Html { status: 500 };
    stage.sandbox.fail(Fault::tiktok("user_info", kind).after(1).times(2).only("@quietgarden"));
    let mut seen = Vec::new();
    for _ in 0..4 {
        assert_eq!(stage.user_info(&token, "open_id").await.status, 200);
        seen.push(stage.user_info(&other, "open_id").await.status);
    }
    assert_eq!(seen, [200, 500, 500, 200]);
}

#[tokio::test]
async fn faults_are_controlled_over_http() {
    let (stage, token) = connected().await;
    let url = format!("{}/control/faults", stage.base);
    let add = |body: Value| {
        read(stage.client.post(&url).header("content-type", "application/json").body(body.to_string()))
    };
    let fault =
        json!({ "endpoint": "user_info", "kind": "status", "status": 429, "code": "rate_limit_exceeded" });
    assert_eq!(add(fault.clone()).await.status, 200);
    assert_eq!(stage.user_info(&token, "open_id").await.refused(), (429, "rate_limit_exceeded".into()));
    assert_eq!(add(fault).await.status, 200);
    assert_eq!(read(stage.client.get(&url)).await.json()["faults"][0]["kind"], "status");
    assert_eq!(read(stage.client.delete(&url)).await.status, 200);
    assert_eq!(stage.user_info(&token, "open_id").await.status, 200);
    assert_eq!(add(json!({ "endpoint": "nowhere", "kind": "truncated" })).await.status, 400);
    let clock = stage.client.post(format!("{}/control/clock", stage.base));
    let clock = clock.header("content-type", "application/json").body("{\"advanceSeconds\":86401}");
    assert_eq!(read(clock).await.status, 200);
    assert_eq!(stage.user_info(&token, "open_id").await.status, 401);
}

#[tokio::test]
async fn a_grant_can_be_ended_by_its_owner() {
    let stage = stage().await;
    let first = stage.connect("demokitchen", "all").await;
    let id = stage.publish(&first.access, &video(100), "SELF_ONLY").await;
    assert!(stage.sandbox.tiktok().revoke("demokitchen"));
    assert_eq!(stage.refresh(&first.refresh).await.refused(), (400, "invalid_grant".into()));
    assert_eq!(stage.status(&first.access, &id).await.status, 401);
    let again = stage.consent(&[("account", "demokitchen"), ("scope", "all"), ("decision", "allow")]).await;
    let again = tokens(&stage.exchange(&again["code"]).await);
    assert_eq!(again.open_id, first.open_id);
    for _ in 0..2 {
        stage.status(&again.access, &id).await;
    }
    assert_eq!(stage.status(&again.access, &id).await.data()["fail_reason"], "auth_removed");
}
