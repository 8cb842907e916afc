//! The upload host: all the missing bytes from an offset, and interruptions.

use crate::harness::{Folder, Stage, app, read, sha256, stage, stage_with, video};
use serde_json::{Value, json};
use social_sandbox::instagram::{Limits, UploadType};
use std::path::PathBuf;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

const SIZE: usize = 1_000_000;
const STRETCH: usize = 64 << 10;

async fn session(storage: Option<PathBuf>) -> (Stage, String, String, Value) {
    let stage = stage_with(app(), storage).await;
    let (id, token) = stage.connect("demokitchen").await;
    let body = json!({ "media_type": "REELS", "upload_type": "resumable" });
    let made = stage.post(&token, &format!("{id}/media"), body).await.ok();
    (stage, id, token, made)
}

fn kind(reply: &crate::harness::Reply) -> (u16, String) {
    (reply.status, reply.json()["debug_info"]["type"].as_str().unwrap_or_default().to_owned())
}

/// Sends headers and some of the bytes, then closes.
async fn cut(uri: &str, token: &str, bytes: &[u8], offset: usize, sent: usize) {
    let url = Url::parse(uri).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: OAuth {token}\r\nConnection: close\r\n\
         offset: {offset}\r\nfile_size: {}\r\nContent-Length: {}\r\n\r\n",
        url.path(),
        bytes.len(),
        bytes.len() - offset,
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[offset..offset + sent]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
}

async fn resumed(storage: Option<PathBuf>) {
    let (stage, id, token, made) = session(storage).await;
    let (container, uri) = (made["id"].as_str().unwrap(), made["uri"].as_str().unwrap());
    let bytes = video(SIZE);
    cut(uri, &token, &bytes, 0, 600_000).await;
    let kept = 600_000 / STRETCH * STRETCH;
    for offset in [0, 600_000] {
        let reply = stage.upload(uri, &token, &bytes, offset).await;
        assert_eq!(kind(&reply), (400, "OffsetInvalidError".into()));
    }
    cut(uri, &token, &bytes, kept, 100_000).await;
    let kept = (kept + 100_000) / STRETCH * STRETCH;
    let reply = stage.upload(uri, &token, &bytes, kept).await;
    assert_eq!(reply.ok(), json!({ "success": true, "message": "Upload successful." }));
    assert_eq!(kind(&stage.upload(uri, &token, &bytes, 0).await), (400, "OffsetInvalidError".into()));
    assert_eq!(stage.settled(&token, container).await, "FINISHED");
    assert_eq!(stage.publish(&token, &id, container).await.status, 200);
    assert_eq!(stage.sandbox.instagram().published()[0].sha256, sha256(&bytes));
}

#[tokio::test]
async fn an_interrupted_upload_resumes_in_memory() {
    resumed(None).await;
}

#[tokio::test]
async fn an_interrupted_upload_resumes_on_disk() {
    let folder = Folder::new();
    resumed(Some(folder.0.clone())).await;
}

#[tokio::test]
async fn an_upload_has_its_own_manners() {
    let (stage, _, token, made) = session(None).await;
    let uri = made["uri"].as_str().unwrap();
    let bytes = video(1_000);
    let bearer = stage.client.post(uri).bearer_auth(&token).header("offset", 0).header("file_size", 1_000);
    assert_eq!(kind(&read(bearer.body(bytes.clone())).await), (401, "NotAuthorizedError".into()));
    let oauth = || stage.client.post(uri).header("authorization", format!("OAuth {token}"));
    let part = oauth().header("offset", 0).header("file_size", 1_000).body(bytes[..500].to_vec());
    assert_eq!(kind(&read(part).await), (400, "PartialRequestError".into()));
    let no_size = oauth().header("offset", 0).body(bytes.clone());
    assert_eq!(kind(&read(no_size).await), (400, "PartialRequestError".into()));
    let (_, other) = stage.connect("quietgarden").await;
    assert_eq!(kind(&stage.upload(uri, &other, &bytes, 0).await).0, 401);
    assert_eq!(stage.upload(uri, &token, &bytes, 0).await.status, 200);
}

#[tokio::test]
async fn the_flavour_may_not_take_uploads() {
    let stage = stage().await;
    let (id, token) = stage.connect("demokitchen").await;
    stage.sandbox.instagram().set_limits(Limits { upload_type: UploadType::Refused, ..Limits::default() });
    let body = json!({ "media_type": "REELS", "upload_type": "resumable" });
    assert_eq!(stage.post(&token, &format!("{id}/media"), body).await.refused(), (100, None));
}
