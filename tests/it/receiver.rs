//! An endpoint of the product: it keeps every webhook message that it gets, and answers as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

use crate::wire::Wire;

/// 32 bytes.
pub(crate) const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// A message as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub(crate) fn sequence(&self) -> i64 {
        self.json()["data"]["sequence"].as_i64().unwrap()
    }
}

#[derive(Default)]
struct Told {
    arrived: Mutex<Vec<Arrived>>,
    answers: Mutex<VecDeque<StatusCode>>,
    always: Mutex<Option<StatusCode>>,
}

/// An endpoint on loopback.
#[derive(Clone)]
pub(crate) struct Receiver {
    told: Arc<Told>,
    /// Between the worker and itself.
    pub(crate) wire: Arc<Wire>,
    pub(crate) url: String,
}

async fn receive(State(told): State<Arc<Told>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    told.arrived.lock().unwrap().push(Arrived { headers, body });
    let always = *told.always.lock().unwrap();
    let next = told.answers.lock().unwrap().pop_front();
    next.or(always).unwrap_or(StatusCode::NO_CONTENT)
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let told = Arc::new(Told::default());
        let wire = Arc::new(Wire::default());
        let through = Arc::clone(&wire);
        let pass = middleware::from_fn(move |request: Request, next: Next| {
            let wire = Arc::clone(&through);
            async move { wire.pass(request, next).await }
        });
        let router = Router::new().route("/hooks", post(receive)).with_state(Arc::clone(&told)).layer(pass);
        tokio::spawn(social_sandbox::serve(listener, router, std::future::pending()));
        Self { told, wire, url }
    }

    /// Answers the next messages so, one by one.
    pub(crate) fn answer(&self, statuses: &[StatusCode]) {
        self.told.answers.lock().unwrap().extend(statuses);
    }

    /// Answers all others so.
    pub(crate) fn always(&self, status: StatusCode) {
        *self.told.always.lock().unwrap() = Some(status);
    }

    /// Returns what arrived so far.
    pub(crate) fn all(&self) -> Vec<Arrived> {
        self.told.arrived.lock().unwrap().clone()
    }

    /// Returns the types of what arrived since the last look.
    pub(crate) fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut *self.told.arrived.lock().unwrap())
    }
}

/// Compares a message's signatures with the real library's. The library's check of the time reads the real clock, which
/// the tests do not follow.
pub(crate) fn is_genuine(message: &Arrived, secret: &str) -> bool {
    let time = message.header("webhook-timestamp").parse().unwrap();
    let library = Webhook::new(secret).unwrap();
    let signature = library.sign(message.header("webhook-id"), time, &message.body).unwrap();
    message.header("webhook-signature").split(' ').any(|one| one == signature)
}
