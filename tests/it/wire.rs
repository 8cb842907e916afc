//! The wire between us and the platform, which a test can freeze.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Notify;

/// What a test does to a request on its way to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freeze {
    /// It never arrives.
    BeforeTheCall,
    /// It arrives and takes effect; the answer never comes back.
    AfterTheCall,
}

/// Stands between us and the platform: counts requests and can freeze one.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) seen: AtomicUsize,
    freeze: Mutex<Option<(usize, Freeze)>>,
    frozen: Notify,
    going: Notify,
}

impl Wire {
    /// Freezes the `nth` request from now, counted from 1.
    pub(crate) fn freeze(&self, nth: usize, how: Freeze) {
        self.seen.store(0, Ordering::SeqCst);
        *self.freeze.lock().unwrap() = Some((nth, how));
    }

    /// Freezes no further request.
    pub(crate) fn thaw(&self) {
        *self.freeze.lock().unwrap() = None;
    }

    /// Lets the frozen request go on.
    pub(crate) fn let_go(&self) {
        self.thaw();
        self.going.notify_one();
    }

    /// Comes back when the request has been frozen.
    pub(crate) async fn frozen(&self) {
        self.frozen.notified().await;
    }

    pub(crate) async fn pass(&self, request: Request, next: Next) -> Response {
        let nth = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let freeze = self.freeze.lock().unwrap().filter(|(at, _)| *at == nth).map(|(_, how)| how);
        if freeze == Some(Freeze::BeforeTheCall) {
            self.frozen.notify_one();
            self.going.notified().await;
        }
        let response = next.run(request).await;
        if freeze == Some(Freeze::AfterTheCall) {
            self.frozen.notify_one();
            self.going.notified().await;
        }
        response
    }
}
