//! Outgoing calls: a request as data, a complete response, and the one client that sends them.
//!
//! The client follows no redirects and retries nothing. The publisher decides whether to repeat a call. It
//! decides by the call's [`Effect`], and by how far the last one got ([`SendError`]).

mod authorization;
mod body;
pub(crate) mod lenient;
mod part;
mod reply;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Method};
use url::Url;

pub use self::authorization::Authorization;
use self::body::{Guard, GuardedBody, Lapsed, Source};
pub use self::part::VideoPart;
pub use self::reply::{MAX_REPLY, Reply};
use crate::clock::{Clock, Deadline};
use crate::secret::{AccessToken, FormValue};

/// The effect of sending a call twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// No effect: it only queries.
    Read,
    /// The same effect as sending it once, so it may be repeated.
    Idempotent,
    /// A second effect. It is sent once; if its response is lost, the outcome is queried, or the result is in
    /// doubt.
    Once,
}

impl Effect {
    /// Returns its name in the attempt log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Once => "once",
        }
    }
}

/// The body of a call.
#[derive(Debug, Clone)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(serde_json::Value),
    /// A form (`application/x-www-form-urlencoded`).
    Form(Vec<(&'static str, FormValue)>),
    /// The bytes `start..end` of the post's video, streamed from its source.
    Video {
        /// The first byte.
        start: u64,
        /// One past the last byte.
        end: u64,
    },
    /// The same bytes as one part of a form (`multipart/form-data`).
    VideoPart(VideoPart),
}

impl Body {
    /// Returns which bytes of the video it carries.
    #[must_use]
    pub fn stretch(&self) -> Option<Range<u64>> {
        match self {
            Self::Video { start, end } | Self::VideoPart(VideoPart { start, end, .. }) => Some(*start..*end),
            Self::Empty | Self::Json(_) | Self::Form(_) => None,
        }
    }
}

/// A request as data.
#[derive(Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The whole URL. It may be a credential, so it prints without its query.
    pub url: Url,
    /// The access token, if any.
    pub authorization: Option<Authorization>,
    /// Headers beyond authorization, content type and content length.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Body,
    /// The effect of sending it twice.
    pub effect: Effect,
    /// How long it may take if the deadline allows.
    pub timeout: Duration,
}

/// 30 s: long enough for any platform's API call, short enough for a one-minute function.
const API_TIMEOUT: Duration = Duration::from_secs(30);

impl Call {
    /// Returns a call with no body and the time limit of an API call.
    #[must_use]
    pub fn new(method: Method, url: Url, effect: Effect) -> Self {
        Self {
            method,
            url,
            authorization: None,
            headers: Vec::new(),
            body: Body::Empty,
            effect,
            timeout: API_TIMEOUT,
        }
    }

    /// Returns the same call, authorised for an account.
    #[must_use]
    pub fn bearer(self, token: &AccessToken) -> Self {
        Self { authorization: Some(Authorization::Bearer(token.clone())), ..self }
    }

    /// Returns the same call, authorised for an account at one of Meta's upload hosts.
    #[must_use]
    pub fn oauth(self, token: &AccessToken) -> Self {
        Self { authorization: Some(Authorization::OAuth(token.clone())), ..self }
    }

    /// Returns the same call with one more header. Values that no header can hold are left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl fmt::Display) -> Self {
        self.headers.extend(HeaderValue::try_from(value.to_string()).ok().map(|value| (name, value)));
        self
    }

    /// Returns the same call with more query parameters, which are never printed.
    #[must_use]
    pub fn query(mut self, parameters: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(parameters);
        self
    }

    /// Returns the same call with a body.
    #[must_use]
    pub fn body(self, body: Body) -> Self {
        Self { body, ..self }
    }

    /// Returns the same call with another time limit.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.url.host_str().unwrap_or_default(), self.url.path())
    }
}

/// Explains why no response was read, by how far the call may have got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection was made: the platform saw nothing.
    #[error("not connected")]
    NotConnected,
    /// The time ran out before the first byte was written: the platform saw nothing.
    #[error("too late to send")]
    TooLate,
    /// The video's source failed during the upload. The platform got an incomplete request, which it
    /// discards.
    #[error("the source of the video failed")]
    SourceFailed,
    /// It was sent, wholly or in part, and no complete response came in time.
    #[error("no response")]
    NoReply,
}

/// The bytes of a video that is being uploaded.
pub type VideoBytes = Pin<Box<dyn Stream<Item = Result<Bytes, SourceFailed>> + Send + Sync>>;

/// The source of a video failed midway. The code that opened it knows why.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the source of the video failed")]
pub struct SourceFailed;

