//! Reads an incoming request without trusting it.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Arrival;
use super::respond::ApiError;
use crate::clock::Timestamp;
use crate::entropy::{Entropy, uuid_v7};
use crate::platform::read_json;

/// 256 KiB: hundreds of results with long captions.
const MOST_BODY: usize = 256 * 1024;

/// The functions, by their names in paths.
const FUNCTIONS: [&str; 9] = [
    "tiktok-connect",
    "tiktok-callback",
    "social-accounts-connect",
    "social-accounts-callback",
    "social-post-worker",
    "social-accounts",
    "social-posts",
    "social-health",
    "tiktok-webhook",
];

/// The headers in which browsers mark a prefetch.
const AHEAD_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const AHEAD: [&str; 3] = ["prefetch", "prerender", "preview"];

/// A request with the parts that every endpoint reads.
pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) request_id: String,
    pub(super) arrival: Arrival,
    pub(super) now: Timestamp,
    query: HashMap<String, String>,
    path: Vec<String>,
}

impl Incoming {
    pub(super) fn new(
        request: Request<Bytes>,
        arrival: Arrival,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let given = parts.headers.get("x-request-id").and_then(|id| id.to_str().ok());
        let plain = |id: &&str| {
            (1..=128).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let request_id = given.filter(plain).map_or_else(|| uuid_v7(now, entropy).to_string(), str::to_owned);
        // A rewritten request arrives with its original path, so only what follows the function's own name
        // counts.
        let segments: Vec<&str> = parts.uri.path().split('/').filter(|segment| !segment.is_empty()).collect();
        let name = segments.iter().position(|segment| FUNCTIONS.contains(segment));
        let path =
            segments.into_iter().skip(name.map_or(usize::MAX, |at| at + 1)).map(str::to_owned).collect();
        Self { method: parts.method, headers: parts.headers, body, request_id, arrival, now, query, path }
    }

    /// Returns the path after the function's name.
    pub(super) fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// Returns a query parameter, URL-decoded once.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// Returns a header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Reports whether a browser requests the page in advance: `Sec-Purpose: prefetch`, `prefetch;prerender`,
    /// and what browsers sent before that header was standardised.
    pub(super) fn is_ahead(&self) -> bool {
        let values = AHEAD_HEADERS.iter().flat_map(|name| self.headers.get_all(*name));
        let mut words =
            values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split([',', ';']));
        words.any(|word| AHEAD.iter().any(|ahead| word.trim().eq_ignore_ascii_case(ahead)))
    }

    /// Returns the token after `Bearer` (RFC 6750 §2.1).
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Returns a cookie's value.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.headers.get_all(header::COOKIE);
        let pairs =
            cookies.iter().filter_map(|header| header.to_str().ok()).flat_map(|header| header.split(';'));
        let mut pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    }

    /// Returns the body as JSON, or 400.
    pub(super) fn value(&self) -> Result<serde_json::Value, ApiError> {
        if self.body.len() > MOST_BODY {
            return Err(ApiError::new(413, "body_too_large", "The body is larger than 256 KiB."));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            ApiError::new(400, "invalid_json", format!("The body isn't valid JSON: {error}."))
        })
    }

    /// Returns the body as an object. If a field is wrong, returns 422 with its name.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let value = self.value()?;
        if !value.is_object() {
            return Err(ApiError::new(422, "invalid_body", "The body must be a JSON object."));
        }
        Ok(read_json("The body", &value)?)
    }
}

/// Returns an id in a path. A malformed id is not found.
pub(super) fn id(text: &str) -> Result<Uuid, ApiError> {
    Uuid::parse_str(text).map_err(|_| ApiError::not_found())
}
