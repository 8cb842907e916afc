use std::error::Error;
use std::time::Duration;

use super::server::{Answer, Request, Server, Then, kept_alive, partial, partial_head, raw, sources};
use crate::video::{SourceError, VideoFile};

const BYTES: &[u8] = b"0123456789abcdefghij";

/// Opens honestly, then reads `5..15` with the given response.
async fn reading(
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Result<Vec<u8>, SourceError> {
    let server =
        Server::start(
            move |request| {
                if request.opens() { partial(request, BYTES, "\"v1\"") } else { answer(request) }
            },
        );
    let sources = sources().with_stall(Duration::from_millis(200));
    let file = sources.open(&server.url("/v.mp4?token=secret")).await?.file;
    sources.read_all(&file, 5..15).await.map(|bytes| bytes.to_vec())
}

fn head(range: std::ops::Range<u64>) -> String {
    partial_head(&range, 20, "\"v1\"")
}

#[tokio::test]
async fn an_honest_range_is_read_and_asked_for_properly() {
    let server = Server::honest(BYTES);
    let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
    assert_eq!((file.size, file.ranged, file.etag.as_deref()), (20, true, Some("\"v1\"")));
    assert_eq!(file.media_type.as_deref(), Some("video/mp4"));
    assert_eq!(sources().read_all(&file, 5..15).await.unwrap(), &BYTES[5..15]);
    let request = server.seen().pop().unwrap();
    assert_eq!(request.header("if-match"), Some("\"v1\""));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    assert_eq!(request.header("range"), Some("bytes=5-14"));

    let row = serde_json::to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<VideoFile>(&row).unwrap(), file);
}

#[tokio::test]
async fn one_connection_serves_all_reads_of_a_file() {
    let server = Server::start(|request| kept_alive(request, BYTES));
    let sources = sources();
    let file = sources.open(&server.url("/v.mp4")).await.unwrap().file;
    for _ in 0..3 {
        assert_eq!(sources.read_all(&file, 5..15).await.unwrap(), &BYTES[5..15]);
    }
    assert_eq!((server.seen().len(), server.connections()), (4, 1));
}

#[tokio::test]
async fn answers_that_are_not_the_range_are_caught() {
    let cases: Vec<(&str, Answer, &str)> = vec![
        ("a short body", raw(&head(5..15), &BYTES[5..12]), "video_truncated"),
        (
            "a short length",
            raw(&head(5..15).replace("length: 10", "length: 9"), &BYTES[5..14]),
            "video_truncated",
        ),
        (
            "a long length",
            raw(&head(5..15).replace("length: 10", "length: 11"), &BYTES[5..16]),
            "video_overrun",
        ),
        ("a long body", raw(&chunked(&head(5..15)), b"b\r\n56789abcdef\r\n0\r\n\r\n"), "video_overrun"),
        (
            "a body that ends late",
            raw(&chunked(&head(5..15)), b"a\r\n56789abcde\r\n1\r\nf\r\n0\r\n\r\n"),
            "video_overrun",
        ),
        ("an open end", raw(&chunked(&head(5..15)), b"5\r\n56789\r\n0\r\n\r\n"), "video_truncated"),
        ("a broken end", raw(&chunked(&head(5..15)), b"5\r\n56789\r\n"), "video_truncated"),
        ("another range", raw(&head(4..14), &BYTES[4..14]), "video_range_mismatch"),
        ("a shorter range", raw(&head(5..14), &BYTES[5..14]), "video_range_mismatch"),
        (
            "a nonsense range",
            raw(&head(5..15).replace("5-14/20", "14-5/20"), &BYTES[5..15]),
            "video_range_mismatch",
        ),
        (
            "an encoded body",
            raw(&format!("{}\r\ncontent-encoding: gzip", head(5..15)), &BYTES[5..15]),
            "video_range_mismatch",
        ),
        ("another length", raw(&head(5..15).replace("/20", "/21"), &BYTES[5..15]), "video_changed"),
        ("another tag", raw(&head(5..15).replace("v1", "v2"), &BYTES[5..15]), "video_changed"),
        ("no tag", raw(&head(5..15).replace("etag: \"v1\"", "x: y"), &BYTES[5..15]), "video_changed"),
        ("a failed condition", raw("412 Precondition Failed\r\ncontent-length: 0", b""), "video_changed"),
        ("a silent server", (Vec::new(), Then::Hang), "video_stalled"),
        ("a stalled body", (raw(&head(5..15), &BYTES[5..7]).0, Then::Hang), "video_stalled"),
        ("a closed connection", (Vec::new(), Then::Close), "video_unreachable"),
        ("trouble", raw("503 Service Unavailable\r\ncontent-length: 0", b""), "video_server_error"),
    ];
    for (name, answer, code) in cases {
        let error = reading(move |_| answer.clone()).await.expect_err(name);
        assert_eq!(error.code(), code, "{name}");
        assert_silent(&error);
    }
    let whole = raw(&chunked(&head(5..15)), b"a\r\n56789abcde\r\n0\r\n\r\n");
    assert_eq!(reading(move |_| whole.clone()).await.unwrap(), &BYTES[5..15]);
}

