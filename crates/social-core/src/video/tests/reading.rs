use std::ops::Range;
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::StreamExt as _;

use super::server::{Answer, Request, Server, Then, partial, partial_head, raw, sources};
use crate::video::{RangeBody, RangeOutcome, Reading, SentRange, VideoFile};

const BYTES: &[u8] = b"0123456789abcdefghij";

/// Longer than what is held back of a file's end.
static LONG: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..200_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect());
const SIZE: u64 = 200_000;

async fn reading(server: &Server, sent: Vec<SentRange>) -> Reading {
    let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
    Reading::new(sources(), file, sent)
}

/// All of a range, or as much as arrives.
async fn drain(mut body: RangeBody) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(Ok(piece)) = body.next().await {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

async fn whole(reading: &mut Reading, range: Range<usize>) -> (Vec<u8>, RangeOutcome) {
    let range = range.start.try_into().unwrap()..range.end.try_into().unwrap();
    let body = reading.read(range).await.unwrap();
    (drain(body).await, reading.finish_range())
}

/// The first byte of each request, without those that open or confirm. Each is for the rest of the file.
fn asked(server: &Server) -> Vec<u64> {
    let seen = server.seen();
    let ranges: Vec<_> = seen
        .iter()
        .filter(|request| !request.opens())
        .filter_map(Request::range)
        .filter(|range| *range != (0..16))
        .collect();
    assert!(ranges.iter().all(|range| range.end == 20), "{ranges:?}");
    ranges.into_iter().map(|range| range.start).collect()
}

fn sent(first: usize, bytes: &[u8]) -> SentRange {
    let mut running = crate::video::checksum::Running::new();
    running.take(bytes);
    SentRange {
        first: first.try_into().unwrap(),
        bytes: bytes.len().try_into().unwrap(),
        checksum: running.so_far(),
    }
}

#[tokio::test]
async fn ranges_in_a_row_come_from_one_answer_and_the_last_waits_to_hear_that_the_file_is_the_same() {
    let server = Server::honest(BYTES);
    let mut reading = reading(&server, Vec::new()).await;
    for range in [3..8_usize, 8..15, 15..20] {
        let (bytes, passed) = whole(&mut reading, range.clone()).await;
        assert_eq!(bytes, &BYTES[range.clone()]);
        assert_eq!(passed.sent, Some(sent(range.start, &BYTES[range])));
    }
    assert_eq!(asked(&server), [3]);
    let confirmation = server.seen().pop().unwrap();
    assert_eq!((confirmation.range(), confirmation.header("if-match")), (Some(0..16), Some("\"v1\"")));
}

#[tokio::test]
async fn what_was_not_handed_on_whole_is_not_gone_on_from() {
    let server = Server::honest(BYTES);
    let mut reading = reading(&server, Vec::new()).await;
    let mut body = reading.read(0..10).await.unwrap();
    let first = body.next().await.unwrap().unwrap();
    assert_eq!(first, &BYTES[..10]);
    // All of it was passed on, so the next range could be read. But the platform requires this one again.
    drop(reading.finish_range());
    assert_eq!(whole(&mut reading, 0..10).await.0, &BYTES[..10]);
    // This one is ended before anything is taken from it.
    let body = reading.read(10..12).await.unwrap();
    assert_eq!(reading.finish_range().sent.map(|sent| sent.bytes), Some(0));
    assert!(drain(body).await.is_empty(), "nothing is handed on after the end");
    assert_eq!(whole(&mut reading, 10..12).await.0, &BYTES[10..12]);
    assert_eq!(asked(&server), [0, 0, 10]);
}

#[tokio::test]
async fn an_answer_that_served_and_broke_is_asked_for_again_from_the_very_byte() {
    // Each response ends after seven bytes.
    let server = Server::start(|request| {
        let range = request.range_of(20).unwrap();
        let end = range.end.min(range.start + if request.opens() { 20 } else { 7 });
        let part = &BYTES[usize::try_from(range.start).unwrap()..usize::try_from(end).unwrap()];
        raw(&partial_head(&range, 20, "\"v1\""), part)
    });
    let mut reading = reading(&server, Vec::new()).await;
    assert_eq!(whole(&mut reading, 0..5).await.0, &BYTES[..5]);
    assert_eq!(whole(&mut reading, 5..12).await.0, &BYTES[5..12]);
    assert_eq!(asked(&server), [0, 7]);
    // A fresh response that ends before the range does is a failure.
    let (bytes, passed) = whole(&mut reading, 0..12).await;
    assert_eq!(
        (bytes.as_slice(), passed.fault.map(|fault| fault.code())),
        (&BYTES[..7], Some("video_truncated"))
    );
}

#[tokio::test]
async fn bytes_that_are_sent_again_must_be_the_same() {
    let server = Server::honest(BYTES);
    // A part of a chunk was kept: reading begins with the chunk.
    let mut same = reading(&server, vec![sent(4, b"456789")]).await;
    assert_eq!(whole(&mut same, 7..20).await.0, &BYTES[7..]);
    assert_eq!(asked(&server), [4]);
    let mut other = reading(&server, vec![sent(4, b"456x89")]).await;
    let (bytes, passed) = whole(&mut other, 7..20).await;
    assert_eq!(passed.fault.map(|fault| fault.code()), Some("video_changed"));
    assert!(bytes.len() < 3, "the last byte that was sent before does not go out again");
}

#[tokio::test]
async fn a_server_without_ranges_is_read_on_and_read_again_and_compared_from_its_beginning() {
    let server = Server::start(|_| raw("200 OK\r\ncontent-length: 20", BYTES));
    let mut first = reading(&server, Vec::new()).await;
    for range in [0..5_usize, 5..12, 12..20] {
        assert_eq!(whole(&mut first, range.clone()).await.0, &BYTES[range]);
    }
    // One to open, one for all ranges, one to confirm.
    assert_eq!(server.seen().len(), 3);
    let mut second = reading(&server, vec![sent(0, b"01234"), sent(5, b"56789ab")]).await;
    assert_eq!(whole(&mut second, 12..20).await.0, &BYTES[12..]);
    let mut third = reading(&server, vec![sent(0, b"0x234"), sent(5, b"56789ab")]).await;
    assert_eq!(third.read(12..20).await.unwrap_err().code(), "video_changed");
    // This file has neither tag nor date: without a record of what was sent, nothing proves that it is unchanged.
    let mut fourth = reading(&server, vec![sent(0, b"01234"), sent(8, b"89ab")]).await;
    assert_eq!(fourth.read(12..20).await.unwrap_err().code(), "video_range_unsupported");
}

/// Serves a file honestly, but for the question whether it is the same.
fn asked_at_last(bytes: &'static [u8], answer: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| {
        if request.range() == Some(0..16) && request.header("if-match").is_some() {
            return answer();
        }
        partial(request, bytes, "\"v1\"")
    })
}

