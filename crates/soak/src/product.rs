//! The product as its users see it: HTTP to any process that responds, with retries.

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use jsonwebtoken::{EncodingKey, Header};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::dice::Dice;
use crate::error::SoakError;
use crate::fleet::Fleet;

/// The secret that signs users' tokens.
pub(crate) const JWT_SECRET: &str = "the-secret-of-every-soak-run";
/// The secret of the scheduler.
pub(crate) const WORKER_SECRET: &str = "the-worker-of-every-soak-run";
/// The path of the functions.
pub(crate) const FUNCTIONS: &str = "/.netlify/functions";

/// Two and a half minutes: longer than any outage.
const PATIENCE: Duration = Duration::from_secs(150);

/// Returns a client that follows no redirects and retries nothing.
pub(crate) fn client() -> Result<Client, SoakError> {
    let client = Client::builder()
        .tls_backend_preconfigured(social_core::http::tls_config())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy();
    Ok(client.build()?)
}

/// The product.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) client: Client,
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) dice: Mutex<Dice>,
    /// The folder of the processes' logs, for error messages.
    pub(crate) folder: PathBuf,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    headers: Vec<(header::HeaderName, String)>,
    body: String,
}

/// A complete response that every process would give.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    /// Returns a request without an owner.
    pub(crate) fn new(method: Method, path: impl Display) -> Self {
        Self { method, path: format!("{FUNCTIONS}{path}"), headers: Vec::new(), body: String::new() }
    }

    /// Returns a request of an owner, with a token as their identity provider would sign it.
    pub(crate) fn by(owner: &str, method: Method, path: impl Display) -> Result<Self, SoakError> {
        let claims = json!({ "sub": owner, "exp": 4_102_444_800_i64 });
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        let token = jsonwebtoken::encode(&Header::default(), &claims, &key)?;
        Ok(Self::new(method, path).header(header::AUTHORIZATION, format!("Bearer {token}")))
    }

    pub(crate) fn header(mut self, name: header::HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    pub(crate) fn text(mut self, body: String) -> Self {
        self.body = body;
        self
    }

    fn of(&self, client: &Client, origin: &str) -> RequestBuilder {
        let request = client.request(self.method.clone(), format!("{origin}{}", self.path));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.body(self.body.clone()).timeout(Duration::from_secs(15))
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

impl Answer {
    /// Decodes the body.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, SoakError> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// Returns the error's code, if it is one of ours.
    pub(crate) fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Product {
    /// Makes one attempt, at a process that responded a moment ago. An error is returned as text.
    pub(crate) async fn try_once(&self, ask: &Ask) -> Result<Answer, String> {
        let ready = self.fleet.ready();
        let index = self.dice.lock().unwrap_or_else(PoisonError::into_inner).index(ready.len());
        let origin = ready.get(index).and_then(|index| self.fleet.origin(*index));
        let Some(origin) = origin else { return Err("no process responds".to_owned()) };
        let reply = ask.of(&self.client, &origin).send().await.map_err(|error| error.to_string())?;
        let (status, headers) = (reply.status(), reply.headers().clone());
        let body = reply.bytes().await.map_err(|error| error.to_string())?;
        Ok(Answer { status, headers, body })
    }

    /// Repeats a request until a response is not about the process's own outage.
    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Answer, SoakError> {
        let began = Instant::now();
        loop {
            let last = match self.try_once(ask).await {
                Ok(answer) if answer.status.is_server_error() => {
                    format!("{} {}", answer.status.as_u16(), answer.code())
                }
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            if began.elapsed() > PATIENCE {
                return Err(self.gave_up(ask, last));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sends a request, and decodes the response, which must be a success.
    pub(crate) async fn read<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, SoakError> {
        let answer = self.ask(ask).await?;
        if !answer.status.is_success() {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(SoakError::Refused { request: ask.name(), status: answer.status.as_u16(), body });
        }
        answer.json()
    }

    fn gave_up(&self, ask: &Ask, last: String) -> SoakError {
        if self.fleet.ready().is_empty() {
            return SoakError::NoWorker(self.folder.clone());
        }
        SoakError::NoAnswer { request: ask.name(), seconds: PATIENCE.as_secs(), last }
    }
}

/// Invokes one worker again and again, as a scheduler does.
pub(crate) async fn invoke(product: Arc<Product>, index: usize, mut dice: Dice) {
    let ask = Ask::new(Method::POST, "/social-post-worker")
        .header(header::AUTHORIZATION, format!("Bearer {WORKER_SECRET}"));
    while let Some(origin) = product.fleet.origin(index) {
        // A stopped process refuses the connection, and one without a database returns 500: a scheduler
        // continues.
        let _ = ask.of(&product.client, &origin).timeout(Duration::from_secs(30)).send().await;
        tokio::time::sleep(dice.millis(200, 1_500)).await;
    }
}
