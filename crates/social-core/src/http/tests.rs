//! What goes over the wire, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::header::HeaderName;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use super::{Body, Call, Effect, Http, Reply, SendError};
use crate::clock::{Clock as _, Deadline, SystemClock};
use crate::secret::AccessToken;

/// Sends a call to a server that responds with `answer`, and returns the head of the request too.
async fn exchange(
    answer: &'static str,
    call: impl FnOnce(Url) -> Call,
) -> (String, Result<Reply, SendError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/session?key=canary", listener.local_addr().unwrap())).unwrap();
    let heard = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut heard = [0; 4096];
        let length = connection.read(&mut heard).await.unwrap();
        connection.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&heard[..length]).to_lowercase()
    });
    let http = Http::new(Arc::new(SystemClock));
    let deadline = Deadline::after(SystemClock.now(), Duration::from_secs(10));
    let reply = http.send(call(url), None, deadline).await;
    (heard.await.unwrap(), reply)
}

#[tokio::test]
async fn an_unfinished_upload_is_a_reply_and_no_redirect() {
    let answer = "HTTP/1.1 308 Resume Incomplete\r\nRange: bytes=0-8388607\r\nLocation: http://127.0.0.1:9/elsewhere\r\nContent-Length: 0\r\n\r\n";
    let (_, reply) = exchange(answer, |url| Call::new(Method::PUT, url, Effect::Read)).await;
    let reply = reply.unwrap();
    assert_eq!((reply.status, reply.is_success()), (308, false));
    assert_eq!(reply.header("Range"), Some("bytes=0-8388607"));
    assert_eq!(reply.header("location"), Some("http://127.0.0.1:9/elsewhere"));
    assert_eq!(reply.header("x-app-usage"), None);
}

#[tokio::test]
async fn a_call_without_a_body_says_so_in_its_length() {
    for method in [Method::PUT, Method::POST, Method::DELETE] {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let (heard, _) = exchange(answer, |url| {
            Call::new(method, url, Effect::Read).header(http::header::CONTENT_RANGE, "bytes */73400320")
        })
        .await;
        assert!(heard.contains("content-length: 0\r\n") && !heard.contains("transfer-encoding"), "{heard}");
        assert!(heard.contains("content-range: bytes */73400320\r\n"), "{heard}");
    }
}

#[tokio::test]
async fn metas_upload_hosts_are_given_their_own_scheme_and_headers() {
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}";
    let (heard, reply) = exchange(answer, |url| {
        Call::new(Method::POST, url, Effect::Idempotent)
            .oauth(&AccessToken::new("page-token"))
            .header(HeaderName::from_static("offset"), 1_048_576)
            .header(HeaderName::from_static("file_size"), 7_340_032)
            .body(Body::Empty)
    })
    .await;
    assert!(heard.contains("authorization: oauth page-token\r\n"), "{heard}");
    assert!(heard.contains("offset: 1048576\r\n") && heard.contains("file_size: 7340032\r\n"), "{heard}");
    assert!(reply.unwrap().is_success());
}

#[tokio::test]
async fn neither_a_call_nor_its_failure_prints_the_query() {
    // The server hangs up after the connection opens. The error of reqwest then holds the whole URL.
    let (heard, reply) = exchange("", |url| {
        let call =
            Call::new(Method::GET, url, Effect::Read).query(&[("client_secret", "canary"), ("a", "b&c")]);
        let printed = format!("{call:?}");
        assert!(printed.ends_with("/session") && !printed.contains("canary"), "{printed}");
        call
    })
    .await;
    assert!(heard.contains("?key=canary&client_secret=canary&a=b%26c"), "{heard}");
    let error = reply.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}
