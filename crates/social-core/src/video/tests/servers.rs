//! What real servers of files do that others do not: each kind is opened, looked into and read like any other.

use futures_util::StreamExt as _;

use super::server::{Answer, Request, Server, partial_head, raw, sources};
use crate::video::{Reading, SourceError};

/// Longer than the beginning that a file is opened with.
const SIZE: u64 = 200_000;

fn bytes(range: std::ops::Range<u64>) -> Vec<u8> {
    range.map(|at| u8::try_from(at % 251).unwrap()).collect()
}

const TAG: &str = "\r\netag: \"v1\"";
const DATE: &str = "\r\nlast-modified: Sun, 01 Nov 2026 10:00:00 GMT";

fn part(range: std::ops::Range<u64>, size: u64, names: &str) -> Answer {
    let head =
        partial_head(&range, size, "").replace("\r\netag: ", "").replace("\r\ncontent-type: video/mp4", "");
    raw(&format!("{head}{names}"), &bytes(range))
}

fn all(size: u64, names: &str) -> Answer {
    raw(&format!("200 OK\r\ncontent-length: {size}{names}"), &bytes(0..size))
}

fn unsatisfiable(size: u64) -> Answer {
    raw(&format!("416 Range Not Satisfiable\r\ncontent-range: bytes */{size}\r\ncontent-length: 0"), b"")
}

/// A server of a file of so many bytes.
type Kind = fn(&Request, u64) -> Answer;

fn asked(request: &Request, size: u64) -> std::ops::Range<u64> {
    request.range_of(size).unwrap_or(0..size)
}

fn is_one_byte(request: &Request) -> bool {
    request.range().is_some_and(|range| range.end - range.start == 1)
}

/// The kinds, by one that is known for it. All serve ranges and name their file.
const KINDS: &[(&str, Kind)] = &[
    ("nginx", |request, size| part(asked(request, size), size, &format!("{TAG}{DATE}"))),
    ("WhiteNoise: no range of one byte", |request, size| {
        if is_one_byte(request) { unsatisfiable(size) } else { part(asked(request, size), size, TAG) }
    }),
    ("sirv: all of it for the first byte, and no tag", |request, size| {
        let range = if request.range() == Some(0..1) { 0..size } else { asked(request, size) };
        part(range, size, DATE)
    }),
    ("BusyBox, s3rver: the same, with a tag", |request, size| {
        let range = if request.range() == Some(0..1) { 0..size } else { asked(request, size) };
        part(range, size, TAG)
    }),
    ("Tornado: 200 where the range is the whole", |request, size| {
        let range = asked(request, size);
        if range == (0..size) { all(size, TAG) } else { part(range, size, TAG) }
    }),
    ("a handler that sends so much at most", |request, size| {
        let range = asked(request, size);
        part(range.start..range.end.min(range.start + 30_000), size, TAG)
    }),
    ("one that always sends so much", |request, size| {
        let start = asked(request, size).start;
        part(start..size.min(start + 70_000), size, TAG)
    }),
    ("one that sends to the end, whatever was asked", |request, size| {
        part(asked(request, size).start..size, size, DATE)
    }),
    ("one that refuses what reaches beyond the end", |request, size| {
        let range = request.range().unwrap();
        if range.end > size { unsatisfiable(size) } else { part(range, size, TAG) }
    }),
    ("s3s: framing of the upload as a coding", |request, size| {
        part(asked(request, size), size, &format!("{TAG}\r\ncontent-encoding: aws-chunked"))
    }),
    ("S3: an empty coding", |request, size| {
        part(asked(request, size), size, &format!("{TAG}\r\ncontent-encoding: "))
    }),
];

