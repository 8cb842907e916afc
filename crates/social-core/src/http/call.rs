//! A request as data.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use http::header::HeaderName;
use http::{HeaderValue, Method};
use url::Url;

use super::authorization::Authorization;
use super::part::VideoPart;
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
    pub fn video_range(&self) -> Option<Range<u64>> {
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
