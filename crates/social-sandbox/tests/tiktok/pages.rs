//! The pages for people.

use crate::harness::{Folder, Stage, app, read, stage_with, video};

#[tokio::test]
async fn a_post_can_be_looked_at_and_played() {
    let folder = Folder::new();
    let stage = stage_with(app(), Some(folder.0.clone())).await;
    let token = stage.connect("demokitchen", "all").await.access;
    let id = stage.publish(&token, &video(1_000), "SELF_ONLY").await;
    for _ in 0..3 {
        stage.status(&token, &id).await;
    }
    let profile = read(stage.client.get(format!("{}/tiktok/@demokitchen", stage.base))).await;
    assert!(profile.body.contains("Only me") && profile.body.contains("<video"), "{}", profile.body);
    assert!(profile.body.contains("1520") && profile.body.contains("AI-generated"));
    let post_id = stage.sandbox.tiktok().published()[0].post_id.unwrap();
    let page = read(stage.client.get(format!("{}/tiktok/@demokitchen/video/{post_id}", stage.base))).await;
    let source = page.body.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(page.status, 200);
    let media = format!("{}{}", stage.base.trim_end_matches("/sandbox"), source);
    let whole = stage.client.get(&media).send().await.unwrap();
    assert_eq!(whole.headers()["content-type"], "video/mp4");
    assert_eq!(whole.bytes().await.unwrap(), video(1_000));
    for (range, expected) in [("bytes=10-19", 10..20), ("bytes=990-", 990..1_000), ("bytes=-5", 995..1_000)] {
        let part = stage.client.get(&media).header("range", range).send().await.unwrap();
        assert_eq!(part.status(), 206);
        let described = format!("bytes {}-{}/1000", expected.start, expected.end - 1);
        assert_eq!(part.headers()["content-range"], described.as_str());
        assert_eq!(part.bytes().await.unwrap(), video(1_000)[expected]);
    }
    assert_eq!(read(stage.client.get(&media).header("range", "bytes=1000-")).await.status, 416);
    let other = format!("{}/tiktok/@quietgarden/video/{post_id}", stage.base);
    assert_eq!(read(stage.client.get(other)).await.status, 404);
    let index = read(stage.client.get(stage.base.clone())).await;
    assert!(index.body.contains(&format!("/sandbox/tiktok/@demokitchen/video/{post_id}")));
}

#[tokio::test]
async fn a_draft_is_posted_from_the_inbox() {
    let stage = stage_with(app(), None).await;
    let token = stage.connect("demokitchen", "all").await.access;
    let body = serde_json::json!({ "source_info": crate::harness::file(100) });
    let data = stage.post(&token, "post/publish/inbox/video/init/", &body).await.data();
    let id = data["publish_id"].as_str().unwrap();
    stage.put(data["upload_url"].as_str().unwrap(), &video(100), 0, 99, 100).await;
    for _ in 0..3 {
        stage.status(&token, id).await;
    }
    let url = format!("{}/tiktok/@demokitchen", stage.base);
    assert!(read(stage.client.get(&url)).await.body.contains("Inbox"));
    assert_eq!(stage.form(&format!("{url}/draft"), &[("publish_id", id)]).await.status, 303);
    let after = read(stage.client.get(&url)).await.body;
    assert!(!after.contains("Inbox") && after.contains("Everyone"));
}

#[tokio::test]
async fn what_a_stranger_writes_is_escaped() {
    let stage = stage_with(app(), None).await;
    let url = format!("{}&x=%22%3E%3Cscript%3E", stage.authorize_url(&Stage::authorize_query()));
    let page = read(stage.client.get(format!("{url}\"><b>"))).await;
    assert!(!page.body.contains("<script>") && !page.body.contains("\"><b>"), "{}", page.body);
}
