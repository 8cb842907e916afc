//! The wire between us and the platform, which a test can freeze.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Notify;

/// What a test does to a request to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freeze {
    /// It never arrives.
    BeforeTheCall,
    /// It arrives and takes effect; the response never arrives.
    AfterTheCall,
}

/// A proxy between us and the platform: counts requests and can freeze one.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) seen: AtomicUsize,
    freeze: Mutex<Option<(usize, Freeze)>>,
    frozen: Notify,
    going: Notify,
    odd: Mutex<Option<Odd>>,
}

/// A replacement in the responses to a path.
#[derive(Debug)]
struct Odd {
    path: &'static str,
    text: String,
    instead: String,
}

impl Wire {
    /// Freezes the `nth` request from now, counted from 1.
    pub(crate) fn freeze(&self, nth: usize, how: Freeze) {
        self.seen.store(0, Ordering::SeqCst);
        *self.freeze.lock().unwrap() = Some((nth, how));
    }

    /// Freezes no more requests.
    pub(crate) fn thaw(&self) {
        *self.freeze.lock().unwrap() = None;
    }

    /// Releases the frozen request.
    pub(crate) fn let_go(&self) {
        self.thaw();
        self.going.notify_one();
    }

    /// Returns when the request is frozen.
    pub(crate) async fn frozen(&self) {
        self.frozen.notified().await;
    }

    /// Writes `odd` for `text` in every response to a path that ends so.
    pub(crate) fn make_odd(&self, path: &'static str, text: &str, odd: &str) {
        *self.odd.lock().unwrap() = Some(Odd { path, text: text.to_owned(), instead: odd.to_owned() });
    }

    /// Returns the changed response. It must contain the text.
    async fn made_odd(&self, path: &str, response: Response) -> Response {
        let is_meant = self.odd.lock().unwrap().as_ref().is_some_and(|odd| path.ends_with(odd.path));
        if !is_meant {
            return response;
        }
        let (mut head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let odd = self.odd.lock().unwrap();
        let Odd { text, instead, .. } = odd.as_ref().unwrap();
        assert!(body.contains(text), "{body} holds no {text}");
        head.headers.remove(axum::http::header::CONTENT_LENGTH);
        Response::from_parts(head, body.replace(text, instead).into())
    }

    pub(crate) async fn pass(&self, request: Request, next: Next) -> Response {
        let nth = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let freeze = self.freeze.lock().unwrap().filter(|(at, _)| *at == nth).map(|(_, how)| how);
        if freeze == Some(Freeze::BeforeTheCall) {
            self.frozen.notify_one();
            self.going.notified().await;
        }
        let path = request.uri().path().to_owned();
        let response = next.run(request).await;
        let response = self.made_odd(&path, response).await;
        if freeze == Some(Freeze::AfterTheCall) {
            self.frozen.notify_one();
            self.going.notified().await;
        }
        response
    }
}
