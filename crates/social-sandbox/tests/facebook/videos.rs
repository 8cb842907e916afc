//! Plain videos: in the pieces that Graph requests, or from a URL.

use crate::harness::{Page, Reply, Stage, read, sha256, stage, video};
use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use social_sandbox::facebook::{Kind, Limits};
use tokio::net::TcpListener;

const PIECE: usize = 100_000;

async fn connected() -> (Stage, Page) {
    let stage = stage().await;
    stage.sandbox.facebook().set_limits(Limits { piece_bytes: 100_000, ..Limits::default() });
    let page = stage.connect("dana.demo").await;
    (stage, page)
}

async fn transfer(stage: &Stage, page: &Page, session: &str, start: usize, bytes: &[u8]) -> Reply {
    let mut body = Vec::new();
    for (name, value) in
        [("upload_phase", "transfer"), ("upload_session_id", session), ("start_offset", &start.to_string())]
    {
        body.extend(
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    body.extend(
        b"--xyz\r\nContent-Disposition: form-data; name=\"video_file_chunk\"; filename=\"v\"\r\n\r\n",
    );
    body.extend(bytes);
    body.extend(b"\r\n--xyz--\r\n");
    let request = stage.client.post(stage.url(&format!("{}/videos", page.id))).bearer_auth(&page.token);
    read(request.header("content-type", "multipart/form-data; boundary=xyz").body(body)).await
}

fn number(value: &Value) -> usize {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_video_is_sent_in_the_requested_pieces() {
    let (stage, page) = connected().await;
    let bytes = video(250_001);
    let path = format!("{}/videos", page.id);
    let body = json!({ "upload_phase": "start", "file_size": bytes.len() });
    let begun = stage.post(&page.token, &path, body).await.ok();
    let (id, session) = (begun["video_id"].as_str().unwrap(), begun["upload_session_id"].as_str().unwrap());
    let finish = || {
        json!({ "upload_phase": "finish", "upload_session_id": session, "title": "Long", "description": "All of it",
            "is_ai_generated": false, "universal_video_id": "job-1" })
    };
    assert_eq!(stage.post(&page.token, &path, finish()).await.refused(), (6000, Some(1_363_045)));
    let (mut start, mut end) = (number(&begun["start_offset"]), number(&begun["end_offset"]));
    assert_eq!((start, end), (0, PIECE));
    while start < end {
        let next = transfer(&stage, &page, session, start, &bytes[start..end]).await.ok();
        if start == PIECE {
            let again = transfer(&stage, &page, session, start, &bytes[start..end]).await;
            assert_eq!(again.refused(), (6001, Some(1_363_037)));
            // Numbers here, texts in responses.
            let told = &again.json()["error"]["error_data"];
            assert_eq!(told["start_offset"], number(&next["start_offset"]));
            assert_eq!(told["end_offset"], number(&next["end_offset"]));
        }
        (start, end) = (number(&next["start_offset"]), number(&next["end_offset"]));
    }
    assert_eq!((start, end), (bytes.len(), bytes.len()));
    assert_eq!(stage.post(&page.token, &path, finish()).await.ok(), json!({ "success": true }));
    let published = stage.sandbox.facebook().published();
    assert_eq!((published.len(), published[0].kind), (1, Kind::Video));
    assert_eq!(published[0].sha256, sha256(&bytes));
    let fields = "universal_video_id,description,created_time";
    let list = stage.get(&page.token, &format!("{path}?fields={fields}&limit=10")).await.ok();
    assert_eq!(
        (&list["data"][0]["id"], &list["data"][0]["universal_video_id"]),
        (&json!(id), &json!("job-1"))
    );
}

#[tokio::test]
async fn a_piece_of_another_size_is_refused_and_a_session_can_be_given_up() {
    let (stage, page) = connected().await;
    let path = format!("{}/videos", page.id);
    let begun =
        stage.post(&page.token, &path, json!({ "upload_phase": "start", "file_size": 250_000 })).await.ok();
    let session = begun["upload_session_id"].as_str().unwrap();
    let bytes = video(250_000);
    assert_eq!(transfer(&stage, &page, session, 0, &bytes).await.refused(), (6001, None));
    assert_eq!(transfer(&stage, &page, session, 0, &[]).await.refused(), (6001, None));
    let cancel = json!({ "upload_phase": "cancel", "upload_session_id": session });
    assert_eq!(stage.post(&page.token, &path, cancel).await.ok(), json!({ "success": true }));
    assert_eq!(transfer(&stage, &page, session, 0, &bytes[..PIECE]).await.refused(), (100, Some(33)));
    let empty = stage.post(&page.token, &path, json!({ "upload_phase": "start", "file_size": 0 })).await;
    assert_eq!(empty.refused(), (100, None));
}

#[tokio::test]
async fn a_video_is_fetched_from_an_address() {
    let (stage, page) = connected().await;
    let router = Router::new().route("/video.mp4", get(|| async { video(5_000) }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    let path = format!("{}/videos", page.id);
    for (file, uploading) in [("video.mp4", "complete"), ("missing.mp4", "error")] {
        let body = json!({ "file_url": format!("{base}/{file}"), "description": "From afar" });
        let id = stage.post(&page.token, &path, body).await.ok()["id"].as_str().unwrap().to_owned();
        let status = stage.status(&page, &id).await;
        assert_eq!(status["uploading_phase"]["status"], uploading);
    }
    assert_eq!(stage.sandbox.facebook().published().len(), 1);
    let refused = stage.post(&page.token, &path, json!({ "file_url": "ftp://example.com/v" })).await;
    assert_eq!(refused.refused(), (389, None));
}
