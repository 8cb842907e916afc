//! Requests that arrive byte by byte: a bound ends each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::world::World;

/// Serves the functions as `social-server` does.
async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Arc::clone(&world.app);
    let router = Router::new().fallback(async move |request: Request| app.answer(request).await);
    tokio::spawn(social_sandbox::serve(listener, router, std::future::pending()));
    address
}

/// Sends `before` at once and then a byte a second, in virtual time, until the server ends the connection. Returns what it
/// said, and when.
async fn drip(address: SocketAddr, before: &str, bytes: &str) -> (String, Duration) {
    let (mut from, mut to) = TcpStream::connect(address).await.unwrap().into_split();
    to.write_all(before.as_bytes()).await.unwrap();
    tokio::time::pause();
    let began = Instant::now();
    let said = tokio::spawn(async move {
        let mut said = Vec::new();
        // A reset is an end too.
        let _ = from.read_to_end(&mut said).await;
        String::from_utf8(said).unwrap()
    });
    for byte in bytes.bytes().cycle() {
        if said.is_finished() || to.write_all(&[byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(began.elapsed() < Duration::from_mins(5), "nothing ends it");
    }
    tokio::time::resume();
    (said.await.unwrap(), began.elapsed())
}

#[tokio::test]
async fn headers_that_arrive_byte_by_byte_end_after_ten_seconds() {
    let world = World::new().await;
    let address = serve(&world).await;
    let (said, took) =
        drip(address, "GET /api/social-health HTTP/1.1\r\nhost: localhost\r\n", "a: b\r\n").await;
    assert_eq!(said, "");
    assert!((10..13).contains(&took.as_secs()), "{took:?}");
}

#[tokio::test]
async fn a_body_that_arrives_byte_by_byte_ends_after_a_minute() {
    let world = World::new().await;
    let address = serve(&world).await;
    let head = "POST /api/tiktok-webhook HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60000\r\n\r\n";
    let (said, took) = drip(address, head, "{ }").await;
    assert!(said.starts_with("HTTP/1.1 400 ") && said.contains("body_unreadable"), "{said}");
    assert!((60..63).contains(&took.as_secs()), "{took:?}");
}