fn chunked(head: &str) -> String {
    head.replace("content-length: 10", "transfer-encoding: chunked")
}

/// Nothing that is printed holds the URL.
fn assert_silent(error: &SourceError) {
    let mut text = format!("{error:?} {error}");
    let mut cause = error.source();
    while let Some(found) = cause {
        text.extend([found.to_string(), format!("{found:?}")]);
        cause = found.source();
    }
    assert!(!text.contains("secret") && !text.contains("v.mp4"), "{text}");
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let expired = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let cases: Vec<(&str, Answer, &str)> = vec![
        (
            "a redirect",
            raw("302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0", b""),
            "video_url_forbidden",
        ),
        ("a redirect to nowhere", raw("302 Found\r\ncontent-length: 0", b""), "video_url_redirects"),
        ("nothing there", raw("404 Not Found\r\ncontent-length: 0", b""), "video_not_found"),
        (
            "an old signature",
            raw(&format!("403 Forbidden\r\ncontent-length: {}", expired.len()), expired),
            "video_url_expired",
        ),
        ("a private file", raw("403 Forbidden\r\ncontent-length: 0", b""), "video_access_denied"),
        ("an empty file", raw("200 OK\r\ncontent-length: 0", b""), "video_empty"),
        (
            "an empty range",
            raw("416 Range Not Satisfiable\r\ncontent-range: bytes */0\r\ncontent-length: 0", b""),
            "video_empty",
        ),
        (
            "no length",
            raw(&chunked("200 OK\r\ncontent-length: 10"), b"1\r\n0\r\n0\r\n\r\n"),
            "video_range_unsupported",
        ),
        (
            "an unknown total",
            raw("206 Partial Content\r\ncontent-range: bytes 0-0/*\r\ncontent-length: 1", b"0"),
            "video_range_unsupported",
        ),
        (
            "no content range",
            raw("206 Partial Content\r\ncontent-length: 1", b"0"),
            "video_range_unsupported",
        ),
        (
            "an error that never ends",
            (raw("403 Forbidden\r\ncontent-length: 9999", b"wait").0, Then::Hang),
            "video_access_denied",
        ),
        ("no HTTP", (b"SSH-2.0-OpenSSH\r\n".to_vec(), Then::Close), "video_unreachable"),
    ];
    for (name, answer, code) in cases {
        let server = Server::start(move |_| answer.clone());
        let sources = sources().with_stall(Duration::from_millis(200));
        let error = sources.open(&server.url("/v.mp4?token=secret")).await.expect_err(name);
        assert_eq!(error.code(), code, "{name}");
        assert_silent(&error);
    }
}

#[tokio::test]
async fn a_refused_connection_is_transient_and_prints_no_url() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = sources().open(&format!("http://127.0.0.1:{port}/v.mp4?token=secret")).await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("video_unreachable", true));
    assert_silent(&error);
}

#[tokio::test]
async fn a_source_without_ranges_is_read_from_its_beginning_only() {
    let server = Server::start(|_| raw("200 OK\r\ncontent-length: 20", BYTES));
    let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
    assert_eq!((file.size, file.ranged), (20, false));
    assert_eq!(sources().read_all(&file, 0..20).await.unwrap(), BYTES);
    assert_eq!(sources().read_all(&file, 0..7).await.unwrap(), &BYTES[..7]);
    assert_eq!(sources().read_all(&file, 1..7).await.unwrap(), &BYTES[1..7]);
    assert_eq!(server.seen().last().unwrap().header("range"), None);
    // What lies far behind the beginning is not fetched for the sake of a few bytes.
    let file = VideoFile { size: 33_000_000, ..file };
    let asked = server.seen().len();
    let far = sources().read_all(&file, 32_000_001..32_000_002).await.unwrap_err();
    assert_eq!((far.code(), server.seen().len()), ("video_range_unsupported", asked));
}

#[tokio::test]
async fn ranges_outside_the_file_are_not_asked_for() {
    let server = Server::honest(BYTES);
    let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
    for range in [0..21, 20..21, 5..5, 0..u64::MAX] {
        assert_eq!(sources().read_all(&file, range).await.unwrap_err().code(), "video_range_outside");
    }
    assert_eq!(server.seen().len(), 1);
}