#[tokio::test]
async fn a_files_end_is_not_handed_on_where_its_server_does_not_confirm_it() {
    let empty = |head: &'static str| move || raw(&format!("{head}\r\ncontent-length: 0"), b"");
    let cases: Vec<(&str, Server)> = vec![
        ("video_changed", asked_at_last(&LONG, empty("412 Precondition Failed"))),
        ("video_changed", asked_at_last(&LONG, || raw(&partial_head(&(0..16), SIZE, "\"v2\""), &LONG[..16]))),
        (
            "video_changed",
            asked_at_last(&LONG, || raw(&partial_head(&(0..16), SIZE + 1, "\"v1\""), &LONG[..16])),
        ),
        ("video_not_found", asked_at_last(&LONG, empty("404 Not Found"))),
        ("video_access_denied", asked_at_last(&LONG, empty("403 Forbidden"))),
        ("video_server_error", asked_at_last(&LONG, empty("429 Too Many Requests"))),
        ("video_server_error", asked_at_last(&LONG, empty("503 Service Unavailable"))),
        ("video_unreachable", asked_at_last(&LONG, || (Vec::new(), Then::Close))),
        ("video_stalled", asked_at_last(&LONG, || (Vec::new(), Then::Hang))),
    ];
    for (code, server) in cases {
        let sources = sources().with_stall(Duration::from_millis(300));
        let file = sources.open(&server.url("/v.mp4")).await.unwrap().file;
        // All of the file in one range, its last range of two, and less than the held-back end.
        for begin in [0, 100_000, 150_000] {
            let mut reading = Reading::new(sources.clone(), file.clone(), Vec::new());
            if begin == 100_000 {
                assert_eq!(whole(&mut reading, 0..begin).await.0, &LONG[..begin]);
            }
            let (bytes, passed) = whole(&mut reading, begin..200_000).await;
            assert_eq!(bytes, &LONG[begin..begin.max(200_000 - 65_536)], "{code}: what is before goes out");
            assert_eq!(passed.fault.map(|fault| fault.code()), Some(code));
            assert_eq!(passed.sent, Some(sent(begin, &bytes)), "{code}");
        }
    }
}