#[tokio::test]
async fn servers_of_every_kind_are_read() {
    for &(kind, answer) in KINDS {
        for size in [17, 65_536, 65_537, SIZE] {
            let server = Server::start(move |request| answer(request, size));
            let opened = sources().open(&server.url("/v.mp4")).await.expect(kind);
            let file = opened.file.clone();
            assert_eq!(file.size, size, "{kind}");
            if size > 65_536 || !kind.starts_with("Tornado") {
                assert!(file.ranged, "{kind}, {size}");
            }
            assert!(bytes(0..size).starts_with(&opened.head) && !opened.head.is_empty(), "{kind}");
            for range in [0..16, size - 16..size, size - 1..size, 5..6, 0..size] {
                let read = sources().read_all(&file, range.clone()).await;
                assert_eq!(read.expect(kind), bytes(range.clone()), "{kind}, {range:?} of {size}");
            }
            // As it is published: range by range, the second a single byte.
            let mut reading = Reading::new(sources(), file, Vec::new());
            let mut read = Vec::new();
            for range in [0..size - 8, size - 8..size - 7, size - 7..size] {
                let mut body = reading.read(range).await.expect(kind);
                while let Some(piece) = body.next().await {
                    read.extend_from_slice(&piece.expect(kind));
                }
                assert!(reading.finish_range().fault.is_none(), "{kind}");
            }
            assert_eq!(read, bytes(0..size), "{kind}, {size}");
        }
    }
}

async fn opening(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Result<bool, SourceError> {
    let server = Server::start(answer);
    sources().open(&server.url("/v.mp4")).await.map(|opened| opened.file.ranged)
}

#[tokio::test]
async fn what_no_server_can_be_read_by_is_told_at_once() {
    // In parts that nothing names, and not as a whole either.
    let nameless = opening(|request| match request.range_of(SIZE) {
        Some(range) => part(range.start..range.end.min(range.start + 1_000), SIZE, ""),
        None => raw("400 Bad Request\r\ncontent-length: 0", b""),
    });
    assert_eq!(nameless.await.unwrap_err().code(), "video_range_unsupported");
    // The same, but for the whole: it is read from its beginning.
    let whole = opening(|request| match request.range_of(SIZE) {
        Some(range) => part(range, SIZE, ""),
        None => all(SIZE, ""),
    });
    assert!(!whole.await.unwrap());
    // It sends a length, but never serves a range.
    let stubborn =
        opening(|request| if request.range().is_some() { unsatisfiable(SIZE) } else { all(SIZE, TAG) });
    assert!(!stubborn.await.unwrap());
    for compressed in ["gzip", "br", "aws-chunked, gzip"] {
        for status in ["200 OK", "206 Partial Content\r\ncontent-range: bytes 0-9/10"] {
            let head = format!("{status}\r\ncontent-length: 10\r\ncontent-encoding: {compressed}{TAG}");
            let error = opening(move |_| raw(&head, b"0123456789")).await.unwrap_err();
            assert_eq!(error.code(), "video_range_mismatch");
            assert!(error.message().contains("compresses"), "{}", error.message());
        }
    }
}

#[tokio::test]
async fn a_whole_answer_to_a_part_counts_only_for_the_beginning_of_the_very_file() {
    let cases: &[(std::ops::Range<u64>, u64, &str, Option<&str>)] = &[
        (0..100, SIZE, TAG, None),
        (0..SIZE, SIZE, TAG, None),
        (0..100, SIZE, "\r\netag: \"v2\"", Some("video_changed")),
        (0..100, SIZE - 1, TAG, Some("video_changed")),
        (0..100, SIZE, "", Some("video_changed")),
        (1..100, SIZE, TAG, Some("video_range_ignored")),
    ];
    for (range, size, names, code) in cases.iter().cloned() {
        let server =
            Server::start(
                move |request| {
                    if request.opens() { part(0..65_536, SIZE, TAG) } else { all(size, names) }
                },
            );
        let file = sources().open(&server.url("/v.mp4")).await.unwrap().file;
        let read = sources().read_all(&file, range.clone()).await;
        match (read, code) {
            (Ok(read), None) => assert_eq!(read, bytes(range)),
            (Err(error), Some(code)) => assert_eq!(error.code(), code, "{range:?} {names}"),
            (read, _) => panic!("{range:?} {names}: {read:?}"),
        }
    }
}
