//! The resumable protocol.

use serde_json::json;
use social_sandbox::youtube::Limits;
use social_sandbox::{Fault, FaultKind};
use std::time::Duration;

use crate::harness::{CHUNK, GRANULE, SIZE, stage};
use crate::stage::{Folder, Stage, apps, cut_off, hear_out, open_put, read, sha256, video};
use tokio::io::AsyncWriteExt as _;

#[tokio::test]
async fn a_video_arrives_in_chunks() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    assert_eq!(stage.state(&token, &url, SIZE).await.stored(), 0);
    for chunk in 0..3 {
        let reply = stage.chunk(&token, &url, &bytes, chunk * CHUNK, (chunk + 1) * CHUNK).await;
        assert_eq!((reply.stored(), reply.headers["content-length"].as_str()), ((chunk + 1) * CHUNK, "0"));
        assert!(stage.sandbox.youtube().published().is_empty(), "nothing exists before the last byte");
    }
    let done = stage.chunk(&token, &url, &bytes, 3 * CHUNK, SIZE).await;
    let video = done.json();
    assert_eq!((done.status, &video["kind"]), (200, &json!("youtube#video")));
    assert_eq!(video["status"]["uploadStatus"], "uploaded");
    assert_eq!(
        (&video["snippet"]["title"], video["id"].as_str().unwrap().len()),
        (&json!("Launch day 🚀"), 11)
    );
    let published = stage.sandbox.youtube().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
    assert_eq!(
        (published[0].video_id.as_str(), published[0].synthetic),
        (video["id"].as_str().unwrap(), true)
    );
    assert_eq!(published[0].tags, ["demo", "launch day"]);
    // The same final response to every query.
    for _ in 0..2 {
        let again = stage.state(&token, &url, SIZE).await;
        assert_eq!((again.status, again.json()["id"].clone()), (200, video["id"].clone()));
    }
    assert_eq!((stage.sandbox.youtube().calls("insert"), stage.sandbox.youtube().calls("upload")), (1, 4));
    assert_eq!(
        (stage.sandbox.youtube().calls("upload_last"), stage.sandbox.youtube().calls("upload_status")),
        (1, 3)
    );
}

#[tokio::test]
async fn a_video_may_come_in_one_piece_without_a_range() {
    let stage = stage().await;
    stage.sandbox.youtube().set_limits(Limits { done_status: 201, ..Limits::default() });
    let token = stage.connect("demostudio").await.access;
    let url = stage.session(&token, 1_000).await;
    let request = stage.client.put(&url).bearer_auth(&token).header("content-type", "video/mp4");
    assert_eq!(read(request.body(video(1_000))).await.status, 201);
    assert_eq!(stage.sandbox.youtube().published()[0].sha256, sha256(&video(1_000)));
}