#[tokio::test]
async fn what_ends_before_the_file_does_is_not_held_back() {
    let server = asked_at_last(&LONG, || raw("412 Precondition Failed\r\ncontent-length: 0", b""));
    let mut reading = reading(&server, Vec::new()).await;
    let (bytes, passed) = whole(&mut reading, 0..199_999).await;
    assert_eq!((bytes.len(), passed.fault.map(|fault| fault.code())), (199_999, None));
}

#[tokio::test]
async fn a_range_that_is_ended_while_its_end_is_held_back_has_failed_without_it() {
    let server = asked_at_last(&LONG, || (Vec::new(), Then::Hang));
    let mut reading = reading(&server, Vec::new()).await;
    let mut body = reading.read(150_000..200_000).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(300), body.next()).await;
    assert!(early.is_err(), "nothing is handed on yet");
    let passed = reading.finish_range();
    assert_eq!((passed.sent.unwrap().bytes, passed.fault.unwrap().code()), (0, "video_unconfirmed"));
}

#[tokio::test]
async fn a_range_that_is_ended_while_its_source_is_silent_has_failed_by_its_source() {
    let server = Server::start(|request| {
        if request.header("if-match").is_none() {
            return partial(request, &LONG, "\"v1\"");
        }
        (raw(&partial_head(&(0..SIZE), SIZE, "\"v1\""), &LONG[..50_000]).0, Then::Hang)
    });
    // Half of it is over, and not.
    for (stall, expected) in [(400, Some("video_stalled")), (60_000, None)] {
        let sources = sources().with_stall(Duration::from_millis(stall));
        let file = sources.open(&server.url("/v.mp4")).await.unwrap().file;
        let mut reading = Reading::new(sources, file, Vec::new());
        let mut body = reading.read(0..100_000).await.unwrap();
        let waiting = async { while body.next().await.is_some() {} };
        tokio::time::timeout(Duration::from_millis(300), waiting).await.unwrap_err();
        let passed = reading.finish_range();
        assert_eq!(passed.sent.unwrap().bytes, 50_000);
        assert_eq!(passed.fault.map(|fault| fault.code()), expected);
    }
}

#[tokio::test]
async fn an_answer_that_ends_before_the_range_does_is_gone_on_from() {
    // No more than a few bytes at a time, as many handlers do with megabytes.
    for most in [1, 3, 7, 19, 20, 21] {
        let server = Server::start(move |request| {
            let range = request.range_of(20).unwrap();
            let range = range.start..range.end.min(range.start + most);
            let part = &BYTES[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()];
            raw(&partial_head(&range, 20, "\"v1\""), part)
        });
        let opened = sources().open(&server.url("/v.mp4")).await.unwrap();
        assert_eq!(sources().read_all(&opened.file, 3..18).await.unwrap(), &BYTES[3..18], "{most}");
        let mut reading = Reading::new(sources(), opened.file, vec![sent(0, b"01234")]);
        assert_eq!(whole(&mut reading, 3..12).await.0, &BYTES[3..12], "{most}");
        assert_eq!(whole(&mut reading, 12..20).await.0, &BYTES[12..], "{most}");
    }
}

#[test]
fn a_range_can_be_a_request_body_on_any_thread() {
    fn takes<T: Send + Sync + 'static>(_: impl Future<Output = T> + Send) {}
    let file: VideoFile = serde_json::from_str(
        r#"{"url":"https://cdn.example.com/v.mp4","size":1,"etag":null,"last_modified":null,"media_type":null,"ranged":true}"#,
    )
    .unwrap();
    let mut reading = Reading::new(sources(), file, Vec::new());
    takes(async move { reading.read(0..1).await.unwrap() });
}
