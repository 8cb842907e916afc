//! Reels: started, uploaded, resumed at the status's own count, finished once.

use crate::harness::{Page, Stage, finish, sha256, stage, video};
use serde_json::{Value, json};
use social_sandbox::facebook::{Kind, Limits, Role, SecondFinish, Spelling};
use social_sandbox::{Fault, FaultKind};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

async fn connected() -> (Stage, Page) {
    let stage = stage().await;
    let page = stage.connect("dana.demo").await;
    (stage, page)
}

fn phases(status: &Value) -> [&str; 4] {
    ["/video_status", "/uploading_phase/status", "/processing_phase/status", "/publishing_phase/status"]
        .map(|path| status.pointer(path).and_then(Value::as_str).unwrap_or_default())
}

#[tokio::test]
async fn a_reel_is_published_when_its_phase_says_so() {
    let (stage, page) = connected().await;
    let (id, url) = stage.start(&page).await;
    let status = stage.status(&page, &id).await;
    assert_eq!(phases(&status), ["uploading", "not_started", "not_started", "not_started"]);
    assert_eq!(stage.finish(&page, &id).await.refused(), (6000, Some(1_363_045)), "nothing was uploaded");

    let bytes = video(300_000);
    assert_eq!(stage.upload(&url, &page.token, &bytes, 0).await.ok(), json!({ "success": true }));
    let status = stage.status(&page, &id).await;
    assert_eq!(phases(&status), ["upload_complete", "complete", "in_progress", "not_started"]);
    assert_eq!(status["uploading_phase"]["bytes_transferred"], 300_000);
    assert!(stage.sandbox.facebook().published().is_empty());
    assert_eq!(stage.finish(&page, &id).await.ok(), json!({ "success": true }));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(phases(&stage.status(&page, &id).await)[3].to_owned());
    }
    assert_eq!(seen, ["not_started", "in_progress", "complete"]);
    let fields = "status,permalink_url,post_id,published";
    let node = stage.get(&page.token, &format!("{id}?fields={fields}")).await.ok();
    assert_eq!(
        (&node["status"]["publishing_phase"]["publish_status"], &node["published"]),
        (&json!("published"), &json!(true))
    );
    assert!(node["permalink_url"].as_str().unwrap().ends_with(&format!("/facebook/reel/{id}")));

    let published = stage.sandbox.facebook().published();
    assert_eq!((published.len(), published[0].sha256.as_str()), (1, sha256(&bytes).as_str()));
    assert_eq!((published[0].kind, published[0].is_ai_generated), (Kind::Reel, true));
    assert_eq!(node["post_id"], published[0].post_id);
    let list = stage.get(&page.token, &format!("{}/video_reels?since=0", page.id)).await.ok();
    assert_eq!(
        (&list["data"][0]["id"], &list["data"][0]["description"]),
        (&json!(id), &json!("Fresh bread #bakery"))
    );
}

#[tokio::test]
async fn an_upload_is_resumed_by_the_status_count() {
    for (spelling, counter, complete) in [
        (Spelling::Specifications, "bytes_transferred", "complete"),
        (Spelling::Documents, "bytes_transfered", "completed"),
    ] {
        let (stage, page) = connected().await;
        stage.sandbox.facebook().set_limits(Limits { spelling, ..Limits::default() });
        let (id, url) = stage.start(&page).await;
        let bytes = video(1_000_000);
        let parsed = Url::parse(&url).unwrap();
        let address = parsed.socket_addrs(|| None).unwrap()[0];
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: OAuth {}\r\noffset: 0\r\nfile_size: 1000000\r\n\
             Content-Length: 1000000\r\n\r\n",
            parsed.path(),
            page.token,
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&bytes[..600_000]).await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
        let status = stage.status(&page, &id).await;
        let at = usize::try_from(status["uploading_phase"][counter].as_u64().unwrap()).unwrap();
        assert!((500_000..=600_000).contains(&at), "{status}");
        assert_eq!(phases(&status)[..2], ["uploading", "in_progress"]);
        assert_eq!(stage.upload(&url, &page.token, &bytes, at).await.status, 200);
        assert_eq!(phases(&stage.status(&page, &id).await)[1], complete);
        assert_eq!(stage.finish(&page, &id).await.status, 200);
        assert_eq!(stage.sandbox.facebook().published()[0].sha256, sha256(&bytes));
    }
}