/// Sends calls.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// Returns the TLS settings that all our clients use: ring, and the compiled-in roots.
///
/// # Panics
/// See [`tls_config_trusting`].
#[must_use]
pub fn tls_config() -> rustls::ClientConfig {
    tls_config_trusting(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

/// Returns the same settings with other roots.
///
/// # Panics
/// If ring does not support the protocol versions, which only a broken build can cause.
#[expect(clippy::expect_used, reason = "ring supports these versions; without TLS nothing can start")]
pub(crate) fn tls_config_trusting(roots: rustls::RootCertStore) -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

impl Http {
    /// Returns a client for the platforms' own hosts.
    ///
    /// # Panics
    /// If the TLS settings cannot be used, which only a broken build can cause.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_tls(tls_config(), clock)
    }

    /// Returns a client that trusts these authorities instead of the public ones.
    ///
    /// # Panics
    /// See [`Http::new`].
    #[must_use]
    pub fn trusting(authorities: rustls::RootCertStore, clock: Arc<dyn Clock>) -> Self {
        Self::with_tls(tls_config_trusting(authorities), clock)
    }

    #[expect(clippy::expect_used, reason = "constant settings; a process without a client is of no use")]
    fn with_tls(tls: rustls::ClientConfig, clock: Arc<dyn Clock>) -> Self {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
            .expect("constant settings");
        Self { client, clock }
    }

    /// Sends a call and reads the whole response, within the call's own time limit and the deadline. `video`
    /// is the stream for a [`Body::stretch`].
    ///
    /// The deadline is checked again when the connection is open, before the request is written. A process
    /// that was frozen in between must not send what another has taken over.
    pub async fn send(
        &self,
        call: Call,
        video: Option<VideoBytes>,
        deadline: Deadline,
    ) -> Result<Reply, SendError> {
        let left = deadline.left(self.clock.now()).min(call.timeout);
        if left.is_zero() {
            return Err(SendError::TooLate);
        }
        let written = Arc::new(AtomicBool::new(false));
        let guard = Guard { clock: Arc::clone(&self.clock), deadline, written: Arc::clone(&written) };
        // A body is requested when the connection is open, so its writing is noticed.
        let has_body = call.method != Method::GET && !matches!(call.body, Body::Empty);
        let request = self.request(call, video, guard);
        let exchange = async {
            let mut response = request.send().await.map_err(|error| classify(&error))?;
            let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|_| SendError::NoReply)? {
                if body.len() + chunk.len() > MAX_REPLY {
                    return Err(SendError::NoReply);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Reply { status, headers, body: body.into() })
        };
        match tokio::time::timeout(left, exchange).await {
            // Cut off during the sending: the platform may have seen what was written before.
            Ok(Err(SendError::TooLate)) if written.load(Ordering::Relaxed) => Err(SendError::NoReply),
            Ok(exchanged) => exchanged,
            // A connection that was never completed has carried nothing.
            Err(_) if has_body && !written.load(Ordering::Relaxed) => Err(SendError::NotConnected),
            Err(_) => Err(SendError::NoReply),
        }
    }

    fn request(&self, call: Call, video: Option<VideoBytes>, guard: Guard) -> reqwest::RequestBuilder {
        let mut request = self.client.request(call.method.clone(), call.url);
        if let Some(value) = call.authorization.as_ref().and_then(Authorization::header) {
            request = request.header(AUTHORIZATION, value);
        }
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let (content_type, length, source): (Option<Cow<'static, str>>, _, _) = match call.body {
            // A POST without a body still states its length: some platforms reject it otherwise.
            Body::Empty if call.method == Method::GET => return request,
            Body::Empty => (None, 0, Source::whole(Bytes::new())),
            Body::Json(value) => {
                let bytes = Bytes::from(value.to_string());
                (Some("application/json; charset=UTF-8".into()), length_of(&bytes), Source::whole(bytes))
            }
            Body::Form(fields) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                for (name, value) in &fields {
                    form.append_pair(name, value.expose());
                }
                let bytes = Bytes::from(form.finish());
                (Some("application/x-www-form-urlencoded".into()), length_of(&bytes), Source::whole(bytes))
            }
            Body::Video { start, end } => (None, end.saturating_sub(start), Source::Video(video)),
            Body::VideoPart(part) => {
                let (content_type, length, whole) = part.around(video);
                (Some(content_type.into()), length, Source::Video(whole))
            }
        };
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type.as_ref());
        }
        let body = GuardedBody { guard, source, left: length };
        request.header(CONTENT_LENGTH, length).body(reqwest::Body::wrap(body))
    }
}

fn length_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Returns how far the call got, from the types in the error's chain of causes.
fn classify(error: &reqwest::Error) -> SendError {
    if error.is_connect() {
        return SendError::NotConnected;
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<SourceFailed>() {
            return SendError::SourceFailed;
        }
        if error.is::<Lapsed>() {
            return SendError::TooLate;
        }
        cause = error.source();
    }
    SendError::NoReply
}

#[cfg(test)]
mod tests;
