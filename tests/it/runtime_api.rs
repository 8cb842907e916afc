//! A small Lambda runtime API: it sends events and receives the responses
//! (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// What a function did with an event, or instead of requesting one.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// It responded.
    Response { id: String, body: Value },
    /// It reported that the invocation failed.
    Error { id: String, body: Value },
    /// It reported that it could not start.
    InitError { body: Value },
}

/// One waiting invocation.
struct Invocation {
    id: String,
    event: String,
    deadline: u64,
}

/// The runtime API for one function process.
pub(crate) struct RuntimeApi {
    address: SocketAddr,
    events: mpsc::UnboundedSender<Invocation>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    invoked: u32,
}

struct Shared {
    events: Mutex<mpsc::UnboundedReceiver<Invocation>>,
    outcomes: mpsc::UnboundedSender<Outcome>,
}

impl RuntimeApi {
    /// Listens on loopback.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, waiting) = mpsc::unbounded_channel();
        let (done, outcomes) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { events: Mutex::new(waiting), outcomes: done });
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(shared);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, events, outcomes, invoked: 0 }
    }

    /// Returns the value of `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Sends `event` to the function, with a `deadline` in milliseconds since 1970, and waits for the
    /// outcome. Returns the invocation's id with it.
    pub(crate) async fn invoke(&mut self, event: &Value, deadline: u64) -> (String, Outcome) {
        self.invoked += 1;
        let id = format!("invocation-{}", self.invoked);
        self.events.send(Invocation { id: id.clone(), event: event.to_string(), deadline }).unwrap();
        (id, self.outcomes.recv().await.unwrap())
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let Some(Invocation { id, event, deadline }) = shared.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:x".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(State(shared): State<Arc<Shared>>, id: Path<String>, body: Bytes) -> StatusCode {
    told(&shared, Outcome::Response { id: id.0, body: json(&body) })
}

async fn error(State(shared): State<Arc<Shared>>, id: Path<String>, body: Bytes) -> StatusCode {
    told(&shared, Outcome::Error { id: id.0, body: json(&body) })
}

async fn init_error(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    told(&shared, Outcome::InitError { body: json(&body) })
}

/// Decodes JSON as Lambda does: the runtime names no content type.
fn json(body: &Bytes) -> Value {
    serde_json::from_slice(body).expect("a function says JSON")
}

fn told(shared: &Shared, outcome: Outcome) -> StatusCode {
    // The receiver is gone after the test.
    let _ = shared.outcomes.send(outcome);
    StatusCode::ACCEPTED
}
