//! Serves a stored video to a browser's player: whole or one range of it.

use crate::call::empty;
use crate::page::escape;
use crate::sandbox::Sandbox;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

/// How much is read and sent at once.
const PIECE: u64 = 1 << 16;

/// Returns the file of that path and type, or the requested range of it.
pub(crate) async fn file(found: Option<(PathBuf, &'static str)>, request: &HeaderMap) -> Response {
    let Some((path, mime)) = found else { return empty(StatusCode::NOT_FOUND) };
    match open(&path, mime, request).await {
        Ok(response) => response,
        Err(error) if error.kind() == io::ErrorKind::NotFound => empty(StatusCode::NOT_FOUND),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Returns a player for our own pages; `path` is the file's path.
pub(crate) fn player(sandbox: &Sandbox, path: &str, attributes: &str) -> String {
    if sandbox.storage().is_none() {
        return "<div class=\"none\">The video is not stored</div>".into();
    }
    format!("<video {attributes} src=\"{}\"></video>", escape(&sandbox.link(path)))
}

async fn open(path: &Path, mime: &'static str, request: &HeaderMap) -> io::Result<Response> {
    let mut file = File::open(path).await?;
    let size = file.metadata().await?.len();
    let asked = request.get(header::RANGE).and_then(|value| value.to_str().ok());
    let (status, start, end) = match asked.map(|text| range(text, size)) {
        None => (StatusCode::OK, 0, size),
        Some(Some((start, end))) => (StatusCode::PARTIAL_CONTENT, start, end),
        Some(None) => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    file.seek(SeekFrom::Start(start)).await?;
    let pieces = stream::try_unfold((file, end - start), next);
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_LENGTH, (end - start).to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let mut response = (status, headers, Body::from_stream(pieces)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let described = format!("bytes {start}-{}/{size}", end.saturating_sub(1));
        if let Ok(value) = described.parse() {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
    }
    Ok(response)
}

async fn next((mut file, left): (File, u64)) -> io::Result<Option<(Bytes, (File, u64))>> {
    let mut piece = Vec::new();
    let read = (&mut file).take(PIECE.min(left)).read_to_end(&mut piece).await?;
    let read = u64::try_from(read).unwrap_or(0);
    Ok((read > 0).then(|| (piece.into(), (file, left.saturating_sub(read)))))
}

/// Returns the one range of a `Range` header as `start..end`; `None` if the file does not have it.
fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (first.trim(), last.trim()) {
        ("", tail) => (size.saturating_sub(tail.parse().ok()?), size),
        (first, "") => (first.parse().ok()?, size),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.saturating_add(1).min(size)),
    };
    (start < end).then_some((start, end))
}
