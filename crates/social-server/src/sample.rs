//! A small real video to try things with, served as a good host does: with ranges and a strong tag.

use std::ops::Range;
use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::site::entity_tag;

/// Six seconds, 720 × 1280, H.264 and AAC.
const VIDEO: &[u8] = include_bytes!("../assets/sample.mp4");

static TAG: LazyLock<String> = LazyLock::new(|| entity_tag(VIDEO));

/// Returns the video, or the requested range (RFC 9110 §14).
pub(crate) async fn video(headers: HeaderMap) -> Response {
    let given = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let names_it = |tags: &str| tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim() == *TAG);
    if given(header::IF_MATCH).is_some_and(|tags| !names_it(tags)) {
        return StatusCode::PRECONDITION_FAILED.into_response();
    }
    let about = [
        (header::CONTENT_TYPE, "video/mp4"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::ETAG, TAG.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    // A client with part of another file cannot use a range of this one, so it gets the whole file.
    let asked = given(header::RANGE).filter(|_| given(header::IF_RANGE).is_none_or(|tag| tag == *TAG));
    let size = VIDEO.len();
    let Some(asked) = asked.and_then(|text| text.strip_prefix("bytes=")).filter(|text| !text.contains(','))
    else {
        return (about, Bytes::from_static(VIDEO)).into_response();
    };
    match range(asked, size).and_then(|range| Some((range.clone(), VIDEO.get(range)?))) {
        Some((range, part)) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end.saturating_sub(1));
            let place = [(header::CONTENT_RANGE, place)];
            (StatusCode::PARTIAL_CONTENT, about, place, Bytes::from_static(part)).into_response()
        }
        None => (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{size}"))])
            .into_response(),
    }
}

/// Returns the one range of a `Range` header; `None` if the video does not have it.
fn range(text: &str, size: usize) -> Option<Range<usize>> {
    let (first, last) = text.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", tail) => size.saturating_sub(tail.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => first.parse().ok()?..last.parse::<usize>().ok()?.saturating_add(1).min(size),
    };
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_what_the_video_has_of_it() {
        assert_eq!(range("0-1", 10), Some(0..2));
        assert_eq!(range("8-99", 10), Some(8..10));
        assert_eq!(range("4-", 10), Some(4..10));
        assert_eq!(range("-3", 10), Some(7..10));
        for none in ["10-", "5-4", "-0", "x-1", "3", "18446744073709551616-"] {
            assert_eq!(range(none, 10), None, "{none}");
        }
    }
}
