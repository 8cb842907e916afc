//! `multipart/related` (RFC 2387): a video's metadata and its bytes in one request.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use memchr::memmem::find;
use std::io;

/// The longest part before the bytes of the video.
const LONGEST_HEAD: usize = 1 << 20;

/// Such a request, read up to its second part.
pub(super) struct Related {
    /// The first part: the metadata.
    pub(super) metadata: Bytes,
    /// The content type of the second part.
    pub(super) media_type: String,
    /// The second part, as a stream. It is cut off if the request does not end correctly.
    pub(super) media: Body,
}

impl Related {
    /// Reads both heads and the first part; `None` if it is no such request.
    pub(super) async fn read(headers: &HeaderMap, mut body: Body) -> Option<Self> {
        let delimiter = format!("--{}", boundary(headers)?);
        let mut read = BytesMut::new();
        let (metadata, media_type, rest) = loop {
            if let Some((metadata, media_type, at)) = heads(&read, &delimiter) {
                break (metadata, media_type, read.split_off(at));
            }
            if read.len() > LONGEST_HEAD {
                return None;
            }
            read.extend_from_slice(&body.frame().await?.ok()?.into_data().unwrap_or_default());
        };
        // The line break before a delimiter is part of it; some clients write it without a carriage return.
        let end = format!(
            "{}{delimiter}--",
            if read.starts_with(format!("{delimiter}\r").as_bytes()) { "\r\n" } else { "\n" }
        );
        Some(Self { metadata, media_type, media: without(body, rest, end) })
    }
}

/// Returns the boundary from the content type.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, parameters) = kind.split_once(';')?;
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
    kind.trim().eq_ignore_ascii_case("multipart/related").then(|| boundary.trim_matches('"').to_owned())
}

/// Returns the first part, the second's content type and where its bytes start, once all of that has arrived.
fn heads(read: &[u8], delimiter: &str) -> Option<(Bytes, String, usize)> {
    let first = read.strip_prefix(delimiter.as_bytes())?;
    let first = read.len() - first.len();
    let (_, content) = head(read, first)?;
    let next = content + find(read.get(content..)?, format!("\n{delimiter}").as_bytes())?;
    let metadata = read.get(content..next)?;
    let metadata = Bytes::copy_from_slice(metadata.strip_suffix(b"\r").unwrap_or(metadata));
    let (lines, media) = head(read, next + 1 + delimiter.len())?;
    let kind = lines.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    Some((metadata, kind.unwrap_or_default(), media))
}

/// Returns a part's head from `at` on, and where the part itself starts.
fn head(read: &[u8], at: usize) -> Option<(&str, usize)> {
    let rest = read.get(at..)?;
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let (length, end) = ends.iter().filter_map(|end| Some((find(rest, end)?, end.len()))).min()?;
    Some((std::str::from_utf8(rest.get(..length)?).ok()?, at + length + end))
}

/// Returns the bytes of a body without its `end`, which is held back until the body ends.
fn without(body: Body, held: BytesMut, end: String) -> Body {
    let pieces = stream::unfold(Some((body, held)), move |state| {
        let end = end.clone();
        async move {
            let (mut body, mut held) = state?;
            loop {
                // A line break may follow.
                let spare = held.len().saturating_sub(end.len() + 2);
                if spare > 0 {
                    return Some((Ok(held.split_to(spare).freeze()), Some((body, held))));
                }
                match body.frame().await {
                    Some(Ok(frame)) => held.extend_from_slice(&frame.into_data().unwrap_or_default()),
                    Some(Err(error)) => return Some((Err(io::Error::other(error)), None)),
                    None => break,
                }
            }
            let closed = held.trim_ascii_end().strip_suffix(end.as_bytes()).map(Bytes::copy_from_slice);
            let last = closed.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof));
            Some((last, None))
        }
    });
    Body::from_stream(pieces.boxed())
}

#[cfg(test)]
mod tests {
    use super::Related;
    use axum::body::Body;
    use bytes::Bytes;
    use futures_util::stream;
    use http::{HeaderMap, HeaderValue, header};
    use http_body_util::BodyExt as _;
    use std::convert::Infallible;

    async fn read(text: &str, piece: usize) -> Option<(Bytes, String, Option<Bytes>)> {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("multipart/related; boundary=\"=xyz=\"");
        headers.insert(header::CONTENT_TYPE, kind);
        let pieces: Vec<_> = text
            .as_bytes()
            .chunks(piece)
            .map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece)))
            .collect();
        let related = Related::read(&headers, Body::from_stream(stream::iter(pieces))).await?;
        let media = related.media.collect().await.ok().map(http_body_util::Collected::to_bytes);
        Some((related.metadata, related.media_type, media))
    }

    #[tokio::test]
    async fn both_parts_come_out_byte_by_byte_whatever_the_line_breaks_and_pieces() {
        let text = "--=xyz=\nContent-Type: application/json\nMIME-Version: 1.0\n\n{\"a\": 1}\n--=xyz=\n\
                    content-type: video/mp4\n\n\n--=xy bytes\n\n--=xyz=--";
        let media = "\n--=xy bytes\n";
        for (text, media) in [
            (text.to_owned(), media.to_owned()),
            (text.replace('\n', "\r\n") + "\r\n", media.replace('\n', "\r\n")),
        ] {
            for piece in [1, 7, 1_000] {
                let (metadata, kind, found) = read(&text, piece).await.expect("two parts");
                assert_eq!((&metadata[..], kind.as_str()), (&b"{\"a\": 1}"[..], "video/mp4"));
                assert_eq!(found.expect("whole"), media.as_bytes());
            }
            let (.., cut) = read(&text[..text.len() - 5], 7).await.expect("two heads");
            assert_eq!(cut, None, "what does not end is not a video");
        }
        assert!(read("no part", 7).await.is_none());
    }
}
