//! A file that was opened is the file that is read on, or nothing is.

use super::server::{Answer, Request, Server, partial_head, raw, sources};
use crate::video::{SourceError, VideoFile};

const BYTES: &[u8] = b"0123456789abcdefghij";
const DATE: &str = "last-modified: Sun, 01 Nov 2026 10:00:00 GMT";
const LATER: &str = "last-modified: Sun, 01 Nov 2026 10:00:01 GMT";

/// A part of the file, with these headers to name it.
fn part(request: &Request, names: &str) -> Answer {
    let range = request.range_of(20).unwrap_or(0..20);
    let bytes = &BYTES[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
    let head =
        partial_head(&range, 20, "").replace("\r\netag: ", "").replace("\r\ncontent-type: video/mp4", "");
    raw(&format!("{head}{}{names}", if names.is_empty() { "" } else { "\r\n" }), bytes)
}

/// Opens a file with some validators, and reads it again with other validators, or another response.
async fn read_on(
    first: &'static str,
    then: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> (VideoFile, Result<Vec<u8>, SourceError>, Request) {
    let server =
        Server::start(move |request| if request.opens() { part(request, first) } else { then(request) });
    let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
    let read = sources().read_all(&file, 5..15).await.map(|bytes| bytes.to_vec());
    (file, read, server.seen().pop().unwrap())
}

#[tokio::test]
async fn a_file_is_held_to_the_name_it_was_opened_under() {
    let cases: &[(&str, &str, Option<&str>)] = &[
        // By a strong tag. A date may be left out beside it; another one is another file: some servers keep the tag.
        ("etag: \"a\"", "etag: \"a\"", None),
        (
            "etag: \"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            "etag: \"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:01 GMT",
            Some("video_changed"),
        ),
        ("etag: \"a\"", "etag: \"b\"", Some("video_changed")),
        ("etag: \"a\"", "etag: W/\"a\"", Some("video_changed")),
        ("etag: \"a\"", "", Some("video_changed")),
        ("etag: \"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT", "etag: \"a\"", None),
        // Without one, the date, and the weak tag if there is one: another weak tag is another file.
        (DATE, DATE, None),
        (DATE, LATER, Some("video_changed")),
        (DATE, "", Some("video_changed")),
        (DATE, "etag: \"new\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT", None),
        (
            "etag: W/\"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            "etag: W/\"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            None,
        ),
        (
            "etag: W/\"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            "etag: W/\"b\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            Some("video_changed"),
        ),
        // What the server calls it: an error page may come with a friendly status.
        (
            "etag: \"a\"\r\ncontent-type: video/mp4",
            "etag: \"a\"\r\ncontent-type: text/html",
            Some("video_changed"),
        ),
        (
            "etag: \"a\"\r\ncontent-type: video/mp4",
            "etag: \"a\"\r\ncontent-type: Video/MP4; codecs=avc1",
            None,
        ),
        ("etag: \"a\"\r\ncontent-type: video/mp4", "etag: \"a\"", None),
        ("etag: \"a\"", "etag: \"a\"\r\ncontent-type: video/mp4", None),
    ];
    for &(first, then, code) in cases {
        let (_, read, _) = read_on(first, move |request| part(request, then)).await;
        match (read, code) {
            (Ok(bytes), None) => assert_eq!(bytes, &BYTES[5..15], "{first}, then {then}"),
            (Err(error), Some(code)) => assert_eq!(error.code(), code, "{first}, then {then}"),
            (read, _) => panic!("{first}, then {then}: {read:?}"),
        }
    }
}

#[tokio::test]
async fn the_condition_is_the_strong_tag_else_the_date() {
    for (first, name, value) in [
        ("etag: \"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT", "if-match", "\"a\""),
        (
            "etag: W/\"a\"\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            "if-unmodified-since",
            "sun, 01 nov 2026 10:00:00 gmt",
        ),
        (DATE, "if-unmodified-since", "sun, 01 nov 2026 10:00:00 gmt"),
        // A tag without quotes cannot be sent back.
        (
            "etag: abc\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT",
            "if-unmodified-since",
            "sun, 01 nov 2026 10:00:00 gmt",
        ),
    ] {
        let (_, read, request) = read_on(first, move |request| part(request, first)).await;
        assert!(read.is_ok(), "{first}");
        let sent: Vec<_> = ["if-match", "if-unmodified-since", "if-range"]
            .into_iter()
            .filter(|name| request.header(name).is_some())
            .collect();
        assert_eq!((sent, request.header(name)), (vec![name], Some(value)), "{first}");
    }
}

#[tokio::test]
async fn parts_of_a_file_without_a_name_are_not_put_together() {
    for names in ["", "etag: W/\"a\"", "etag: abc", "content-type: video/mp4"] {
        let server = Server::start(move |request| {
            if request.range().is_some() {
                part(request, names)
            } else {
                raw(format!("200 OK\r\ncontent-length: 20\r\n{names}").trim_end(), BYTES)
            }
        });
        let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
        assert!(!file.ranged, "{names}");
        // From its beginning, in one response, it can be read.
        assert_eq!(sources().read_all(&file, 0..20).await.unwrap(), BYTES, "{names}");
        assert_eq!(server.seen().pop().unwrap().header("range"), None, "{names}");
    }
}

#[tokio::test]
async fn the_whole_file_or_no_part_of_it_is_no_answer_to_a_range() {
    let cases: &[(&str, &str, &[u8], &str, bool)] = &[
        // A cache that ignores ranges, as some do on a miss: the same file, so another try may be luckier.
        ("the whole file", "200 OK\r\ncontent-length: 20\r\netag: \"a\"", BYTES, "video_range_ignored", true),
        ("another whole file", "200 OK\r\ncontent-length: 20\r\netag: \"b\"", BYTES, "video_changed", false),
        (
            "a whole file of another length",
            "200 OK\r\ncontent-length: 19\r\netag: \"a\"",
            &BYTES[1..],
            "video_changed",
            false,
        ),
        ("a whole file without a name", "200 OK\r\ncontent-length: 20", BYTES, "video_changed", false),
        (
            "a range that is gone",
            "416 Range Not Satisfiable\r\ncontent-length: 0",
            b"",
            "video_changed",
            false,
        ),
        (
            "a shorter file",
            "416 Range Not Satisfiable\r\ncontent-range: bytes */4\r\ncontent-length: 0",
            b"",
            "video_changed",
            false,
        ),
        (
            "a server that cannot count",
            "416 Range Not Satisfiable\r\ncontent-range: bytes */20\r\ncontent-length: 0",
            b"",
            "video_range_mismatch",
            false,
        ),
        ("a failed condition", "412 Precondition Failed\r\ncontent-length: 0", b"", "video_changed", false),
        (
            "several parts",
            "206 Partial Content\r\ncontent-type: multipart/byteranges; boundary=x\r\netag: \"a\"\r\ncontent-length: 0",
            b"",
            "video_range_mismatch",
            false,
        ),
        ("an empty success", "204 No Content\r\netag: \"a\"", b"", "video_refused", false),
    ];
    for &(name, head, body, code, is_transient) in cases {
        let (_, read, _) = read_on("etag: \"a\"", move |_| raw(head, body)).await;
        let error = read.unwrap_err();
        assert_eq!((error.code(), error.is_transient()), (code, is_transient), "{name}");
    }
}
