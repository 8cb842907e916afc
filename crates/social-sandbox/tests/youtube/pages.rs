//! The pages for people.

use crate::harness::stage;
use crate::stage::{Folder, Stage, apps, read, video};

#[tokio::test]
async fn a_video_can_be_looked_at_and_played() {
    let folder = Folder::new();
    let stage = Stage::open(apps(), Some(folder.0.clone())).await;
    let token = stage.connect("demostudio").await.access;
    let id = stage.publish(&token, &video(1_000)).await;
    let watch = format!("{}/youtube/watch?v={id}", stage.base);
    assert_eq!(read(stage.client.get(&watch)).await.status, 404, "not before it is processed");
    for _ in 0..4 {
        stage.video(&token, &id).await;
    }
    let channel = read(stage.client.get(format!("{}/youtube/@demostudio", stage.base))).await;
    assert!(channel.body.contains("Public") && channel.body.contains("<video"), "{}", channel.body);
    assert!(channel.body.contains("1520") && channel.body.contains("Altered or synthetic content"));
    assert!(channel.body.contains("<strong>88</strong> videos"));
    let page = read(stage.client.get(&watch)).await;
    let source = page.body.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let media = format!("{}{source}", stage.base.trim_end_matches("/sandbox"));
    let whole = stage.client.get(&media).send().await.unwrap();
    assert_eq!(whole.headers()["content-type"], "video/mp4");
    assert_eq!(whole.bytes().await.unwrap(), video(1_000));
    let index = read(stage.client.get(stage.base.clone())).await;
    assert!(index.body.contains(&format!("/sandbox/youtube/watch?v={id}")));
    assert!(index.body.contains("1 uploads and 4 units used"), "{}", index.body);
    assert_eq!(read(stage.client.get(format!("{}/youtube/@nobody", stage.base))).await.status, 404);
}

#[tokio::test]
async fn what_a_stranger_writes_is_escaped() {
    let stage = stage().await;
    let url = format!("{}\"><b>", stage.authorize_url(&Stage::authorize_query()));
    let page = read(stage.client.get(url)).await;
    assert!(!page.body.contains("\"><b>"), "{}", page.body);
    let watch = read(stage.client.get(format!("{}/youtube/watch?v=%3Cscript%3E", stage.base))).await;
    assert!(!watch.body.contains("<script>"));
}
