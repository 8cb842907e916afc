//! From init to the post.

use crate::harness::{SIZE, direct, file, sha256, stage, video};
use serde_json::{Value, json};
use social_sandbox::tiktok::{IdForm, Limits, Mode, Progress};

#[tokio::test]
async fn a_video_is_published_with_its_own_bytes() {
    let stage = stage().await;
    let tokens = stage.connect("demokitchen", "all").await;
    let bytes = video(SIZE);
    let data = stage.init(&tokens.access, &direct("PUBLIC_TO_EVERYONE", file(SIZE))).await.data();
    let (id, url) = (data["publish_id"].as_str().unwrap(), data["upload_url"].as_str().unwrap());
    assert!(id.starts_with("v_pub_file~v2-1.") && id.len() <= 64 && url.len() <= 256);
    for chunk in 0..6 {
        let first = chunk * 10_000_000;
        let end = if chunk == 5 { SIZE } else { first + 10_000_000 };
        let status = stage.status(&tokens.access, id).await.data();
        assert_eq!(
            (&status["status"], &status["uploaded_bytes"]),
            (&json!("PROCESSING_UPLOAD"), &json!(first))
        );
        let reply = stage.put(url, &bytes[first..end], first, end - 1, SIZE).await;
        assert_eq!(reply.status, if chunk == 5 { 201 } else { 206 });
        assert_eq!(reply.headers["content-range"], format!("bytes 0-{end}/{SIZE}"));
    }
    let published = stage.sandbox.tiktok().published();
    assert_eq!(published.len(), 1);
    assert_eq!((published[0].sha256.as_str(), published[0].size), (sha256(&bytes).as_str(), 64_000_001));
    assert_eq!(published[0].caption, "Five minute noodles 🍜 #cooking");
    assert!(published[0].is_aigc && published[0].mode == Mode::Direct);
    assert_eq!(
        (published[0].open_id.as_str(), published[0].username.as_str()),
        (&*tokens.open_id, "demokitchen")
    );

    let mut seen = Vec::new();
    for _ in 0..4 {
        let data = stage.status(&tokens.access, id).await.data();
        seen.push((data["status"].as_str().unwrap().to_owned(), data["publicaly_available_post_id"].clone()));
    }
    let post_id = published[0].post_id.unwrap();
    assert!(post_id > 1 << 53);
    let expected = [
        ("PROCESSING_UPLOAD".to_owned(), json!([])),
        ("PROCESSING_UPLOAD".to_owned(), json!([])),
        ("PUBLISH_COMPLETE".to_owned(), json!([])),
        ("PUBLISH_COMPLETE".to_owned(), json!([post_id])),
    ];
    assert_eq!(seen, expected);
    assert_eq!(stage.sandbox.tiktok().calls("upload"), 6);
    assert_eq!(stage.sandbox.tiktok().calls("upload_last"), 1);

    let listed = stage.post(&tokens.access, "video/list/?fields=id,share_url", &json!({})).await.data();
    assert_eq!(listed["videos"][0]["id"], post_id.to_string());
    assert_eq!(listed["has_more"], false);
    let wanted = json!({ "filters": { "video_ids": [post_id.to_string(), "1"] } });
    let found = stage.post(&tokens.access, "video/query/?fields=id,title", &wanted).await.data();
    assert_eq!(found["videos"].as_array().unwrap().len(), 1);
    let user = stage.user_info(&tokens.access, "video_count").await.data();
    assert_eq!(user["user"]["video_count"], 88);
}

#[tokio::test]
async fn a_private_post_never_shows_its_id() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let id = stage.publish(&token, &video(100), "SELF_ONLY").await;
    let mut data = Value::Null;
    for _ in 0..6 {
        data = stage.status(&token, &id).await.data();
    }
    assert_eq!(data["status"], "PUBLISH_COMPLETE");
    assert_eq!(data["publicaly_available_post_id"], json!([]));
    let listed = stage.post(&token, "video/list/?fields=id", &json!({})).await.data();
    assert_eq!(listed["videos"], json!([]));
}

#[tokio::test]
async fn a_draft_waits_in_the_inbox_until_it_is_posted() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let body = json!({ "source_info": file(100) });
    let data = stage.post(&token, "post/publish/inbox/video/init/", &body).await.data();
    let id = data["publish_id"].as_str().unwrap();
    assert!(id.starts_with("v_inbox_file~"));
    assert_eq!(stage.put(data["upload_url"].as_str().unwrap(), &video(100), 0, 99, 100).await.status, 201);
    let mut data = Value::Null;
    for _ in 0..3 {
        data = stage.status(&token, id).await.data();
    }
    assert_eq!(data["status"], "SEND_TO_USER_INBOX");
    let published = stage.sandbox.tiktok().published();
    assert_eq!((published[0].mode, published[0].post_id), (Mode::Inbox, None));
    stage.sandbox.tiktok().finish_draft(id);
    let data = stage.status(&token, id).await.data();
    assert_eq!(data["status"], "PUBLISH_COMPLETE");
    assert_eq!(
        data["publicaly_available_post_id"][0],
        stage.sandbox.tiktok().published()[0].post_id.unwrap()
    );
}

#[tokio::test]
async fn a_file_that_is_no_video_fails_late() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let id = stage.publish(&token, b"plain text, nothing to see", "SELF_ONLY").await;
    assert_eq!(stage.status(&token, &id).await.data()["status"], "PROCESSING_UPLOAD");
    stage.status(&token, &id).await;
    let data = stage.status(&token, &id).await.data();
    assert_eq!(
        (&data["status"], &data["fail_reason"]),
        (&json!("FAILED"), &json!("file_format_check_failed"))
    );
    assert!(stage.sandbox.tiktok().published().is_empty());
}

#[tokio::test]
async fn what_the_documentation_leaves_open_can_be_chosen() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let body = json!({
        "uploadedBytes": "lastIndex", "postIds": "text", "processingPolls": 0, "postIdPolls": 0,
    });
    let request = stage.client.post(format!("{}/control/limits", stage.base));
    let request = request.header("content-type", "application/json").body(body.to_string());
    let limits: Limits = serde_json::from_value(crate::harness::read(request).await.json()).unwrap();
    assert_eq!((limits.uploaded_bytes, limits.post_ids), (Progress::LastIndex, IdForm::Text));
    assert_eq!(limits, stage.sandbox.tiktok().limits());
    let data = stage.init(&token, &direct("PUBLIC_TO_EVERYONE", file(100))).await.data();
    let reply = stage.put(data["upload_url"].as_str().unwrap(), &video(100), 0, 99, 100).await;
    assert_eq!(reply.headers["content-range"], "bytes 0-99/100");
    let data = stage.status(&token, data["publish_id"].as_str().unwrap()).await.data();
    assert_eq!(data["status"], "PUBLISH_COMPLETE");
    assert!(data["publicaly_available_post_id"][0].is_string());
}

#[tokio::test]
async fn time_ends_processing_too() {
    let stage = stage().await;
    let token = stage.connect("demokitchen", "all").await.access;
    let id = stage.publish(&token, &video(100), "PUBLIC_TO_EVERYONE").await;
    stage.sandbox.advance_clock(std::time::Duration::from_secs(61));
    let data = stage.status(&token, &id).await.data();
    assert_eq!(data["status"], "PUBLISH_COMPLETE");
    assert_eq!(data["publicaly_available_post_id"].as_array().unwrap().len(), 1);
}
