//! An interrupted chunk leaves nothing; a folder outlives its process.

use crate::harness::{Folder, SIZE, Stage, app, direct, file, sha256, stage, stage_with, video};
use crate::stage::{cut_off, hear_out, open_put};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

fn headers(length: usize, first: usize, last: usize, total: usize) -> [(&'static str, String); 3] {
    [
        ("Content-Type", "video/mp4".to_owned()),
        ("Content-Length", length.to_string()),
        ("Content-Range", format!("bytes {first}-{last}/{total}")),
    ]
}

/// Sends a chunk's headers and half of its bytes, then closes.
async fn cut(url: &str, bytes: &[u8], first: usize, last: usize, total: usize) {
    // Other bytes than the real ones: none of them may remain.
    cut_off(url, &headers(bytes.len(), first, last, total), &vec![7; bytes.len() / 2]).await;
}

async fn upload_with_a_cut(stage: &Stage) {
    let token = stage.connect("demokitchen", "all").await.access;
    let data = stage.init(&token, &direct("SELF_ONLY", file(SIZE))).await.data();
    let url = data["upload_url"].as_str().unwrap();
    let bytes = video(SIZE);
    for chunk in 0..6 {
        let first = chunk * 10_000_000;
        let end = if chunk == 5 { SIZE } else { first + 10_000_000 };
        if chunk % 2 == 0 {
            cut(url, &bytes[first..end], first, end - 1, SIZE).await;
            let status = stage.status(&token, data["publish_id"].as_str().unwrap()).await.data();
            assert_eq!(status["uploaded_bytes"], first);
        }
        let reply = stage.put(url, &bytes[first..end], first, end - 1, SIZE).await;
        assert_eq!(reply.status, if chunk == 5 { 201 } else { 206 });
    }
    let published = stage.sandbox.tiktok().published();
    assert_eq!(published[0].sha256, sha256(&bytes));
}

#[tokio::test]
async fn a_cut_chunk_leaves_nothing_in_memory() {
    upload_with_a_cut(&stage().await).await;
}

#[tokio::test]
async fn a_cut_chunk_leaves_nothing_on_disk() {
    let folder = Folder::new();
    upload_with_a_cut(&stage_with(app(), Some(folder.0.clone())).await).await;
}

#[tokio::test]
async fn an_upload_resumes_after_the_sandbox_was_killed() {
    let folder = Folder::new();
    let bytes = video(SIZE);
    let first = stage_with(app(), Some(folder.0.clone())).await;
    let tokens = first.connect("demokitchen", "all").await;
    let data = first.init(&tokens.access, &direct("PUBLIC_TO_EVERYONE", file(SIZE))).await.data();
    let url = data["upload_url"].as_str().unwrap().to_owned();
    for chunk in 0..3 {
        let start = chunk * 10_000_000;
        let end = start + 10_000_000;
        assert_eq!(first.put(&url, &bytes[start..end], start, end - 1, SIZE).await.status, 206);
    }
    cut(&url, &bytes[30_000_000..40_000_000], 30_000_000, 39_999_999, SIZE).await;
    // The first sandbox is not shut down: it just no longer exists.
    let base = first.base.clone();
    drop(first);

    let second = stage_with(app(), Some(folder.0.clone())).await;
    let url = url.replace(&base, &second.base);
    for chunk in 3..6 {
        let start = chunk * 10_000_000;
        let end = if chunk == 5 { SIZE } else { start + 10_000_000 };
        let reply = second.put(&url, &bytes[start..end], start, end - 1, SIZE).await;
        assert_eq!(reply.status, if chunk == 5 { 201 } else { 206 }, "{}", reply.body);
    }
    let published = second.sandbox.tiktok().published();
    assert_eq!((published.len(), published[0].sha256.as_str()), (1, sha256(&bytes).as_str()));
    let mut status = Value::Null;
    for _ in 0..4 {
        status = second.status(&tokens.access, data["publish_id"].as_str().unwrap()).await.data();
    }
    assert_eq!(status["publicaly_available_post_id"][0], published[0].post_id.unwrap());
    drop(second);

    let third = stage_with(app(), Some(folder.0.clone())).await;
    assert_eq!(third.sandbox.tiktok().published(), published);
}

#[tokio::test]
async fn thousands_of_publications_stay_fast() {
    let stage = stage().await;
    stage.sandbox.tiktok().set_limits(social_sandbox::tiktok::Limits::unlimited());
    let token = stage.connect("demokitchen", "all").await.access;
    for _ in 0..2_000 {
        stage.publish(&token, &video(64), "SELF_ONLY").await;
    }
    assert_eq!(stage.sandbox.tiktok().published().len(), 2_000);
}

#[tokio::test]
async fn the_latest_of_two_requests_for_a_chunk_wins() {
    let folder = Folder::new();
    let stage = stage_with(app(), Some(folder.0.clone())).await;
    let token = stage.connect("demokitchen", "all").await.access;
    let bytes = video(1_000_000);
    let data = stage.init(&token, &direct("SELF_ONLY", file(bytes.len()))).await.data();
    let url = data["upload_url"].as_str().unwrap();
    let mut slow = open_put(url, &headers(bytes.len(), 0, bytes.len() - 1, bytes.len())).await;
    slow.write_all(&vec![7; 400_000]).await.unwrap();
    assert_eq!(stage.put(url, &bytes, 0, bytes.len() - 1, bytes.len()).await.status, 201);
    let _ = slow.write_all(&vec![7; 600_000]).await;
    assert!(!hear_out(slow).await.starts_with(b"HTTP/1.1 20"));
    let published = stage.sandbox.tiktok().published();
    assert_eq!((published.len(), published[0].sha256.as_str()), (1, sha256(&bytes).as_str()));
    let kept = std::fs::read_dir(folder.0.join("videos")).unwrap().next().unwrap().unwrap();
    assert_eq!(sha256(&std::fs::read(kept.path()).unwrap()), sha256(&bytes));
}
