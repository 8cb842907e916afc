//! `PULL_FROM_URL`, from a small server of its own.

use crate::harness::{Stage, app, direct, sha256, stage_with, video};
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SIZE: usize = 300_000;

async fn with_media() -> (Stage, String, String) {
    let hang = || async {
        std::future::pending::<()>().await;
    };
    let router = Router::new()
        .route("/out/video.mp4", get(|| async { video(SIZE) }))
        .route("/out/page.html", get(|| async { "<html>log in</html>" }))
        .route("/out/moved.mp4", get(|| async { Redirect::temporary("/out/video.mp4") }))
        .route("/out/hanging.mp4", get(hang));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let media = format!("http://{}/out", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    let mut app = app();
    app.verified_url_prefixes.push(format!("{media}/"));
    let stage = stage_with(app, None).await;
    let token = stage.connect("demokitchen", "all").await.access;
    (stage, token, media)
}

async fn pulled(stage: &Stage, token: &str, url: String) -> Value {
    let source = json!({ "source": "PULL_FROM_URL", "video_url": url });
    let data = stage.init(token, &direct("SELF_ONLY", source)).await.data();
    assert!(data.get("upload_url").is_none());
    let mut status = Value::Null;
    for _ in 0..3 {
        status = stage.status(token, data["publish_id"].as_str().unwrap()).await.data();
    }
    status
}

#[tokio::test]
async fn a_video_is_really_downloaded() {
    let (stage, token, media) = with_media().await;
    let status = pulled(&stage, &token, format!("{media}/video.mp4?signed=1")).await;
    assert_eq!((&status["status"], &status["downloaded_bytes"]), (&json!("PUBLISH_COMPLETE"), &json!(SIZE)));
    assert_eq!(stage.sandbox.tiktok().published()[0].sha256, sha256(&video(SIZE)));
}

#[tokio::test]
async fn what_can_not_be_downloaded_or_is_no_video_fails() {
    let (stage, token, media) = with_media().await;
    for (path, reason) in [
        ("missing.mp4", "video_pull_failed"),
        ("moved.mp4", "video_pull_failed"),
        ("page.html", "file_format_check_failed"),
    ] {
        let status = pulled(&stage, &token, format!("{media}/{path}")).await;
        assert_eq!((&status["status"], &status["fail_reason"]), (&json!("FAILED"), &json!(reason)), "{path}");
    }
    assert!(stage.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn a_download_can_be_cancelled() {
    let (stage, token, media) = with_media().await;
    let source = json!({ "source": "PULL_FROM_URL", "video_url": format!("{media}/hanging.mp4") });
    let data = stage.init(&token, &direct("SELF_ONLY", source)).await.data();
    let id = data["publish_id"].as_str().unwrap();
    assert_eq!(stage.status(&token, id).await.data()["status"], "PROCESSING_DOWNLOAD");
    let reply = stage.post(&token, "post/publish/cancel/", &json!({ "publish_id": id })).await;
    assert_eq!(reply.status, 200);
    assert_eq!(stage.status(&token, id).await.data()["fail_reason"], "publish_cancelled");
}
