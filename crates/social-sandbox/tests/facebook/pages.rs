//! The pages for people, and the controls.

use crate::harness::{Folder, app, read, sha256, stage, stage_with, video};
use serde_json::{Value, json};
use social_sandbox::facebook::Limits;

#[tokio::test]
async fn a_published_reel_can_be_watched() {
    let folder = Folder::new();
    let stage = stage_with(app(), Some(folder.0.clone())).await;
    let page = stage.connect("dana.demo").await;
    let bytes = video(100_000);
    let id = stage.filled(&page, &bytes).await;
    assert_eq!(stage.finish(&page, &id).await.status, 200);
    let profile = || read(stage.client.get(format!("{}/facebook/@demokitchen", stage.base)));
    assert!(!profile().await.body.contains("Fresh bread"), "it is not public yet");
    for _ in 0..4 {
        stage.status(&page, &id).await;
    }
    assert!(profile().await.body.contains("Fresh bread"));
    let reel = read(stage.client.get(format!("{}/facebook/reel/{id}", stage.base))).await;
    assert!(reel.status == 200 && reel.body.contains("<video"));
    let file = stage.client.get(format!("{}/facebook/video/{id}/file", stage.base));
    let file = file.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(sha256(&file), sha256(&bytes));
    let index = read(stage.client.get(&stage.base)).await;
    assert!(index.body.contains("Facebook: Pages") && index.body.contains("reel_finish"));
}

#[tokio::test]
async fn it_is_controlled_over_http() {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    let post = |path: &str, body: Value| {
        let request = stage.client.post(format!("{}/control/{path}", stage.base));
        read(request.header("content-type", "application/json").body(body.to_string()))
    };
    assert_eq!(post("facebook/limits", json!({ "reelsPerDay": 5 })).await.status, 200);
    assert_eq!(stage.sandbox.facebook().limits(), Limits { reels_per_day: 5, ..Limits::default() });
    let role = json!({ "person": "sam.solo", "page": "demokitchen", "role": "content" });
    assert_eq!(post("facebook/roles", role).await.json()["id"], page.id);
    let fault = json!({ "platform": "facebook", "endpoint": "reel_start", "kind": "status", "status": 400, "code": "32" });
    assert_eq!(post("faults", fault).await.status, 200);
    let path = format!("{}/video_reels", page.id);
    let start = || stage.post(&page.token, &path, json!({ "upload_phase": "start" }));
    assert_eq!(start().await.refused(), (32, None));
    assert_eq!(post("facebook/revoke", json!({ "account": "dana.demo" })).await.status, 200);
    assert_eq!(start().await.refused(), (190, Some(458)));
    let published = read(stage.client.get(format!("{}/control/facebook/published", stage.base))).await;
    assert_eq!(published.json(), json!({ "published": [] }));
}
