//! Serves connections that may end without a response.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// 8 s for open requests after the shutdown: many hosts kill a container 10 s after they ask it to stop.
const PATIENCE: Duration = Duration::from_secs(8);
/// 10 s for the headers of a request: a slow caller must not keep a connection for nothing.
const HEADERS: Duration = Duration::from_secs(10);
/// 512 connections at once. Each holds at most one request, so memory is limited too. Others wait in the system's queue.
const MOST: usize = 512;
/// How long to wait after a failed accept: the process has run out of a resource.
const BREATH: Duration = Duration::from_millis(50);

/// Marks a response that is never written: the connection ends instead.
#[derive(Debug, Clone, Copy)]
pub struct HangUp;

/// Serves `app` like `axum::serve`, but ends the connection if a response carries [`HangUp`].
pub async fn serve(listener: TcpListener, app: Router, shutdown: impl Future<Output = ()>) {
    serve_at_most(MOST, listener, app, shutdown).await;
}

async fn serve_at_most(most: usize, listener: TcpListener, app: Router, shutdown: impl Future<Output = ()>) {
    let open = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(most));
    let accept = async || {
        let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
        listener.accept().await.map(|(stream, _)| (stream, place))
    };
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = accept() => match accepted {
                Ok((stream, place)) => connection(stream, place, app.clone(), &open),
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(BREATH).await;
                }
            },
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(PATIENCE, open.shutdown()).await.is_err() {
        tracing::warn!("requests were still open at the end of the shutdown");
    }
}

/// Serves one connection, which gives its place back at its end.
fn connection(stream: TcpStream, place: OwnedSemaphorePermit, app: Router, open: &GracefulShutdown) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY");
    }
    let peer = stream.peer_addr();
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        if let Ok(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let reply = app.call(request);
        async move {
            let Ok(response) = reply.await;
            if response.extensions().get::<HangUp>().is_some() { Err(cut_off()) } else { Ok(response) }
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let served = open.watch(served);
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}

/// Returns a response that [`serve`] turns into the end of the connection; any other server cuts off its
/// body.
pub(crate) fn hang_up() -> Response {
    let mut response = breaking_off(StatusCode::BAD_GATEWAY, Bytes::new(), 1);
    response.extensions_mut().insert(HangUp);
    response
}

/// Returns the same response with its full length announced and half of its body sent.
pub(crate) async fn half_of(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else { return hang_up() };
    let whole = whole.to_bytes();
    if whole.is_empty() {
        return hang_up();
    }
    let half = whole.slice(..whole.len() / 2);
    let mut cut = breaking_off(parts.status, half, whole.len());
    let length = cut.headers_mut().remove(header::CONTENT_LENGTH);
    *cut.headers_mut() = parts.headers;
    if let Some(length) = length {
        cut.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    cut
}

fn breaking_off(status: StatusCode, sent: Bytes, announced: usize) -> Response {
    let mut stage = 0_u8;
    let mut sent = Some(sent);
    let frames = futures_util::stream::poll_fn(move |context| {
        stage = stage.saturating_add(1);
        match stage {
            1 => Poll::Ready(sent.take().map(Ok)),
            // A poll without data makes the server flush its buffer.
            2 => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            3 => Poll::Ready(Some(Err(cut_off()))),
            _ => Poll::Ready(None),
        }
    });
    let mut response = Response::new(Body::from_stream(frames));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_LENGTH, announced.into());
    response
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the sandbox was asked to close the connection")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn ask(stream: &mut TcpStream, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
    }

    async fn answered(stream: &mut TcpStream) -> bool {
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        head.ends_with(b"200")
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_waits_until_another_ends() {
        let waiting = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&waiting);
        let app = Router::new().route("/first", get(async || "")).route(
            "/second",
            get(async move || {
                seen.fetch_add(1, Ordering::SeqCst);
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve_at_most(1, listener, app, std::future::pending()));
        let mut first = TcpStream::connect(address).await.unwrap();
        ask(&mut first, "/first").await;
        assert!(answered(&mut first).await);
        let mut second = TcpStream::connect(address).await.unwrap();
        ask(&mut second, "/second").await;
        // Without the limit, one of these turns of the runtime serves the second.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(waiting.load(Ordering::SeqCst), 0);
        drop(first);
        assert!(answered(&mut second).await);
        assert_eq!(waiting.load(Ordering::SeqCst), 1);
    }
}
