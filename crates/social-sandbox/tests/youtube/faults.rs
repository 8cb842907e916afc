//! The faults that tests can request.

use serde_json::{Value, json};
use social_sandbox::{Fault, FaultKind};

use crate::harness::{CHUNK, GRANULE, SIZE, resource, stage};
use crate::stage::{Stage, read, sha256, try_read, video};

async fn connected() -> (Stage, String) {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    (stage, token)
}

fn fail(stage: &Stage, endpoint: &str, kind: FaultKind) {
    stage.sandbox.fail(Fault::youtube(endpoint, kind));
}

#[tokio::test]
async fn an_error_has_googles_own_format() {
    let (stage, token) = connected().await;
    let code = "quotaExceeded".to_owned();
    fail(&stage, "insert", FaultKind::Status { status: 403, code, retry_after: Some(7) });
    let reply = stage.insert(&token, &resource(), 100).await;
    assert_eq!(reply.refused(), (403, "quotaExceeded".into()));
    assert_eq!(
        (reply.headers["retry-after"].as_str(), &reply.json()["error"]["status"]),
        ("7", &json!("PERMISSION_DENIED"))
    );
    let code = "temporarily_unavailable".to_owned();
    fail(&stage, "token_refresh", FaultKind::Status { status: 503, code, retry_after: None });
    assert_eq!(stage.refresh("x").await.refused(), (503, "temporarily_unavailable".into()));
    fail(&stage, "videos", FaultKind::Html { status: 502 });
    assert!(stage.get(&token, "videos?part=id&id=x").await.body.contains("Gateway"));
}

#[tokio::test]
async fn the_response_to_the_last_chunk_can_be_lost() {
    let (stage, token) = connected().await;
    let bytes = video(1_000);
    let url = stage.session(&token, 1_000).await;
    fail(&stage, "upload_last", FaultKind::HangUpAfter);
    assert!(stage.try_put(&token, &url, &bytes, "bytes 0-999/1000").await.is_err());
    let done = stage.state(&token, &url, 1_000).await;
    assert_eq!(done.json()["id"], stage.sandbox.youtube().published()[0].video_id);

    let url = stage.session(&token, 1_000).await;
    fail(&stage, "upload_last", FaultKind::HangUpBefore);
    assert!(stage.try_put(&token, &url, &bytes, "bytes 0-999/1000").await.is_err());
    assert_eq!(stage.state(&token, &url, 1_000).await.stored(), 0);
    assert_eq!(stage.sandbox.youtube().published().len(), 1);
}

#[tokio::test]
async fn an_upload_is_cut_off_after_so_many_bytes() {
    let (stage, token) = connected().await;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    let cut = u64::try_from(GRANULE + 1_234).unwrap();
    fail(&stage, "upload", FaultKind::Cut { bytes: cut });
    let range = format!("bytes 0-{}/{SIZE}", CHUNK - 1);
    assert!(stage.try_put(&token, &url, &bytes[..CHUNK], &range).await.is_err());
    assert_eq!(stage.state(&token, &url, SIZE).await.stored(), GRANULE);
    assert_eq!(stage.chunk(&token, &url, &bytes, GRANULE, SIZE).await.status, 200);
    assert_eq!(stage.sandbox.youtube().published()[0].sha256, sha256(&bytes));
}

#[tokio::test]
async fn faults_are_controlled_over_http() {
    let (stage, token) = connected().await;
    let url = format!("{}/control/faults", stage.base);
    let add = |body: Value| {
        read(stage.client.post(&url).header("content-type", "application/json").body(body.to_string()))
    };
    let fault = json!({ "platform": "youtube", "endpoint": "channels", "kind": "status", "status": 500, "code": "backendError", "account": "@demostudio" });
    assert_eq!(add(fault).await.status, 200);
    let other = stage.connect("quietgarden").await.access;
    let path = "channels?part=id&mine=true";
    assert_eq!(stage.get(&other, path).await.status, 200);
    assert_eq!(stage.get(&token, path).await.refused(), (500, "backendError".into()));
    let nowhere = json!({ "platform": "youtube", "endpoint": "video_init", "kind": "truncated" });
    assert_eq!(add(nowhere).await.status, 400);
    let control = |path: &str, body: Value| {
        let request = stage.client.post(format!("{}/control/youtube/{path}", stage.base));
        try_read(request.header("content-type", "application/json").body(body.to_string()))
    };
    assert_eq!(control("expire-tokens", json!({ "account": "demostudio" })).await.unwrap().status, 200);
    assert_eq!(stage.get(&token, path).await.status, 401);
    assert_eq!(control("limits", json!({ "unitsPerDay": 0 })).await.unwrap().json()["unitsPerDay"], 0);
    assert_eq!(control("limits", json!({ "colour": 1 })).await.unwrap().status, 400);
    assert_eq!(control("revoke", json!({ "account": "nobody" })).await.unwrap().status, 400);
    assert_eq!(control("expire-sessions", json!({})).await.unwrap().status, 200);
    let published = read(stage.client.get(format!("{}/control/youtube/published", stage.base))).await;
    assert_eq!(published.json()["published"], json!([]));
}