#[tokio::test]
async fn what_a_second_finish_does_can_be_chosen() {
    let (stage, page) = connected().await;
    for (second, status, published) in
        [(SecondFinish::Refused, 400, 1), (SecondFinish::Ignored, 200, 2), (SecondFinish::Duplicates, 200, 4)]
    {
        stage.sandbox.facebook().set_limits(Limits { second_finish: second, ..Limits::default() });
        let id = stage.filled(&page, &video(100)).await;
        assert_eq!(stage.finish(&page, &id).await.status, 200);
        assert_eq!(stage.finish(&page, &id).await.status, status, "{second:?}");
        assert_eq!(stage.sandbox.facebook().published().len(), published, "{second:?}");
    }
}

#[tokio::test]
async fn a_lost_finish_is_found_in_the_phases() {
    let (stage, page) = connected().await;
    stage.sandbox.facebook().set_limits(Limits {
        processing_polls: 0,
        unstarted_polls: 1,
        ..Limits::default()
    });
    let id = stage.filled(&page, &video(100)).await;
    stage.sandbox.fail(Fault::of("facebook", "finish", FaultKind::HangUpAfter));
    assert!(stage.try_post(&page.token, &format!("{}/video_reels", page.id), finish(&id)).await.is_err());
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(phases(&stage.status(&page, &id).await)[3].to_owned());
    }
    assert_eq!(seen, ["not_started", "in_progress", "complete"]);
}

#[tokio::test]
async fn a_video_that_can_not_be_processed_says_why() {
    let (stage, page) = connected().await;
    let id = stage.filled(&page, b"<html>no video</html>").await;
    assert_eq!(stage.finish(&page, &id).await.status, 200);
    for _ in 0..2 {
        stage.status(&page, &id).await;
    }
    let status = stage.status(&page, &id).await;
    assert_eq!(phases(&status), ["error", "complete", "error", "not_started"]);
    assert_eq!(status["processing_phase"]["errors"][0]["code"], 6000);

    stage.sandbox.facebook().set_limits(Limits {
        spelling: Spelling::Documents,
        processing_polls: 0,
        ..Limits::default()
    });
    stage.sandbox.fail(Fault::of(
        "facebook",
        "reel_start",
        FaultKind::FailReason { reason: "1363127".into() },
    ));
    let id = stage.filled(&page, &video(100)).await;
    let status = stage.status(&page, &id).await;
    assert!(status["processing_phase"]["error"]["message"].as_str().unwrap().contains("1363127"));
    assert!(stage.sandbox.facebook().published().is_empty());
}

#[tokio::test]
async fn a_reel_must_be_right_in_every_field() {
    let (stage, page) = connected().await;
    let path = format!("{}/video_reels", page.id);
    let id = stage.filled(&page, &video(100)).await;
    for (name, value, code) in [
        ("upload_phase", json!("transfer"), (100, None)),
        ("video_id", json!("88000000000000000"), (100, Some(33))),
        ("video_state", json!("published"), (100, None)),
        ("description", json!("x".repeat(63_207)), (100, None)),
        ("title", json!("x".repeat(256)), (100, None)),
        ("is_aigc", json!(true), (100, None)),
    ] {
        let mut body = finish(&id);
        body[name] = value;
        assert_eq!(stage.post(&page.token, &path, body).await.refused(), code, "{name}");
    }
    let (_, user) = stage
        .user(&[("account", "dana.demo"), ("scope", "all"), ("page", "all"), ("decision", "allow")])
        .await;
    let start = || json!({ "upload_phase": "start" });
    assert_eq!(
        stage.post(&user, &path, start()).await.refused(),
        (100, Some(33)),
        "a user's token is no Page's"
    );
    let _ = stage.sandbox.facebook().assign("dana.demo", "demokitchen", Role::Analyst);
    assert_eq!(stage.post(&page.token, &path, start()).await.refused(), (100, None));
    assert!(stage.sandbox.facebook().published().is_empty());
}

#[tokio::test]
async fn a_page_has_thirty_reels_a_day() {
    let (stage, page) = connected().await;
    stage.sandbox.facebook().set_limits(Limits { reels_per_day: 1, ..Limits::default() });
    let (first, second) = (stage.filled(&page, &video(100)).await, stage.filled(&page, &video(200)).await);
    assert_eq!(stage.finish(&page, &first).await.status, 200);
    assert_eq!(stage.finish(&page, &second).await.refused(), (4, Some(1_390_008)));
    stage.sandbox.advance_clock(std::time::Duration::from_secs(86_401));
    assert_eq!(stage.finish(&page, &second).await.status, 200);
}
