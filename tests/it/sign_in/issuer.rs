//! An issuer's JWKS endpoint, over real HTTP, with scripted responses.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[derive(Debug, Default)]
struct Script {
    /// The response, byte for byte; if empty, the connection is dropped.
    answer: Vec<u8>,
    /// The heads of all requests so far.
    asked: Vec<String>,
}

/// The JWKS endpoint.
#[derive(Debug, Clone)]
pub(super) struct Issuer {
    script: Arc<Mutex<Script>>,
    url: String,
}

impl Issuer {
    /// Starts an issuer that publishes a set of keys.
    pub(super) async fn start(keys: &Value) -> Self {
        let (listener, issuer) = Self::listen("http").await;
        issuer.publish(keys);
        let of_task = issuer.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let issuer = of_task.clone();
                tokio::spawn(async move { issuer.serve(connection).await });
            }
        });
        issuer
    }

    /// Returns a socket, and its issuer.
    pub(super) async fn listen(scheme: &str) -> (TcpListener, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}/jwks", listener.local_addr().unwrap());
        (listener, Self { script: Arc::default(), url })
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Publishes a set of keys from now on.
    pub(super) fn publish(&self, keys: &Value) {
        self.answer(200, "application/json", keys.to_string().as_bytes());
    }

    /// Sends this response from now on.
    pub(super) fn answer(&self, status: u16, content_type: &str, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nLocation: {}\r\nConnection: close\r\n\r\n",
            body.len(),
            self.url
        );
        self.script.lock().unwrap().answer = [head.as_bytes(), body].concat();
    }

    /// Closes every connection from now on.
    pub(super) fn hang_up(&self) {
        self.script.lock().unwrap().answer.clear();
    }

    /// Returns how many requests it has received.
    pub(super) fn asked(&self) -> usize {
        self.script.lock().unwrap().asked.len()
    }

    /// Returns the head of the last request, in lower case.
    pub(super) fn last_head(&self) -> String {
        self.script.lock().unwrap().asked.last().cloned().unwrap()
    }

    /// Responds to one request.
    pub(super) async fn serve(&self, mut connection: impl AsyncRead + AsyncWrite + Unpin) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = connection.read_u8().await else { return };
            head.push(byte);
        }
        let answer = {
            let mut script = self.script.lock().unwrap();
            script.asked.push(String::from_utf8_lossy(&head).to_lowercase());
            script.answer.clone()
        };
        // A client that has read enough closes the connection.
        let _ = connection.write_all(&answer).await;
        let _ = connection.shutdown().await;
    }
}