fn headers(token: &str, from: usize, to: usize, total: usize) -> [(&'static str, String); 4] {
    [
        ("Authorization", format!("Bearer {token}")),
        ("Content-Type", "video/mp4".to_owned()),
        ("Content-Length", (to - from).to_string()),
        ("Content-Range", format!("bytes {from}-{}/{total}", to - 1)),
    ]
}

/// Sends a chunk of which only some bytes arrive.
async fn cut(token: &str, url: &str, all: &[u8], from: usize, to: usize, arrive: usize) {
    cut_off(url, &headers(token, from, to, all.len()), &all[from..from + arrive]).await;
}

async fn upload_with_cuts(stage: &Stage) {
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    cut(&token, &url, &bytes, 0, CHUNK, GRANULE - 1).await;
    assert_eq!(stage.state(&token, &url, SIZE).await.stored(), 0, "less than a granule is dropped");
    cut(&token, &url, &bytes, 0, CHUNK, GRANULE + 5_000).await;
    let here = stage.state(&token, &url, SIZE).await.stored();
    assert_eq!(here, GRANULE, "whole granules of a cut chunk stay");
    let reply = stage.chunk(&token, &url, &bytes, here, here + CHUNK).await;
    assert_eq!(reply.stored(), GRANULE + CHUNK);
    let here = reply.stored();
    cut(&token, &url, &bytes, here, SIZE, SIZE - here - 1).await;
    let here = stage.state(&token, &url, SIZE).await.stored();
    assert_eq!((here % GRANULE, here / GRANULE), (0, SIZE / GRANULE));
    assert!(stage.sandbox.youtube().published().is_empty());
    assert_eq!(stage.chunk(&token, &url, &bytes, here, SIZE).await.status, 200);
    let published = stage.sandbox.youtube().published();
    assert_eq!((published.len(), &published[0].sha256), (1, &sha256(&bytes)));
}

#[tokio::test]
async fn a_cut_chunk_leaves_its_whole_granules_in_memory() {
    upload_with_cuts(&stage().await).await;
}

#[tokio::test]
async fn a_cut_chunk_leaves_its_whole_granules_on_disk() {
    let folder = Folder::new();
    upload_with_cuts(&Stage::open(apps(), Some(folder.0.clone())).await).await;
}

#[tokio::test]
async fn an_upload_resumes_after_the_sandbox_was_killed() {
    let folder = Folder::new();
    let bytes = video(SIZE);
    let first = Stage::open(apps(), Some(folder.0.clone())).await;
    let token = first.connect("demostudio").await.access;
    let url = first.session(&token, SIZE).await;
    assert_eq!(first.chunk(&token, &url, &bytes, 0, CHUNK).await.stored(), CHUNK);
    let base = first.base.clone();
    drop(first);
    let second = Stage::open(apps(), Some(folder.0.clone())).await;
    let url = url.replace(&base, &second.base);
    let here = second.state(&token, &url, SIZE).await.stored();
    assert_eq!(second.chunk(&token, &url, &bytes, here, SIZE).await.status, 200);
    assert_eq!(second.sandbox.youtube().published()[0].sha256, sha256(&bytes));
    let published = second.sandbox.youtube().published();
    drop(second);
    let third = Stage::open(apps(), Some(folder.0.clone())).await;
    assert_eq!(third.sandbox.youtube().published(), published);
}

#[tokio::test]
async fn a_chunk_has_to_be_right_in_every_header() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    let bad = (400, "badRequest".to_owned());
    for (range, length) in [
        (format!("bytes 0-{}/{}", CHUNK - 1, SIZE + 1), CHUNK),
        (format!("bytes 0-{CHUNK}/{SIZE}"), CHUNK),
        (format!("bytes 0-{}/*", CHUNK - 1), CHUNK),
        (format!("0-{}/{SIZE}", CHUNK - 1), CHUNK),
        (format!("bytes {GRANULE}-{}/{SIZE}", GRANULE + CHUNK - 1), CHUNK),
        (format!("bytes 0-{}/{SIZE}", CHUNK - 2), CHUNK - 1),
        (format!("bytes */{}", SIZE - 1), 0),
        (format!("bytes */{SIZE}"), 1),
    ] {
        assert_eq!(stage.put(&token, &url, &bytes[..length], &range).await.refused(), bad, "{range}");
    }
    let range = format!("bytes 0-{}/{SIZE}", CHUNK - 1);
    let mut request = stage.put_request(&token, &url, &bytes[..CHUNK], &range).build().unwrap();
    request.headers_mut().insert("content-type", "video/webm".parse().unwrap());
    assert_eq!(stage.client.execute(request).await.unwrap().status(), 400);
    let other = stage.connect("quietgarden").await.access;
    assert_eq!(stage.put(&other, &url, &bytes[..CHUNK], &range).await.refused(), (403, "forbidden".into()));
    assert_eq!(stage.put("none", &url, &bytes[..CHUNK], &range).await.refused(), (401, "authError".into()));
    let empty = stage.client.put(&url).bearer_auth(&token).header("content-range", format!("bytes */{SIZE}"));
    assert_eq!(read(empty).await.status, 411, "a question says that it is empty");
    assert_eq!(stage.state(&token, &url, SIZE).await.stored(), 0);
    assert_eq!(stage.put(&token, &url, &bytes[..CHUNK], &range).await.stored(), CHUNK);
    assert_eq!(stage.put(&token, &url, &bytes[..CHUNK], &range).await.refused(), bad, "never twice");
}

#[tokio::test]
async fn a_session_expires() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await;
    let url = stage.session(&token.access, SIZE).await;
    let lost = url.replace("upload_id=ADPycd", "upload_id=other");
    assert_eq!(stage.state(&token.access, &lost, SIZE).await.status, 404);
    stage.sandbox.advance_clock(Duration::from_hours(7 * 24));
    let access = crate::harness::tokens(&stage.refresh(&token.refresh.unwrap()).await).access;
    assert_eq!(stage.state(&access, &url, SIZE).await.status, 404);
    stage.sandbox.youtube().set_limits(Limits { dead_session_status: 410, ..Limits::default() });
    assert_eq!(stage.chunk(&access, &url, &video(SIZE), 0, CHUNK).await.status, 410);
    let url = stage.session(&access, SIZE).await;
    stage.sandbox.youtube().expire_sessions();
    assert_eq!(stage.state(&access, &url, SIZE).await.status, 410);
}

#[tokio::test]
async fn a_session_can_move() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    stage.sandbox.fail(Fault::youtube("upload", FaultKind::Moved));
    let reply = stage.chunk(&token, &url, &bytes, 0, CHUNK).await;
    let next = reply.headers["location"].clone();
    assert!(next != url && reply.stored() == CHUNK);
    assert_eq!(stage.state(&token, &url, SIZE).await.status, 404);
    assert_eq!(stage.chunk(&token, &next, &bytes, CHUNK, SIZE).await.status, 200);
}

#[tokio::test]
async fn the_latest_of_two_requests_for_a_chunk_wins() {
    let stage = stage().await;
    let token = stage.connect("demostudio").await.access;
    let bytes = video(SIZE);
    let url = stage.session(&token, SIZE).await;
    let mut slow = open_put(&url, &headers(&token, 0, CHUNK, SIZE)).await;
    slow.write_all(&[7; 1_000]).await.unwrap();
    while stage.sandbox.youtube().calls("upload") == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.chunk(&token, &url, &bytes, 0, CHUNK).await.stored(), CHUNK);
    let _ = slow.write_all(&vec![7; CHUNK - 1_000]).await;
    assert!(!hear_out(slow).await.starts_with(b"HTTP/1.1 308"));
    assert_eq!(stage.chunk(&token, &url, &bytes, CHUNK, SIZE).await.status, 200);
    assert_eq!(stage.sandbox.youtube().published()[0].sha256, sha256(&bytes));
}
