//! The pages for people, and the controls.

use crate::harness::{Folder, app, read, sha256, stage, stage_with, video};
use serde_json::{Value, json};
use social_sandbox::instagram::Limits;

#[tokio::test]
async fn a_published_reel_can_be_watched() {
    let folder = Folder::new();
    let stage = stage_with(app(), Some(folder.0.clone())).await;
    let (id, token) = stage.connect("demokitchen").await;
    let bytes = video(100_000);
    let container = stage.filled(&token, &id, &bytes).await;
    assert_eq!(stage.settled(&token, &container).await, "FINISHED");
    assert_eq!(stage.publish(&token, &id, &container).await.status, 200);
    let profile = read(stage.client.get(format!("{}/instagram/@demokitchen", stage.base))).await;
    assert!(profile.body.contains("Demo Kitchen") && profile.body.contains("Hello #world"));
    let shortcode = stage.sandbox.instagram().published()[0].shortcode.clone();
    let reel = read(stage.client.get(format!("{}/instagram/reel/{shortcode}/", stage.base))).await;
    assert!(reel.status == 200 && reel.body.contains("<video"));
    let file = stage.client.get(format!("{}/instagram/video/{container}/file", stage.base));
    let file = file.send().await.unwrap().bytes().await.unwrap();
    assert_eq!(sha256(&file), sha256(&bytes));
    let index = read(stage.client.get(&stage.base)).await;
    assert!(index.body.contains("Instagram: containers") && index.body.contains("media_publish"));
    drop(stage);

    let again = stage_with(app(), Some(folder.0.clone())).await;
    assert_eq!(again.sandbox.instagram().published().len(), 1, "a folder outlives its process");
    assert_eq!(again.status(&token, &container).await, "PUBLISHED");
}

#[tokio::test]
async fn it_is_controlled_over_http() {
    let stage = stage().await;
    let (_, token) = stage.connect("demokitchen").await;
    let post = |path: &str, body: Value| {
        let request = stage.client.post(format!("{}/control/{path}", stage.base));
        read(request.header("content-type", "application/json").body(body.to_string()))
    };
    assert_eq!(post("instagram/limits", json!({ "postsPerDay": 50 })).await.status, 200);
    assert_eq!(stage.sandbox.instagram().limits(), Limits { posts_per_day: 50, ..Limits::default() });
    assert_eq!(post("instagram/limits", json!({ "posts": 50 })).await.status, 400);
    assert_eq!(
        post("instagram/accounts", json!({ "handle": "new.one", "type": "MEDIA_CREATOR" })).await.status,
        200
    );
    let fault =
        json!({ "platform": "instagram", "endpoint": "me", "kind": "status", "status": 400, "code": "32" });
    assert_eq!(post("faults", fault).await.status, 200);
    assert_eq!(stage.get(&token, "me").await.refused(), (32, None));
    assert_eq!(post("instagram/expire-tokens", json!({ "account": "demokitchen" })).await.status, 200);
    assert_eq!(stage.get(&token, "me").await.refused(), (190, Some(463)));
    let published = read(stage.client.get(format!("{}/control/instagram/published", stage.base))).await;
    assert_eq!(published.json(), json!({ "published": [] }));
}
