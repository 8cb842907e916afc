//! The one client that sends calls.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};

use super::authorization::Authorization;
use super::body::{Guard, GuardedBody, Lapsed, Source};
use super::call::{Body, Call};
use super::reply::{MAX_REPLY, Reply};
use super::tls::{tls_config, tls_config_trusting};
use super::video_bytes::{SourceFailed, VideoBytes, length_of};
use crate::clock::{Clock, Deadline};

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

/// Sends calls.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
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
    /// is the stream for a [`Body::video_range`].
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
